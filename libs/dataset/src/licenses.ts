import { compareText } from './paths';
import type { PictureRecord } from './picture';

/** What is to be credited, in the words of the sources. */
export interface Credits {
  /** Markdown. */
  readonly text: string;
  readonly sources: number;
  /** Pictures whose source states no licence. */
  readonly withoutLicense: number;
}

/**
 * Who made the pictures of an experiment and under which licence: source by source, and in it one entry for each
 * licence and credit. Pictures from addresses are named, because there each may have an author of its own.
 */
export function renderCredits(experiment: string, pictures: readonly PictureRecord[]): Credits {
  const bySource = groups(pictures, ({ source }) => source);
  const parts = bySource.map(([source, own]) => `## ${source}\n\n${entriesOf(own)}`);
  return {
    text:
      [
        `# Pictures of ${experiment}`,
        `Written by \`npx nx run ${experiment}:licenses\` from what the sources in experiment.yaml state.`,
        ...parts,
      ].join('\n\n') + '\n',
    sources: bySource.length,
    withoutLicense: pictures.filter(({ license }) => license === null).length,
  };
}

function entriesOf(pictures: readonly PictureRecord[]): string {
  const entries = groups(pictures, ({ license, attribution }) => creditOf(license, attribution));
  return entries
    .flatMap(([credit, own]) => [
      `- ${credit}: ${own.length} ${own.length === 1 ? 'picture' : 'pictures'}`,
      ...named(own),
    ])
    .join('\n');
}

function creditOf(license: string | null, attribution: string | null): string {
  const stated = license ?? 'no licence stated';
  return attribution === null ? stated : `${stated}, ${attribution}`;
}

function named(pictures: readonly PictureRecord[]): string[] {
  const fromAddresses = pictures.filter(({ source }) => source.startsWith('http:'));
  return fromAddresses.map(({ path }) => `  - ${path.slice(path.indexOf('/') + 1)}`);
}

/** Sorted by key; the pictures of each keep their order. */
function groups(
  pictures: readonly PictureRecord[],
  keyOf: (picture: PictureRecord) => string,
): (readonly [key: string, pictures: readonly PictureRecord[]])[] {
  const found = new Map<string, PictureRecord[]>();
  for (const picture of pictures) {
    const key = keyOf(picture);
    found.set(key, [...(found.get(key) ?? []), picture]);
  }
  return [...found].sort(([a], [b]) => compareText(a, b));
}
