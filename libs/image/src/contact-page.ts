import { escapeHtml, htmlPage } from '@graft/foundation';
import sharp from 'sharp';
import type { ContactSheet } from './contact-sheet';

/** The sheet as one HTML file that needs nothing else: no script, no address, the pictures (lossless PNG) inside. */
export async function renderContactPage(sheet: ContactSheet): Promise<string> {
  const sections: string[] = [];
  for (const each of sheet.classes) sections.push(await section(each, sheet));
  return htmlPage({ title: sheet.title, style: STYLE, body: `${sections.join('\n')}\n` });
}

async function section({ label, rows }: ContactSheet['classes'][number], sheet: ContactSheet): Promise<string> {
  const heads = sheet.columns.map((text) => `<th scope="col">${escapeHtml(text)}</th>`);
  const lines: string[] = [];
  for (const { name, cells } of rows) {
    const images: string[] = [];
    for (const [column, cell] of cells.entries())
      images.push(await image(cell, `${name}, ${sheet.columns[column]}`, sheet));
    lines.push(`<tr><th scope="row">${escapeHtml(name)}</th>${images.map((each) => `<td>${each}</td>`).join('')}</tr>`);
  }
  return `<section>
<h2>${escapeHtml(label)}</h2>
<div class="wide"><table>
<thead><tr><th scope="col">picture</th>${heads.join('')}</tr></thead>
<tbody>
${lines.join('\n')}
</tbody>
</table></div>
</section>`;
}

async function image(cell: Uint8Array, text: string, { size }: ContactSheet): Promise<string> {
  const { height, width } = size;
  const png = await sharp(cell, { raw: { height, width, channels: 3 } })
    .png()
    .toBuffer();
  return `<img alt="${escapeHtml(text)}" height="${height}" width="${width}" src="data:image/png;base64,${png.toString('base64')}">`;
}

const STYLE = `
:root { color-scheme: light dark; --text: #1a1a1a; --ground: #ffffff; --line: #c8c8c8; }
@media (prefers-color-scheme: dark) { :root { --text: #ececec; --ground: #16181b; --line: #4a4f57; } }
body { margin: 0; background: var(--ground); color: var(--text); font: 16px/1.5 system-ui, sans-serif; }
main { padding: 1.5rem; }
h2 { margin-top: 2rem; border-top: 1px solid var(--line); padding-top: 1rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: 0.8rem; }
th { text-align: left; font-weight: normal; padding: 0 0.5rem 0.25rem 0; }
th[scope='row'] { max-width: 12rem; overflow-wrap: anywhere; vertical-align: top; }
td { padding: 0 0.25rem 0.25rem 0; }
img { display: block; image-rendering: pixelated; }
`;
