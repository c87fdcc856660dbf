import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { validateKModel, type Finding } from './validate';

const TINY = new Uint8Array(readFileSync(join(__dirname, '../fixtures/tiny-own/tiny-own.kmodel')));
const SHARED = join(__dirname, '../../../../shared/fixtures/kmodel');

const errorsOf = (bytes: Uint8Array) => validateKModel(bytes).filter((one) => one.severity === 'error');
const rulesOf = (findings: readonly Finding[]) => [...new Set(findings.map((one) => one.rule))];

describe('real files', () => {
  const reference = ['poke_model', 'mnist', 'iris'].map((name) => join(SHARED, `${name}.kmodel`));
  const there = reference.every((path) => existsSync(path));
  const testReference = there ? test : test.skip;
  const note = there ? '' : ' (skipped: the folder shared/fixtures is absent)';

  test('our own small model keeps every rule and every advice', () => {
    expect(validateKModel(TINY)).toEqual([]);
  });

  // The reference tool of 2019 takes multiplier 1024, at which simulators round halves differently …
  testReference(`a reference file has no errors; its even multipliers are warned of${note}`, () => {
    const [poke, mnist] = reference.map((path) => validateKModel(new Uint8Array(readFileSync(path))));
    expect(rulesOf(poke)).toEqual(['activation-even']);
    expect(poke).toHaveLength(30);
    expect(rulesOf(mnist)).toEqual(['activation-even']);
  });

  // … and counts padding behind the last body that it does not write.
  testReference(`the missing padding at the end of a reference file is a warning${note}`, () => {
    const iris = validateKModel(new Uint8Array(readFileSync(reference[2])));
    expect(iris.map((one) => [one.severity, one.rule, one.offset])).toEqual([['warning', 'trailing-shortfall', 436]]);
  });
});

/** File offsets in tiny-own.kmodel: five convolutions, dequantize, average pool, fully connected, softmax. */
const LAYER_TABLE = 36;
const BODY = [108, 912, 1680, 2448, 3216, 4240, 4264, 4288, 4616];
const BLOCKS = [
  { registers: 136, weights: 256, batchNorm: 512, activation: 768 },
  { registers: 936, weights: 1152, batchNorm: 1280, activation: 1536 },
  { registers: 1704, weights: 1920, batchNorm: 2048, activation: 2304 },
  { registers: 2472, weights: 2688, batchNorm: 2944, activation: 3072 },
  { registers: 3240, weights: 3456, batchNorm: 3840, activation: 4096 },
];

class Patch {
  readonly bytes = TINY.slice();
  private readonly view = new DataView(this.bytes.buffer);

  u32(offset: number, value: number): this {
    this.view.setUint32(offset, value, true);
    return this;
  }

  f32(offset: number, value: number): this {
    this.view.setFloat32(offset, value, true);
    return this;
  }

  /** A field of the 64-bit word at the offset. */
  bits(offset: number, from: number, count: number, value: number): this {
    const mask = ((1n << BigInt(count)) - 1n) << BigInt(from);
    const word = this.view.getBigUint64(offset, true);
    const field = (BigInt.asUintN(count, BigInt(value)) << BigInt(from)) & mask;
    this.view.setBigUint64(offset, (word & ~mask) | field, true);
    return this;
  }

  /** A field of a word of a layer's register block. */
  register(layer: number, word: number, from: number, count: number, value: number): this {
    return this.bits(BLOCKS[layer].registers + 8 * word, from, count, value);
  }
}
const patch = () => new Patch();

const fileRules: readonly (readonly [rule: string, layer: number | null, bytes: Uint8Array])[] = [
  ['header-cut', null, TINY.slice(0, 27)],
  ['version', null, patch().u32(0, 4).bytes],
  ['header-flags', null, patch().u32(4, 3).bytes],
  ['arch', null, patch().u32(8, 1).bytes],
  ['layer-count', null, patch().u32(12, 0).bytes],
  ['output-count', null, patch().u32(24, 0).bytes],
  ['table-cut', null, patch().u32(12, 0xffffffff).bytes],
  ['max-start', null, patch().u32(16, 64).bytes],
  ['main-usage', null, patch().u32(20, 7812).bytes],
  ['main-range', 8, patch().u32(20, 7800).bytes],
  ['output-bytes', null, patch().u32(32, 10).bytes],
  ['main-chain', null, patch().u32(32, 8).bytes],
  ['main-chain', null, patch().u32(28, 7680).bytes],
  ['layer-id', 8, patch().u32(LAYER_TABLE + 8 * 8, 26).bytes],
  ['layer-id', 6, patch().u32(LAYER_TABLE + 8 * 6, 6).bytes],
  ['first-layer', 0, patch().u32(LAYER_TABLE, 15).bytes],
  [
    'body-size',
    6,
    patch()
      .u32(LAYER_TABLE + 8 * 6 + 4, 32)
      .u32(LAYER_TABLE + 8 * 7 + 4, 320).bytes,
  ],
  ['body-alignment', 5, patch().u32(LAYER_TABLE + 8 * 5 + 4, 20).bytes],
  ['body-cut', 8, TINY.slice(0, -8)],
  ['trailing-bytes', null, new Uint8Array([...TINY, 0])],
];

const bodyRules: typeof fileRules = [
  ['block-alignment', 1, patch().u32(BODY[1] + 12, 1153).bytes],
  ['block-alignment', 1, patch().u32(BODY[1] + 16, 1288).bytes],
  ['block-alignment', 1, patch().u32(BODY[1] + 20, 1408).bytes],
  ['block-alignment', 1, patch().u32(BODY[1] + 8, 940).bytes],
  ['block-range', 1, patch().u32(BODY[1] + 8, 136).bytes],
  ['block-range', 1, patch().u32(BODY[1] + 20, 1792).bytes],
  ['block-overlap', 1, patch().u32(BODY[1] + 16, 1152).bytes],
  ['padding', 0, patch().u32(500, 1).bytes],
  ['padding', 0, patch().u32(132, 1).bytes],
  ['layer-flags', 0, patch().u32(BODY[0], 2).bytes],
  ['layer-flags', 6, patch().u32(BODY[6], 2).bytes],
  ['main-out-unused', 0, patch().u32(BODY[0] + 4, 8).bytes],
  ['main-alignment', 5, patch().u32(BODY[5] + 8, 1540).bytes],
  ['main-overlap', 5, patch().u32(BODY[5] + 8, 1528).bytes],
  ['main-chain', 6, patch().u32(BODY[6] + 4, 1528).bytes],
  ['main-chain', 6, patch().u32(BODY[6] + 12, 32).bytes],
  ['main-chain', 5, patch().u32(BODY[5] + 12, 1535).bytes],
  ['count', 6, patch().u32(BODY[6] + 12, 0).bytes],
  ['scale', 5, patch().f32(BODY[5] + 16, 0).bytes],
  ['scale', 5, patch().f32(BODY[5] + 16, Number.NaN).bytes],
  ['not-finite', 7, patch().f32(BODY[7] + 24, Number.NaN).bytes],
  ['activation-code', 7, patch().u32(BODY[7] + 20, 3).bytes],
  ['body-size', 7, patch().u32(BODY[7] + 16, 4).bytes],
];

const registerRules: typeof fileRules = [
  ['register-reserved', 1, patch().register(1, 6, 0, 64, 1).bytes],
  ['register-reserved', 1, patch().register(1, 1, 15, 1, 1).bytes],
  ['register-reserved', 1, patch().register(1, 10, 40, 1, 1).bytes],
  ['int-en', 1, patch().register(1, 0, 0, 1, 1).bytes],
  ['ram-flag', 1, patch().register(1, 0, 1, 1, 1).bytes],
  ['full-add', 1, patch().register(1, 0, 2, 1, 1).bytes],
  ['pad-type', 1, patch().register(1, 4, 3, 1, 1).bytes],
  ['first-stride', 1, patch().register(1, 4, 8, 1, 1).bytes],
  ['bypass-conv', 1, patch().register(1, 4, 9, 1, 1).bytes],
  ['load-para', 1, patch().register(1, 4, 10, 1, 0).bytes],
  ['dma-burst', 1, patch().register(1, 4, 16, 8, 16).bytes],
  ['patched-address', 1, patch().register(1, 4, 32, 32, 64).bytes],
  ['patched-address', 1, patch().register(1, 5, 32, 32, 64).bytes],
  ['patched-address', 1, patch().register(1, 7, 32, 32, 64).bytes],
  ['load-coor', 1, patch().register(1, 5, 0, 1, 0).bytes],
  ['load-act', 1, patch().register(1, 7, 31, 1, 0).bytes],
  ['coef-size', 1, patch().register(1, 7, 20, 8, 1).bytes],
  ['send-data-out', 4, patch().register(4, 11, 0, 1, 1).bytes],
  ['kernel-type', 1, patch().register(1, 4, 0, 3, 2).bytes],
  ['pool-type', 2, patch().register(2, 4, 4, 4, 10).bytes],
  ['depthwise-pooling', 1, patch().register(1, 4, 4, 4, 5).bytes],
  ['depthwise-channels', 1, patch().register(1, 2, 32, 10, 3).bytes],
  ['input-size', 4, patch().register(4, 3, 0, 10, 2).bytes],
  ['input-size', 4, patch().register(4, 3, 0, 10, 512).bytes],
  ['input-size', 4, patch().register(4, 3, 10, 9, 2).bytes],
  ['input-size', 4, patch().register(4, 3, 10, 9, 256).bytes],
  ['output-size', 2, patch().register(2, 3, 32, 10, 8).bytes],
  ['output-size', 2, patch().register(2, 3, 42, 9, 2).bytes],
  ['output-size', 2, patch().register(2, 4, 4, 4, 4).bytes],
  ['coef-channels', 2, patch().register(2, 2, 48, 10, 14).bytes],
  ['para-size', 2, patch().register(2, 5, 15, 17, 127).bytes],
  ['load-time', 2, patch().register(2, 5, 1, 6, 1).bytes],
  ['load-count', 0, patch().register(0, 2, 0, 10, 1023).register(0, 2, 32, 10, 1023).bytes],
  ['channel-switch', 0, patch().register(0, 7, 0, 15, 33).bytes],
  ['row-switch', 0, patch().register(0, 7, 16, 4, 2).bytes],
  ['coef-group', 0, patch().register(0, 7, 28, 3, 4).bytes],
  ['wb-channel-switch', 0, patch().register(0, 8, 0, 15, 17).bytes],
  ['wb-row-switch', 0, patch().register(0, 8, 16, 4, 2).bytes],
  ['wb-group', 0, patch().register(0, 8, 20, 3, 2).bytes],
  ['channel-byte-num', 0, patch().register(0, 11, 16, 16, 256).bytes],
  ['dma-total-byte', 0, patch().register(0, 11, 32, 32, 2048).bytes],
  ['kpu-range', 0, patch().register(0, 1, 0, 15, 32705).bytes],
  ['kpu-range', 1, patch().register(1, 1, 32, 15, 32737).bytes],
  ['kpu-overlap', 1, patch().register(1, 1, 32, 15, 31).bytes],
  ['kpu-chain', 1, patch().register(1, 1, 0, 15, 1).bytes],
  ['kpu-chain', 3, patch().register(3, 2, 0, 10, 14).bytes],
];

const valueRules: typeof fileRules = [
  ['bn-reserved', 0, patch().bits(BLOCKS[0].batchNorm + 8, 60, 4, 1).bytes],
  ['bn-multiplier', 0, patch().bits(BLOCKS[0].batchNorm, 0, 24, 2 ** 21).bytes],
  ['bn-multiplier', 0, patch().bits(BLOCKS[0].batchNorm, 0, 24, -(2 ** 21) - 1).bytes],
  ['activation-reserved', 0, patch().bits(BLOCKS[0].activation + 8, 60, 4, 1).bytes],
  ['activation-start', 0, patch().bits(BLOCKS[0].activation, 24, 36, -(2 ** 35) + 1).bytes],
  ['activation-order', 0, patch().bits(BLOCKS[0].activation + 40, 24, 36, -(2 ** 35)).bytes],
  ['activation-shift', 0, patch().bits(BLOCKS[0].activation + 80, 0, 8, 44).bytes],
];

describe.each([
  ['the file', fileRules],
  ['a body', bodyRules],
  ['a register block', registerRules],
  ['a table of values', valueRules],
])('one broken field in %s is found', (_, rules) => {
  test.each(rules)('%s, layer %s', (rule, layer, bytes) => {
    const found = errorsOf(bytes);
    expect(found).toContainEqual(expect.objectContaining({ rule, layer }));
    for (const { offset } of found) {
      expect(offset).toBeGreaterThanOrEqual(0);
      expect(offset).toBeLessThanOrEqual(bytes.length);
    }
  });
});

describe('advice', () => {
  const warnings = (bytes: Uint8Array) => rulesOf(validateKModel(bytes).filter((one) => one.severity === 'warning'));
  const live = BLOCKS[0].activation + 80;

  test.each([
    ['activation-even', patch().bits(live, 8, 16, 1024).bytes],
    ['activation-negative', patch().bits(live, 8, 16, -1023).bytes],
    ['activation-shift-large', patch().bits(live, 0, 8, 21).bytes],
    ['main-usage-slack', patch().u32(20, 7816).bytes],
    [
      'conv-width',
      patch()
        .register(0, 9, 4, 4, 0)
        .register(0, 10, 0, 40, 2 ** 35).bytes,
    ],
    [
      'bn-width',
      patch()
        .bits(BLOCKS[0].batchNorm, 0, 24, 2 ** 21 - 1)
        .bits(BLOCKS[0].batchNorm, 56, 4, 0).bytes,
    ],
  ])('%s is a warning', (rule, bytes) => {
    expect(warnings(bytes)).toContain(rule);
  });

  test('a jump of the activation is a warning where values can get', () => {
    const bias = (segment: number) => BLOCKS[0].activation + 128 + segment;
    const jump = patch();
    jump.bytes[bias(10)] = 7;
    expect(warnings(jump.bytes)).toEqual(['activation-jump']);
    const unreachable = patch();
    unreachable.bytes[bias(15)] = 7;
    expect(warnings(unreachable.bytes)).toEqual([]);
  });

  test('a stride that leaves a remainder is a warning', () => {
    const odd = patch().register(2, 3, 10, 9, 16).bytes;
    expect(warnings(odd)).toContain('pool-remainder');
  });
});

/** A file of layers that run on the CPU: id and the u32 words after the flags; a fraction becomes a float32. */
function plainModel(layers: readonly PlainLayer[], outputs: readonly (readonly number[])[], main: number): Uint8Array {
  const bodies = layers.map(([, words]) => [0, ...words, ...(words.length % 2 === 0 ? [0] : [])]);
  const table = layers.flatMap(([id], index) => [id, 4 * bodies[index].length]);
  const start = (7 + 2 * outputs.length + table.length) % 2;
  // The first body begins where the table ends; its padding ends at a multiple of 8 of the file.
  if (start === 1) {
    bodies[0] = layers[0][1].length % 2 === 0 ? [0, ...layers[0][1]] : [0, ...layers[0][1], 0];
    table[1] = 4 * bodies[0].length;
  }
  const words = [3, 1, 0, layers.length, LINE, main, outputs.length, ...outputs.flat(), ...table, ...bodies.flat()];
  const view = new DataView(new ArrayBuffer(4 * words.length));
  words.forEach((word, index) => {
    if (Number.isInteger(word)) view.setUint32(4 * index, word, true);
    else view.setFloat32(4 * index, word, true);
  });
  return new Uint8Array(view.buffer);
}
type PlainLayer = readonly [id: number, words: readonly number[]];

const LINE = 100;
const zeros = (count: number) => Array<number>(count).fill(0);

/** Every layer of the CPU once, each reading what an earlier one wrote. */
const EVERY: Readonly<Record<string, PlainLayer>> = {
  fullyConnected: [18, [0, 8, 1, 4, 0, 0.5, 0.5, 0.5, 0.5, ...zeros(4)]],
  logistic: [25, [8, 8, 4]],
  l2: [14, [8, 24, 4]],
  add: [1, [8, 24, 40, 4]],
  concat: [16, [56, 2, 8, 16, 40, 16]],
  flatten: [20, [56, 88, 2, 2, 2]],
  averagePool: [9, [88, 120, 2, 2, 2, 1, 1, 2, 2, 2, 2, 2, 0, 0, 0]],
  resize: [22, [120, 128, 1, 1, 2, 2, 2, 0]],
  quantize: [11, [128, 160, 8, 0.5, 0]],
  requantize: [13, [160, 168, 8, ...zeros(64)]],
  quantizedAdd: [2, [160, 168, 176, 8, ...zeros(9)]],
  quantizedConcat: [17, [184, 2, 160, 8, 176, 8]],
  maxPool: [8, [184, 200, 2, 2, 4, 1, 1, 4, 2, 2, 2, 2, 0, 0]],
  quantizedResize: [23, [200, 208, 1, 1, 4, 2, 2, 0]],
  upload: [10243, [208, LINE, 4, 4, 1]],
  addPadding: [10241, [200, LINE + 100, 4]],
  removePadding: [10242, [208, 224, 1]],
  channelwiseDequantize: [24, [200, 232, 2, 2, 0.5, 0.5, 0.5, 0.5]],
  dequantize: [12, [224, 248, 1, 0.5, 0.5]],
  softmax: [15, [232, 256, 4]],
  averageAll: [5, [232, 272, 2, 2]],
};
const OUTPUTS = [[256, 16]];
const MAIN_BYTES = 280;

describe('layers of the CPU', () => {
  const built = (changed: Readonly<Record<string, PlainLayer>> = {}) =>
    plainModel(Object.values({ ...EVERY, ...changed }), OUTPUTS, MAIN_BYTES);
  const layer = (name: string) => Object.keys(EVERY).indexOf(name);

  test('a file with every one of them is right', () => {
    expect(validateKModel(built())).toEqual([]);
  });

  test('two outputs are found where they were written', () => {
    const bytes = plainModel(Object.values(EVERY), [...OUTPUTS, [272, 8]], MAIN_BYTES);
    expect(validateKModel(bytes)).toEqual([]);
  });

  test.each<[rule: string, name: string, changed: PlainLayer]>([
    ['count', 'concat', [16, [56, 0]]],
    ['main-chain', 'concat', [16, [56, 2, 8, 16, 40, 12]]],
    ['body-size', 'concat', [16, [56, 3, 8, 16, 40, 16]]],
    ['main-chain', 'dequantize', [12, [225, 248, 1, 0.5, 0.5]]],
    ['main-alignment', 'dequantize', [12, [224, 252, 1, 0.5, 0.5]]],
    ['main-chain', 'l2', [14, [0, 24, 4]]],
    ['main-overlap', 'l2', [14, [8, 16, 4]]],
    ['main-overlap', 'flatten', [20, [56, 56, 2, 2, 2]]],
    ['main-range', 'averageAll', [5, [232, 280, 2, 2]]],
    ['kpu-range', 'upload', [10243, [208, 32765, 4, 4, 1]]],
    ['kpu-range', 'addPadding', [10241, [200, 32766, 4]]],
    ['activation-code', 'averagePool', [9, [88, 120, 2, 2, 2, 1, 1, 2, 2, 2, 2, 2, 0, 0, 3]]],
    ['count', 'averagePool', [9, [88, 120, 2, 2, 2, 1, 1, 2, 0, 2, 2, 2, 0, 0, 0]]],
    ['main-chain', 'quantize', [11, [160, 168, 8, 0.5, 0]]],
    ['body-size', 'requantize', [13, [160, 168, 8, ...zeros(60)]]],
    ['not-finite', 'channelwiseDequantize', [24, [200, 232, 2, 2, 0.5, Number.NaN, 0.5, 0.5]]],
  ])('%s in %s is found', (rule, name, changed) => {
    expect(errorsOf(built({ [name]: changed }))).toContainEqual(expect.objectContaining({ rule, layer: layer(name) }));
  });

  test('a result that was overwritten cannot be read', () => {
    const bytes = built({ maxPool: [8, [184, 160, 2, 2, 4, 1, 1, 4, 2, 2, 2, 2, 0, 0]] });
    expect(rulesOf(errorsOf(bytes))).toEqual(['main-chain']);
  });

  test.each([0, 3, 4, 6, 7, 10, 19, 21])('type %i is reserved and has no code on the board', (id) => {
    const found = errorsOf(built({ softmax: [id, [232, 256, 4]] }));
    expect(found).toEqual([expect.objectContaining({ rule: 'layer-id', layer: layer('softmax') })]);
  });
});

describe('any bytes', () => {
  /** Bits that may take either value: the place of the picture, pad value, the four arguments. */
  const free = (offset: number) => {
    const registers = offset - BLOCKS[0].registers;
    if (registers >= 8 && registers < 10) return true;
    return registers === 35 || (registers >= 72 && registers < 85);
  };

  test('a flipped bit in tables, first body or its registers is seen, unless it makes another right model', () => {
    const unseen: string[] = [];
    for (let offset = 0; offset < BLOCKS[0].registers + 96; offset++) {
      for (let bit = 0; bit < 8 && !free(offset); bit++) {
        const bytes = TINY.slice();
        bytes[offset] ^= 1 << bit;
        if (validateKModel(bytes).length === 0) unseen.push(`${offset}.${bit}`);
      }
    }
    // Four flips make another model that is right: the output is what stands before softmax; L2 normalization in place
    // of softmax; the first result also in main memory; maximum instead of left-top pixel.
    expect(unseen).toEqual(['28.4', '100.0', '108.0', '168.6']);
  });

  test('nothing throws or hangs, whatever is changed or cut', () => {
    const change = fc.tuple(fc.nat({ max: TINY.length - 1 }), fc.integer({ min: 0, max: 255 }));
    const near = fc.tuple(fc.nat({ max: 240 }), fc.integer({ min: 0, max: 255 }));
    fc.assert(
      fc.property(
        fc.array(fc.oneof(change, near), { maxLength: 12 }),
        fc.oneof(fc.constant(TINY.length), fc.nat({ max: TINY.length })),
        (changes, length) => {
          const bytes = TINY.slice();
          for (const [offset, value] of changes) bytes[offset] = value;
          expect(Array.isArray(validateKModel(bytes.subarray(0, length)))).toBe(true);
        },
      ),
      { numRuns: 500 },
    );
  });

  test('a file of nothing but tiny layers takes no more time and room than its size', () => {
    const layers = Array.from({ length: 100_000 }, (_, index): PlainLayer => [14, [16 * index, 16 * index + 8, 1]]);
    const findings = validateKModel(plainModel([EVERY['fullyConnected'], ...layers], OUTPUTS, 2 ** 24));
    expect(rulesOf(findings)).toEqual(['not-followed']);
  });

  test('a concat of as many inputs as a file can name is told of its first thousand errors', () => {
    const inputs = Array.from({ length: 200_000 }, (_, index) => [16 * index, 8]).flat();
    const layers = { ...EVERY, concat: [16, [56, inputs.length / 2, ...inputs]] as PlainLayer };
    const findings = validateKModel(plainModel(Object.values(layers), OUTPUTS, MAIN_BYTES));
    expect(findings.filter(({ severity }) => severity === 'error')).toHaveLength(1001);
    expect(findings).toContainEqual(expect.objectContaining({ rule: 'more', severity: 'error' }));
  });

  test('a cut file is an error, wherever it is cut', () => {
    fc.assert(
      fc.property(fc.nat({ max: TINY.length - 1 }), (length) => {
        expect(errorsOf(TINY.subarray(0, length)).length).toBeGreaterThan(0);
      }),
    );
  });
});
