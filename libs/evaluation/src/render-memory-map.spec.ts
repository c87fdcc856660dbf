import fc from 'fast-check';

import { describeMemory, renderMemoryMap } from './render-memory-map';

const block = (name: string, start: number, size: number, firstLayer: number, lastLayer: number) => ({
  name,
  start,
  size,
  firstLayer,
  lastLayer,
});

const MEMORY = {
  layers: ['conv1', 'conv_pw_1', 'conv_pw_1 (real values)', 'softmax'],
  kpuLines: 32768,
  lineBytes: 64,
  kpuMaps: [block('picture', 0, 64, 0, 0), block('conv1', 32736, 32, 0, 1), block('conv_pw_1', 0, 1, 1, 1)],
  mainBytes: 1280,
  mainBuffers: [block('conv_pw_1', 0, 256, 1, 2), block('real', 256, 1024, 2, 3), block('softmax', 0, 8, 3, 3)],
};

type Box = Readonly<Record<'x' | 'y' | 'width' | 'height', number>>;

/** Boxes of one style, from the text. */
function boxes(svg: string, style: string): Box[] {
  const numbers = '"(-?[\\d.]+)"';
  const pattern = `<rect class="${style}" x=${numbers} y=${numbers} width=${numbers} height=${numbers}>`;
  return [...svg.matchAll(new RegExp(pattern, 'g'))].map(([, x, y, width, height]) => ({
    x: Number(x),
    y: Number(y),
    width: Number(width),
    height: Number(height),
  }));
}

const frames = (svg: string): Box[] => boxes(svg.replaceAll(/(class="frame"[^>]*)\/>/g, '$1>'), 'frame');

test('every map and buffer is a box with its name, place and size', () => {
  const svg = renderMemoryMap(MEMORY);
  expect(boxes(svg, 'even')).toHaveLength(2);
  expect(boxes(svg, 'odd')).toHaveLength(1);
  expect(boxes(svg, 'main')).toHaveLength(3);
  expect(svg).toContain('<title>conv1: lines 32736 to 32767 (2 KiB)</title>');
  expect(svg).toContain('<title>real: bytes 256 to 1279 (1 KiB)</title>');
});

test('a map that outlives a layer is wider than one that does not, and a map of one line can be seen', () => {
  const svg = renderMemoryMap(MEMORY);
  const [[picture, last], [first]] = [boxes(svg, 'even'), boxes(svg, 'odd')];
  expect(first.width).toBeGreaterThan(2 * picture.width);
  expect(last.height).toBeGreaterThanOrEqual(2);
});

test('the picture describes itself, and follows the colours of the viewer', () => {
  const svg = renderMemoryMap(MEMORY);
  expect(svg).toContain('role="img" aria-labelledby="memory-map-title memory-map-desc"');
  expect(svg).toContain('<title id="memory-map-title">Memory over layers</title>');
  expect(svg).toContain(`<desc id="memory-map-desc">${describeMemory(MEMORY)}</desc>`);
  expect(svg).toContain('@media screen and (prefers-color-scheme:dark)');
  expect(describeMemory(MEMORY)).toBe(
    '4 layers. KPU RAM is fullest at conv1: 6 KiB, 0 % of it. Main memory: 1.25 KiB.',
  );
});

test('a long name keeps both ends, and is whole in its tooltip', () => {
  const name = 'a_very_long_name_of_a_layer_that_ends_in_seven_7';
  const svg = renderMemoryMap({ ...MEMORY, layers: [name, ...MEMORY.layers.slice(1)] });
  expect(svg).toContain(`a_very_long_na…ds_in_seven_7<title>${name}</title>`.replace('…ds', '…nds'));
});

test('whatever the plan and the names: boxes stay in their frames, and the text is XML', () => {
  const placed = (layers: number, range: number) =>
    fc
      .tuple(fc.string({ unit: 'grapheme' }), fc.nat(range - 1), fc.nat(range), fc.nat(layers - 1), fc.nat(layers - 1))
      .map(([name, start, size, a, b]) =>
        block(name, start, Math.max(1, Math.min(size, range - start)), Math.min(a, b), Math.max(a, b)),
      );
  const memories = fc.array(fc.string({ unit: 'binary' }), { minLength: 1, maxLength: 60 }).chain((layers) =>
    fc.record({
      layers: fc.constant(layers),
      kpuLines: fc.constant(32768),
      lineBytes: fc.constant(64),
      kpuMaps: fc.array(placed(layers.length, 32768), { minLength: 1, maxLength: 60 }),
      mainBytes: fc.constant(100_000),
      mainBuffers: fc.array(placed(layers.length, 100_000), { maxLength: 8 }),
    }),
  );
  fc.assert(
    fc.property(memories, (memory) => {
      const svg = renderMemoryMap(memory);
      expect(svg).toBe(renderMemoryMap(memory));
      const [kpu, main] = frames(svg);
      const inside = (frame: Box) => (box: Box) =>
        box.x >= frame.x &&
        box.y >= frame.y - 0.01 &&
        box.x + box.width <= frame.x + frame.width &&
        box.y + box.height <= frame.y + frame.height + 0.02;
      expect([...boxes(svg, 'even'), ...boxes(svg, 'odd')].every(inside(kpu))).toBe(true);
      expect(boxes(svg, 'main').every(inside(main))).toBe(true);
      expect(isXml(svg)).toBe(true);
    }),
    { numRuns: 50 },
  );
});

/** Every tag is closed by its own end, and nothing outside the tags needs escaping. */
function isXml(text: string): boolean {
  const open: string[] = [];
  const rest = text.replaceAll(/<(\/?)(\w+)(?: [\w:-]+="[^"<&]*")*(\/?)>/g, (_, end, name, empty) => {
    if (end === '/') return open.pop() === name ? '' : '<';
    if (empty !== '/') open.push(name);
    return '';
  });
  return (
    open.length === 0 &&
    !/[<>\u0000-\u0008\u000b\u000c\u000e-\u001f]/.test(rest) &&
    !/&(?!(amp|lt|gt|quot);)/.test(rest)
  );
}
