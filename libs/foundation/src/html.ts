import { PAGE_STYLE } from './html-style';

/** Text for between and inside tags of a page; names of files are other people's text. */
export function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

export interface HtmlPage {
  /** Plain text; also the heading. */
  readonly title: string;
  /** A word or two over the heading: the kind of page. */
  readonly kicker?: string;
  /** CSS rules on top of those that all pages share. */
  readonly style: string;
  /** HTML below the heading, with a line end. */
  readonly body: string;
}

/**
 * A page as one file that needs nothing else: no script, no address, pictures inside. All pages have one look, in light, in
 * dark, on a phone and on paper: `html-style.ts` has its colours (`var(--text)`, `--muted`, `--good`, …) and classes.
 */
export function htmlPage({ title, kicker, style, body }: HtmlPage): string {
  const escaped = escapeHtml(title);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
<title>${escaped}</title>
<style>${PAGE_STYLE}${style}</style>
</head>
<body>
<main>
${kicker === undefined ? '' : `<p class="kicker">${escapeHtml(kicker)}</p>\n`}<h1>${escaped}</h1>
${body}</main>
</body>
</html>
`;
}

export interface HtmlTable {
  /** Plain text: what the table shows. */
  readonly caption: string;
  /** Plain text; `number` puts a column's cells to the right. */
  readonly columns: readonly (string | { readonly number: string })[];
  /** HTML; the first cell of a row is its heading. */
  readonly rows: readonly (readonly string[])[];
}

/** A table that a narrow screen scrolls by itself, with a caption and headings for those who hear it. */
export function htmlTable({ caption, columns, rows }: HtmlTable): string {
  const isNumber = columns.map((column) => typeof column !== 'string');
  const heads = columns.map((column) =>
    typeof column === 'string'
      ? `<th scope="col">${escapeHtml(column)}</th>`
      : `<th scope="col" class="number">${escapeHtml(column.number)}</th>`,
  );
  const lines = rows.map(([first = '', ...cells]) => {
    const others = cells.map((cell, index) => `<td${isNumber[index + 1] ? ' class="number"' : ''}>${cell}</td>`);
    return `<tr><th scope="row">${first}</th>${others.join('')}</tr>`;
  });
  return scrolling(
    caption,
    `<table>
${tableCaption(caption)}
<thead><tr>${heads.join('')}</tr></thead>
<tbody>
${lines.join('\n')}
</tbody>
</table>`,
  );
}

/** Stays in sight while its table is scrolled aside. */
export function tableCaption(text: string): string {
  return `<caption><span>${escapeHtml(text)}</span></caption>`;
}

/** HTML that may be wider than the screen: it scrolls in a frame of its own, also by keyboard. */
export function scrolling(label: string, content: string): string {
  return `<div class="wide" role="region" aria-label="${escapeHtml(label)}" tabindex="0">${content}</div>`;
}

/** A picture inside the page, as the `src` of an image. */
export function dataUri(type: 'image/png' | 'image/webp', bytes: Uint8Array): string {
  return `data:${type};base64,${Buffer.from(bytes).toString('base64')}`;
}
