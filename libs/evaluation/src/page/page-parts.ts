import { escapeHtml, scrolling } from '@graft/foundation';
import { percent } from '../format';
import { svgInline } from '../svg';
import type { SvgParts } from '../svg';

export interface Section {
  /** For links within the page. */
  readonly id: string;
  readonly title: string;
  /** HTML. */
  readonly content: string;
}

export function section({ id, title, content }: Section): string {
  return `<section aria-labelledby="${id}">
<h2 id="${id}">${escapeHtml(title)}</h2>
${content}
</section>`;
}

/** A chart that a narrow screen scrolls instead of shrinking its words. */
export function chart(parts: SvgParts): string {
  return `<div class="panel">${scrolling(`Chart: ${parts.title}`, svgInline(parts))}</div>`;
}

export function paragraph(text: string): string {
  return `<p>${escapeHtml(text)}</p>`;
}

export function maybePercent(share: number | null): string {
  return share === null ? '–' : percent(share);
}
