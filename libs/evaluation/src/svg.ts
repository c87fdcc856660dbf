/** What all pictures of the report share. Light and dark: the viewer's setting decides, and the ground goes along with the text. */
const SVG_STYLE = {
  light: [
    '.ground{fill:#fff}',
    'text{font:10px ui-monospace,Menlo,Consolas,monospace;fill:#1f2328}',
    '.head{font-size:12px;font-weight:bold}',
    '.grid{stroke:#8c959f;stroke-opacity:.35}',
    '.frame{fill:none;stroke:#59636e}',
  ],
  dark: '.ground{fill:#0d1117}text{fill:#e6edf3}.frame{stroke:#9198a1}',
} as const;

export interface SvgParts {
  readonly width: number;
  readonly height: number;
  readonly title: string;
  /** For those who do not see the picture. */
  readonly description: string;
  /** Rules of this picture, in light and in dark. */
  readonly light: readonly string[];
  readonly dark: string;
  readonly body: readonly string[];
}

/** An SVG without scripts or fonts of its own. */
export function svgDocument({ width, height, title, description, light, dark, body }: SvgParts): string {
  const style = [...SVG_STYLE.light, ...light, `@media (prefers-color-scheme:dark){${SVG_STYLE.dark}${dark}}`].join(
    '\n',
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="title desc">`,
    `<title id="title">${escapeXml(title)}</title>`,
    `<desc id="desc">${escapeXml(description)}</desc>`,
    `<style>\n${style}\n</style>`,
    `<rect class="ground" width="${width}" height="${height}"/>`,
    ...body,
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
