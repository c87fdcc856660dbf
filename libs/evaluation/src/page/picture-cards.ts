import { dataUri, escapeHtml } from '@graft/foundation';
import { percent } from '../format';
import type { Example } from '../metrics';

/** One card a picture: what the network saw, what it shows, and both answers with how sure they are. */
export function pictureCards(examples: readonly Example[], thumbnails: ReadonlyMap<string, Uint8Array>): string {
  const cards = examples.map(
    (example) => `<figure class="card">
${picture(thumbnails.get(example.id), example)}
<figcaption>
<p class="truth">shows <strong>${escapeHtml(example.truth)}</strong></p>
<dl>
${answer('chip', example.deviceAnswer, example.deviceConfidence, example.truth)}
${answer('float', example.floatAnswer, example.floatConfidence, example.truth)}
</dl>
<p class="muted path">${escapeHtml(example.path)}</p>
</figcaption>
</figure>`,
  );
  return `<div class="pictures">
${cards.join('\n')}
</div>`;
}

function picture(bytes: Uint8Array | undefined, { path }: Example): string {
  if (bytes === undefined) return '<div class="blank">no picture</div>';
  return `<img loading="lazy" alt="${escapeHtml(path)}" src="${dataUri('image/webp', bytes)}">`;
}

function answer(who: string, name: string, confidence: number, truth: string): string {
  const isRight = name === truth;
  const verdict = isRight ? '<span class="good">✓ right</span>' : '<span class="bad">✗ wrong</span>';
  return `<div><dt>${who}</dt><dd>${escapeHtml(name)} <span class="share">${percent(confidence)}</span> ${verdict}</dd></div>`;
}

export const PICTURES_STYLE = `
.pictures { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fill, minmax(min(100%, 13rem), 1fr)); margin: 1rem 0; }
figure.card { overflow: hidden; display: flex; flex-direction: column; }
figure.card img, .blank { width: 100%; aspect-ratio: 1; display: block; object-fit: contain; background: var(--ground); border-bottom: 1px solid var(--line); }
.blank { display: grid; place-items: center; color: var(--muted); }
figure.card figcaption { margin: 0; padding: 0.75rem 0.9rem; }
figure.card p { margin: 0 0 0.35rem; }
figure.card dl { margin: 0 0 0.5rem; display: grid; gap: 0.15rem; }
figure.card dl > div { display: grid; grid-template-columns: 2.6rem 1fr; gap: 0.4rem; }
figure.card dt { color: var(--muted); }
figure.card dd { margin: 0; }
.share { font-variant-numeric: tabular-nums; white-space: nowrap; }
.path { font-size: 0.72rem; }
@media print { .pictures { grid-template-columns: repeat(4, 1fr); } }
`;
