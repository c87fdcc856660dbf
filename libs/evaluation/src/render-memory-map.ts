import type { MemoryOverLayers, PlacedBlock } from '@graft/compiler';

import { escapeXml, svgDocument, svgHeading, svgNumber, svgText } from './svg';
import type { SvgParts } from './svg';

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
const LABEL_PIXELS_A_LETTER = 6.8;
const LONGEST_LABEL = 30;

interface Panel {
  readonly top: number;
  readonly height: number;
  /** Lines or bytes from top to bottom. */
  readonly range: number;
  readonly columnWidth: number;
  readonly describe: (block: PlacedBlock) => string;
}

/** Both memories over the layers as an SVG: time goes right, addresses go down. Equal plans give equal text. */
export function renderMemoryMap(memory: MemoryOverLayers): string {
  return svgDocument(memoryChart(memory));
}

export function memoryChart(memory: MemoryOverLayers): SvgParts {
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
  return {
    kind: 'memory-map',
    width,
    height,
    title: 'Memory over layers',
    description: describeMemory(memory),
    rules: ({ first, second, third }) => [
      'rect{stroke-width:.75}',
      ...Object.entries({ even: first, odd: second, main: third }).map(
        ([name, colour]) => `.${name}{fill:${colour};fill-opacity:.3;stroke:${colour}}`,
      ),
    ],
    body: [
      svgHeading(LEFT, 20, 'KPU RAM over layers'),
      svgText(LEFT, 38, 'each map from the layer that writes it to the one that reads it, in turns of colour'),
      ...frame(kpu, width, layers.length, kibibytes(memory.kpuLines * memory.lineBytes)),
      ...memory.kpuMaps.map((map, index) => box(map, kpu, index % 2 === 0 ? 'even' : 'odd')),
      svgHeading(LEFT, main.top - 12, 'Main memory that the model asks for'),
      ...frame(main, width, layers.length, kibibytes(memory.mainBytes)),
      ...memory.mainBuffers.map((buffer) => box(buffer, main, 'main')),
      ...layers.map((name, index) => layerLabel(name, LEFT + (index + 0.5) * columnWidth, bottom + 8)),
    ],
  };
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
    svgText(LEFT - 6, top + 8, '0', 'end'),
    svgText(LEFT - 6, top + height, end, 'end'),
  ];
}

function box(block: PlacedBlock, { top, height, range, columnWidth, describe }: Panel, style: string): string {
  const x = LEFT + block.firstLayer * columnWidth + 1;
  const width = (block.lastLayer - block.firstLayer + 1) * columnWidth - 2;
  const exact = (block.size / range) * height;
  const tall = Math.max(LEAST_BOX, exact);
  // A box that is drawn taller than it is stays inside the frame.
  const y = Math.min(top + (block.start / range) * height, top + height - tall);
  const title = `<title>${escapeXml(`${block.name}: ${describe(block)}`)}</title>`;
  return `<rect class="${style}" x="${svgNumber(x)}" y="${svgNumber(y)}" width="${svgNumber(width)}" height="${svgNumber(tall)}">${title}</rect>`;
}

function layerLabel(name: string, x: number, y: number): string {
  const at = `${svgNumber(x + 3)} ${svgNumber(y)}`;
  return `<text transform="translate(${at}) rotate(90)">${escapeXml(short(name))}<title>${escapeXml(name)}</title></text>`;
}

/** Both ends of a long name tell it from others. */
function short(name: string): string {
  const letters = [...name];
  if (letters.length <= LONGEST_LABEL) return name;
  const half = (LONGEST_LABEL - 2) / 2;
  return `${letters.slice(0, half).join('')}…${letters.slice(-half).join('')}`;
}

function kibibytes(bytes: number): string {
  return bytes < KIBIBYTE ? `${bytes} B` : `${svgNumber(bytes / KIBIBYTE)} KiB`;
}
