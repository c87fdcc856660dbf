import { alignUp, checkZero, type Body, type Findings } from './finding';
import { NO_EFFECTS, type Effects, type MainUse } from './effects';

/** The u32 fields of a body after its flags, in the order of the format; offsets know where each one stands. */
interface Fields {
  readonly word: (index: number) => number;
  readonly offset: (index: number) => number;
}

interface PlainLayer {
  readonly name: string;
  /** u32 fields after the flags that every body of the kind has. */
  readonly words: number;
  /** Indices of fields that must not be zero. */
  readonly positive: readonly number[];
  /** Bytes that follow those fields. */
  readonly tail?: (fields: Fields) => number;
  /** Byte ranges of the body, from its start, that hold float32 values. */
  readonly floats?: (fields: Fields) => readonly (readonly [from: number, to: number])[];
  /** Index of a field that names an activation function: 0 none, 1 ReLU, 2 ReLU6. */
  readonly activation?: number;
  /** Index of the float32 field that scales. */
  readonly scale?: number;
  readonly effects: (fields: Fields) => Partial<Effects>;
}

const use = (fields: Fields, index: number, count: number, content: MainUse['content']): MainUse => ({
  offset: fields.offset(index),
  address: fields.word(index),
  bytes: content === 'floats' ? count * 4 : count,
  content,
});
const floats = (fields: Fields, index: number, count: number) => use(fields, index, count, 'floats');
const bytes = (fields: Fields, index: number, count: number) => use(fields, index, count, 'bytes');
const product = (fields: Fields, ...indices: number[]) => indices.reduce((all, index) => all * fields.word(index), 1);

/** in, out, channels of floats; the result may lie on the input. */
const overChannels = (name: string): PlainLayer => ({
  name,
  words: 3,
  positive: [2],
  effects: (f) => ({ reads: [floats(f, 0, f.word(2))], writes: [floats(f, 1, f.word(2))], inPlace: true }),
});

/** in, out, input shape (w, h, c), output shape (w, h, c), then kernel, stride and padding. */
const pool = (name: string, words: number, element: typeof floats, activation?: number): PlainLayer => ({
  name,
  words,
  positive: [2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
  ...(activation === undefined ? {} : { activation }),
  effects: (f) => ({
    reads: [element(f, 0, product(f, 2, 3, 4))],
    writes: [element(f, 1, product(f, 5, 6, 7))],
  }),
});

const concat = (name: string, content: MainUse['content']): PlainLayer => ({
  name,
  words: 2,
  positive: [1],
  tail: (f) => f.word(1) * 8,
  effects: (f) => {
    const reads = Array.from({ length: f.word(1) }, (_, input) => ({
      ...bytes(f, 2 + 2 * input, f.word(3 + 2 * input)),
      content,
    }));
    const size = reads.reduce((sum, read) => sum + read.bytes, 0);
    return { reads, writes: [{ ...bytes(f, 0, size), content }] };
  },
});

const resize = (name: string, element: typeof floats): PlainLayer => ({
  name,
  words: 8,
  positive: [2, 3, 4, 5, 6],
  effects: (f) => ({
    reads: [element(f, 0, product(f, 2, 3, 4))],
    writes: [element(f, 1, product(f, 5, 6, 4))],
  }),
});

/** Every layer that the run-time carries out besides the convolution; docs/formats/kmodel-v3.md, "Layers". */
export const PLAIN_LAYERS: Readonly<Record<number, PlainLayer>> = {
  1: {
    name: 'add',
    words: 4,
    positive: [3],
    effects: (f) => ({
      reads: [floats(f, 0, f.word(3)), floats(f, 1, f.word(3))],
      writes: [floats(f, 2, f.word(3))],
      inPlace: true,
    }),
  },
  2: {
    name: 'quantized add',
    words: 13,
    positive: [3],
    effects: (f) => ({
      reads: [bytes(f, 0, f.word(3)), bytes(f, 1, f.word(3))],
      writes: [bytes(f, 2, f.word(3))],
      inPlace: true,
    }),
  },
  5: {
    name: 'global average pool',
    words: 4,
    positive: [2, 3],
    effects: (f) => ({ reads: [floats(f, 0, product(f, 2, 3))], writes: [floats(f, 1, f.word(3))] }),
  },
  8: pool('quantized max pool', 14, bytes),
  9: pool('average pool', 15, floats, 14),
  11: {
    name: 'quantize',
    words: 5,
    positive: [2],
    scale: 3,
    floats: () => [[16, 24]],
    effects: (f) => ({ reads: [floats(f, 0, f.word(2))], writes: [bytes(f, 1, f.word(2))] }),
  },
  12: {
    name: 'dequantize',
    words: 5,
    positive: [2],
    scale: 3,
    floats: () => [[16, 24]],
    effects: (f) => ({ reads: [bytes(f, 0, f.word(2))], writes: [floats(f, 1, f.word(2))] }),
  },
  13: {
    name: 'requantize',
    words: 3,
    positive: [2],
    tail: () => 256,
    effects: (f) => ({ reads: [bytes(f, 0, f.word(2))], writes: [bytes(f, 1, f.word(2))], inPlace: true }),
  },
  14: overChannels('L2 normalization'),
  15: overChannels('softmax'),
  16: concat('concat', 'floats'),
  17: concat('quantized concat', 'bytes'),
  18: {
    name: 'fully connected',
    words: 5,
    positive: [2, 3],
    activation: 4,
    tail: (f) => 4 * (product(f, 2, 3) + f.word(3)),
    floats: (f) => [[24, 24 + 4 * (product(f, 2, 3) + f.word(3))]],
    effects: (f) => ({ reads: [floats(f, 0, f.word(2))], writes: [floats(f, 1, f.word(3))] }),
  },
  20: {
    name: 'flatten',
    words: 5,
    positive: [2, 3, 4],
    effects: (f) => ({ reads: [floats(f, 0, product(f, 2, 3, 4))], writes: [floats(f, 1, product(f, 2, 3, 4))] }),
  },
  22: resize('resize', floats),
  23: resize('quantized resize', bytes),
  24: {
    name: 'channelwise dequantize',
    words: 4,
    positive: [2, 3],
    tail: (f) => 8 * f.word(2),
    floats: (f) => [[20, 20 + 8 * f.word(2)]],
    effects: (f) => ({ reads: [bytes(f, 0, product(f, 2, 3))], writes: [floats(f, 1, product(f, 2, 3))] }),
  },
  25: overChannels('logistic'),
  10241: {
    name: 'add padding',
    words: 3,
    positive: [2],
    effects: (f) => ({
      reads: [bytes(f, 0, f.word(2))],
      kpuWrite: { offset: f.offset(1), line: f.word(1), channels: f.word(2), height: 4, width: 4 },
    }),
  },
  10242: {
    name: 'remove padding',
    words: 3,
    positive: [2],
    effects: (f) => ({ reads: [bytes(f, 0, 16 * f.word(2))], writes: [bytes(f, 1, f.word(2))] }),
  },
  10243: {
    name: 'upload',
    words: 5,
    positive: [2, 3, 4],
    effects: (f) => ({
      reads: [bytes(f, 0, product(f, 2, 3, 4))],
      kpuWrite: { offset: f.offset(1), line: f.word(1), width: f.word(2), height: f.word(3), channels: f.word(4) },
    }),
  },
};

/** Ids that are reserved, for which the run-time has no code. */
export const UNUSED_LAYERS: Readonly<Record<number, string>> = {
  0: 'invalid',
  3: 'global max pool',
  4: 'quantized global max pool',
  6: 'quantized global average pool',
  7: 'max pool',
  10: 'quantized average pool',
  19: 'quantized fully connected',
  21: 'quantized flatten',
};

/** Checks the body of a layer that runs on the CPU. Null: too broken to know what it does. */
export function checkPlainLayer(findings: Findings, id: number, body: Body, bodyBytes: number): Effects | null {
  const layer = PLAIN_LAYERS[id];
  const { view, start, end } = body;
  const fixed = 4 + 4 * layer.words;
  if (start + fixed > end) {
    findings.error('body-size', start, `${layer.name} takes at least ${fixed} bytes, the body has ${end - start}`);
    return null;
  }
  const offset = (index: number) => start + 4 + 4 * index;
  const fields: Fields = { word: (index) => view.getUint32(offset(index), true), offset };
  if (view.getUint32(start, true) > 1) {
    findings.error('layer-flags', start, `flags are ${view.getUint32(start, true)}; only bit 0 has a meaning`);
  }
  const size = fixed + (layer.tail?.(fields) ?? 0);
  const wanted = alignUp(start + size, 8) - start;
  findings.expect('body-size', start, `body size of ${layer.name}`, bodyBytes, wanted);
  if (start + size > end) return null;
  checkZero(findings, view, start + size, end);
  checkValues(findings, layer, fields, view, start);
  return { ...NO_EFFECTS, ...layer.effects(fields) };
}

function checkValues(findings: Findings, layer: PlainLayer, fields: Fields, view: DataView, start: number): void {
  for (const index of layer.positive) {
    if (fields.word(index) === 0) findings.error('count', fields.offset(index), `a size of ${layer.name} is 0`);
  }
  if (layer.activation !== undefined && fields.word(layer.activation) > 2) {
    const found = fields.word(layer.activation);
    findings.error('activation-code', fields.offset(layer.activation), `activation ${found} is none of 0, 1, 2`);
  }
  if (layer.scale !== undefined && !(view.getFloat32(fields.offset(layer.scale), true) > 0)) {
    findings.error('scale', fields.offset(layer.scale), `scale of ${layer.name} is not above 0`);
  }
  for (const [from, to] of layer.floats?.(fields) ?? []) {
    for (let at = start + from; at < start + to; at += 4) {
      if (!Number.isFinite(view.getFloat32(at, true))) {
        findings.error('not-finite', at, `${layer.name} holds a float that is not a finite number`);
        return;
      }
    }
  }
}
