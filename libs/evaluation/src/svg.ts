import { COLOURS } from '@graft/foundation';

type Colours = (typeof COLOURS)['light'];

/** What all pictures of the report share. */
const common = ({ card, text, muted, line }: Colours): readonly string[] => [
  `.ground{fill:${card}}`,
  `text{font:11px ui-monospace,Menlo,Consolas,monospace;fill:${text}}`,
  '.head{font-size:12px;font-weight:bold}',
  `.grid{stroke:${line}}`,
  `.frame{fill:none;stroke:${muted}}`,
];

export interface SvgParts {
  /** Class of the element and beginning of its ids: pictures of one page have different ones. */
  readonly kind: string;
  readonly width: number;
  readonly height: number;
  readonly title: string;
  /** For those who do not see the picture. */
  readonly description: string;
  /** CSS rules of this picture with a selector each, in light and in dark. */
  readonly rules: (colours: Colours) => readonly string[];
  readonly body: readonly string[];
}

/** A file of its own, without scripts or fonts. Light and dark: the viewer's setting decides, and the ground goes along with the text. */
export function svgDocument(parts: SvgParts): string {
  const ground = `<rect class="ground" width="${parts.width}" height="${parts.height}"/>`;
  return svgElement(parts, 'xmlns="http://www.w3.org/2000/svg" ', [
    `<style>\n${svgStyle(parts)}\n</style>`,
    ground,
    ...parts.body,
  ]);
}

/** For inside a page, whose style then has {@link svgStyle} as well. */
export function svgInline(parts: SvgParts): string {
  return svgElement(parts, '', parts.body);
}

/** Rules that reach no other picture. */
export function svgStyle({ kind, rules }: Pick<SvgParts, 'kind' | 'rules'>): string {
  const scoped = (colours: Colours) =>
    [...common(colours), ...rules(colours)].map((rule) => `.${kind} ${rule}`).join('\n');
  return `${scoped(COLOURS.light)}\n@media screen and (prefers-color-scheme:dark){\n${scoped(COLOURS.dark)}\n}`;
}

function svgElement(
  { kind, width, height, title, description }: SvgParts,
  namespace: string,
  content: readonly string[],
): string {
  return [
    `<svg ${namespace}class="${kind}" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="${kind}-title ${kind}-desc">`,
    `<title id="${kind}-title">${escapeXml(title)}</title>`,
    `<desc id="${kind}-desc">${escapeXml(description)}</desc>`,
    ...content,
    '</svg>\n',
  ].join('\n');
}

export function svgHeading(x: number, y: number, words: string): string {
  return `<text class="head" x="${svgNumber(x)}" y="${svgNumber(y)}">${escapeXml(words)}</text>`;
}

export function svgText(x: number, y: number, words: string, anchor: 'start' | 'middle' | 'end' = 'start'): string {
  return `<text x="${svgNumber(x)}" y="${svgNumber(y)}" text-anchor="${anchor}">${escapeXml(words)}</text>`;
}

/** Hundredths of a pixel are enough. */
export function svgNumber(value: number): string {
  return String(Number(value.toFixed(2)));
}

export function escapeXml(words: string): string {
  return (
    words
      // XML knows no control characters, however they are written.
      .replace(/[\u0000-\u001f\u007f\ufffe\uffff]/g, ' ')
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('"', '&quot;')
  );
}
