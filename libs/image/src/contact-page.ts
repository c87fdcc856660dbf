import { dataUri, escapeHtml, htmlPage, htmlTable } from '@graft/foundation';
import sharp from 'sharp';
import type { ContactSheet } from './contact-sheet';

/** The sheet as one HTML file that needs nothing else: no script, no address, the pictures (lossless PNG) inside. */
export async function renderContactPage(sheet: ContactSheet): Promise<string> {
  const sections: string[] = [];
  for (const each of sheet.classes) sections.push(await section(each, sheet));
  return htmlPage({
    kicker: 'Graft · contact sheet',
    title: sheet.title,
    style: STYLE,
    body: `${sections.join('\n')}\n`,
  });
}

async function section({ label, rows }: ContactSheet['classes'][number], sheet: ContactSheet): Promise<string> {
  const lines: string[][] = [];
  for (const { name, cells } of rows) {
    const images: string[] = [];
    for (const [column, cell] of cells.entries())
      images.push(await image(cell, `${name}, ${sheet.columns[column]}`, sheet));
    lines.push([escapeHtml(name), ...images]);
  }
  const caption = `${label}: what the network gets of each picture`;
  return `<section>
<h2>${escapeHtml(label)}</h2>
${htmlTable({ caption, columns: ['picture', ...sheet.columns], rows: lines })}
</section>`;
}

async function image(cell: Uint8Array, text: string, { size }: ContactSheet): Promise<string> {
  const { height, width } = size;
  const png = await sharp(cell, { raw: { height, width, channels: 3 } })
    .png()
    .toBuffer();
  return `<img alt="${escapeHtml(text)}" height="${height}" width="${width}" src="${dataUri('image/png', png)}">`;
}

const STYLE = `
main { max-width: none; }
tbody th { max-width: 12rem; min-width: 6rem; }
td { padding: 0.25rem 0.25rem 0.25rem 0; }
img { display: block; max-width: none; image-rendering: pixelated; border-radius: 4px; }
`;
