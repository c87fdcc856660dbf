import type { MemoryOverLayers, PlacedBlock } from '@graft/compiler';

const KIBIBYTE = 1024;

/** Pixels. */
const LEFT = 76;
const RIGHT = 16;
const TOP = 58;
const KPU_HEIGHT = 256;
const MAIN_HEIGHT = 128;
/** Between the two panels, with the heading of the lower one. */
const GAP = 44;
const LEAST_WIDTH = 600;
/** A map of a few lines is still seen. */
const LEAST_BOX = 2;
const LABEL_PIXELS_A_LETTER = 6.2;
const LONGEST_LABEL = 30;

/** Light and dark: the viewer's setting decides, also where the picture stands in a page as an image. */
const STYLE = [
  'text{font:10px ui-monospace,Menlo,Consolas,monospace;fill:#1f2328}',
  '.head{font-size:12px;font-weight:bold}',
  '.grid{stroke:#8c959f;stroke-opacity:.35}',
  '.frame{fill:none;stroke:#59636e}',
  'rect{stroke-width:.75}',
  '.even{fill:#a5d0ff;stroke:#0550ae}',
  '.odd{fill:#ffd8a8;stroke:#953800}',
  '.main{fill:#aceebb;stroke:#116329}',
  '@media (prefers-color-scheme:dark){text{fill:#e6edf3}.frame{stroke:#9198a1}' +
    '.even{fill:#0c3a75;stroke:#79c0ff}.odd{fill:#6b3206;stroke:#ffa657}.main{fill:#0d4a22;stroke:#56d364}}',
].join('\n');

interface Panel {
  readonly top: number;
  readonly height: number;
  /** Lines or bytes from top to bottom. */
  readonly range: number;
  readonly columnWidth: number;
  readonly describe: (block: PlacedBlock) => string;
}

/**
 * Both memories over the layers as an SVG without scripts or fonts of its own: time goes right, addresses go down. Equal
 * plans give equal text.
 */
export function renderMemoryMap(memory: MemoryOverLayers): string {
  const { layers } = memory;
  const columnWidth = Math.max(20, Math.ceil((LEAST_WIDTH - LEFT - RIGHT) / layers.length));
  const width = LEFT + columnWidth * layers.length + RIGHT;
  const kpu: Panel = {
    top: TOP,
    height: KPU_HEIGHT,
    range: memory.kpuLines,
    columnWidth,
    describe: ({ start, size }) => `lines ${start} to ${start + size - 1} (${kibibytes(size * memory.lineBytes)})`,
  };
  const main: Panel = {
    top: TOP + KPU_HEIGHT + GAP,
    height: MAIN_HEIGHT,
    range: memory.mainBytes,
    columnWidth,
    describe: ({ start, size }) => `bytes ${start} to ${start + size - 1} (${kibibytes(size)})`,
  };
  const bottom = main.top + main.height;
  const letters = Math.max(...layers.map((name) => short(name).length));
  const height = Math.ceil(bottom + 20 + letters * LABEL_PIXELS_A_LETTER);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="title desc">`,
    '<title id="title">Memory over layers</title>',
    `<desc id="desc">${escape(describeMemory(memory))}</desc>`,
    `<style>\n${STYLE}\n</style>`,
    heading(20, 'KPU RAM over layers'),
    text(LEFT, 38, 'each map from the layer that writes it to the one that reads it, in turns of colour'),
    ...frame(kpu, width, layers.length, kibibytes(memory.kpuLines * memory.lineBytes)),
    ...memory.kpuMaps.map((map, index) => box(map, kpu, index % 2 === 0 ? 'even' : 'odd')),
    heading(main.top - 12, 'Main memory that the model asks for'),
    ...frame(main, width, layers.length, kibibytes(memory.mainBytes)),
    ...memory.mainBuffers.map((buffer) => box(buffer, main, 'main')),
    ...layers.map((name, index) => layerLabel(name, LEFT + (index + 0.5) * columnWidth, bottom + 8)),
    '</svg>\n',
  ].join('\n');
}

/** In a sentence or two, for those who do not see the picture. */
export function describeMemory({ layers, kpuMaps, kpuLines, lineBytes, mainBytes }: MemoryOverLayers): string {
  const used = layers.map((_, layer) =>
    kpuMaps
      .filter(({ firstLayer, lastLayer }) => firstLayer <= layer && layer <= lastLayer)
      .reduce((sum, { size }) => sum + size, 0),
  );
  const most = Math.max(...used);
  const share = ((100 * most) / kpuLines).toFixed(0);
  return (
    `${layers.length} ${layers.length === 1 ? 'layer' : 'layers'}. KPU RAM is fullest at ${layers[used.indexOf(most)]}: ` +
    `${kibibytes(most * lineBytes)}, ${share} % of it. Main memory: ${kibibytes(mainBytes)}.`
  );
}

function frame({ top, height, columnWidth }: Panel, width: number, columns: number, end: string): string[] {
  const right = width - RIGHT;
  const lines = Array.from({ length: columns - 1 }, (_, index) => LEFT + (index + 1) * columnWidth);
  return [
    ...lines.map((x) => `<line class="grid" x1="${x}" y1="${top}" x2="${x}" y2="${top + height}"/>`),
    `<rect class="frame" x="${LEFT}" y="${top}" width="${right - LEFT}" height="${height}"/>`,
    text(LEFT - 6, top + 8, '0', 'end'),
    text(LEFT - 6, top + height, end, 'end'),
  ];
}

function box(block: PlacedBlock, { top, height, range, columnWidth, describe }: Panel, style: string): string {
  const x = LEFT + block.firstLayer * columnWidth + 1;
  const width = (block.lastLayer - block.firstLayer + 1) * columnWidth - 2;
  const exact = (block.size / range) * height;
  const tall = Math.max(LEAST_BOX, exact);
  // A box that is drawn taller than it is stays inside the frame.
  const y = Math.min(top + (block.start / range) * height, top + height - tall);
  const title = `<title>${escape(`${block.name}: ${describe(block)}`)}</title>`;
  return `<rect class="${style}" x="${number(x)}" y="${number(y)}" width="${number(width)}" height="${number(tall)}">${title}</rect>`;
}

function layerLabel(name: string, x: number, y: number): string {
  const at = `${number(x + 3)} ${number(y)}`;
  return `<text transform="translate(${at}) rotate(90)">${escape(short(name))}<title>${escape(name)}</title></text>`;
}

function heading(y: number, words: string): string {
  return `<text class="head" x="${LEFT}" y="${y}">${escape(words)}</text>`;
}

function text(x: number, y: number, words: string, anchor: 'start' | 'end' = 'start'): string {
  return `<text x="${x}" y="${y}" text-anchor="${anchor}">${escape(words)}</text>`;
}

/** Both ends of a long name tell it from others. */
function short(name: string): string {
  const letters = [...name];
  if (letters.length <= LONGEST_LABEL) return name;
  const half = (LONGEST_LABEL - 2) / 2;
  return `${letters.slice(0, half).join('')}…${letters.slice(-half).join('')}`;
}

function kibibytes(bytes: number): string {
  return bytes < KIBIBYTE ? `${bytes} B` : `${number(bytes / KIBIBYTE)} KiB`;
}

function number(value: number): string {
  return String(Number(value.toFixed(2)));
}

function escape(words: string): string {
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
