import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { ByteError } from '@graft/foundation';
import fc from 'fast-check';

import { arbitraryKModel } from './arbitrary-kmodel';
import { readKModel } from './read';
import { writeKModel } from './write';

const tinyOwn = new Uint8Array(readFileSync(join(__dirname, '../fixtures/tiny-own/tiny-own.kmodel')));

/** Where things stand in tiny-own.kmodel; see its expected.dump.txt. */
const FIRST_BODY = 108;
const FIRST_REGISTERS = 136;

function changed(change: (view: DataView) => void): Uint8Array {
  const copy = tinyOwn.slice();
  change(new DataView(copy.buffer));
  return copy;
}

function errorOf(bytes: Uint8Array): ByteError | undefined {
  try {
    readKModel(bytes);
  } catch (error) {
    if (error instanceof ByteError) return error;
    throw error;
  }
  return undefined;
}

test('tiny-own is written again byte by byte', () => {
  expect(Buffer.compare(writeKModel(readKModel(tinyOwn)), tinyOwn)).toBe(0);
});

test('the model does not share memory with the bytes, even of a Buffer', () => {
  const buffer = Buffer.from(tinyOwn);
  const model = readKModel(buffer);
  buffer.fill(0);
  expect(model).toEqual(readKModel(tinyOwn));
});

test('the order of the blocks of a convolution does not matter', () => {
  // Weights (216 bytes) and batch norm (64 bytes) of the first layer change places.
  const swapped = changed((view) => {
    const bytes = new Uint8Array(view.buffer);
    bytes.copyWithin(384, 256, 256 + 72);
    bytes.set(tinyOwn.subarray(512, 512 + 64), 256);
    bytes.set(tinyOwn.subarray(256, 256 + 216), 384 - 64);
    bytes.fill(0, 320 + 216, 512 + 64);
    view.setUint32(FIRST_BODY + 12, 320, true);
    view.setUint32(FIRST_BODY + 16, 256, true);
  });
  expect(readKModel(swapped)).toEqual(readKModel(tinyOwn));
});

describe('a file that ends early', () => {
  // The last body, a softmax, has 16 bytes and ends at a multiple of 8, so that no padding can be missing.
  test.each(Array.from({ length: 60 }, (_, step) => Math.floor((step * tinyOwn.length) / 60)))(
    '%i bytes are refused with the byte where they end',
    (length) => {
      const error = errorOf(tinyOwn.subarray(0, length));
      expect(error).toBeInstanceOf(ByteError);
      expect(error?.offset).toBeLessThanOrEqual(length);
      expect(error?.code).toMatch(/^E35[02]$/);
    },
  );

  test('missing padding after the last layer is forgiven, a missing byte of the layer is not', () => {
    const written = writeKModel({
      weightBits: 8,
      maxStartAddress: 32768,
      mainMemoryBytes: 8,
      outputs: [],
      layers: [{ kind: 'softmax', flags: 0, input: 0, output: 0, channels: 1 }],
    });
    // The body starts at 36, ends at 52 and is padded to 56.
    expect(written).toHaveLength(56);
    for (const length of [52, 53, 54, 55]) expect(errorOf(written.subarray(0, length))).toBeUndefined();
    expect(errorOf(written.subarray(0, 51))?.code).toBe('E350');
  });
});

describe('a file that is something else', () => {
  /** Later versions begin with the letters LDMK, then the version. */
  const later = (version: number) =>
    changed((view) => {
      view.setUint32(0, 0x4b4d444c, true);
      view.setUint32(4, version, true);
    });

  test.each([4, 5, 6])('version %i is refused with E351 and named', (version) => {
    const error = errorOf(later(version));
    expect(error).toMatchObject({ code: 'E351', offset: 4 });
    expect(error?.message).toContain(`version ${version}`);
  });

  test('a later version is known by its first four bytes, even where nothing else is there', () => {
    expect(errorOf(later(4).subarray(0, 6))?.message).toContain('version 4 or later');
  });

  test.each([
    ['another version', 0, 5],
    ['another chip', 8, 1],
    ['unknown flags', 4, 3],
  ])('%s is refused with E351 at its byte', (_, offset, value) => {
    const error = errorOf(changed((view) => view.setUint32(offset, value, true)));
    expect(error).toMatchObject({ code: 'E351', offset });
  });

  test('random bytes are refused', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => expect(errorOf(bytes)).toBeInstanceOf(ByteError)),
    );
  });
});

describe('a file that contradicts itself', () => {
  const FIRST_ENTRY = 36;

  test.each([
    ['4 billion layers', 12, 0xffffffff],
    ['4 billion outputs', 24, 0xffffffff],
  ])('%s are refused with E352 at once', (_, offset, value) => {
    expect(errorOf(changed((view) => view.setUint32(offset, value, true)))?.code).toBe('E352');
  });

  test('bytes behind the last layer are refused with E352', () => {
    const longer = new Uint8Array(tinyOwn.length + 3);
    longer.set(tinyOwn);
    expect(errorOf(longer)).toMatchObject({ code: 'E352', offset: tinyOwn.length });
  });

  test('a body of another size than the table says is refused with E352', () => {
    const error = errorOf(
      changed((view) => {
        // The dequantize layer gives 8 bytes to the global average pool.
        view.setUint32(FIRST_ENTRY + 8 * 5 + 4, 32, true);
        view.setUint32(FIRST_ENTRY + 8 * 6 + 4, 16, true);
      }),
    );
    expect(error).toMatchObject({ code: 'E352', offset: 4240 });
    expect(error?.message).toContain('layer 5 (dequantize)');
  });

  test('padding that is not zero is refused with E352', () => {
    // The body ends at 52 and is padded to 56.
    const written = writeKModel({
      weightBits: 8,
      maxStartAddress: 32768,
      mainMemoryBytes: 8,
      outputs: [],
      layers: [{ kind: 'softmax', flags: 0, input: 0, output: 0, channels: 1 }],
    });
    written[54] = 1;
    expect(errorOf(written)).toMatchObject({ code: 'E352', offset: 54 });
  });

  test.each([8, 12, 16, 20])(
    'a block of a convolution outside of its body (field %i) is refused with E352',
    (field) => {
      expect(errorOf(changed((view) => view.setUint32(FIRST_BODY + field, 28, true)))?.code).toBe('E352');
      expect(errorOf(changed((view) => view.setUint32(FIRST_BODY + field, 2 ** 31, true)))?.code).toBe('E352');
    },
  );

  test.each([
    ['weights that begin inside of the registers', 12, 136 + 88],
    ['a batch norm that begins inside of the weights', 16, 256 + 8],
    ['an activation that stands where the batch norm does', 20, 512],
    ['registers that begin inside of the offsets', 8, FIRST_BODY + 16],
  ])('%s are refused with E352 or E354', (_, field, offset) => {
    expect(errorOf(changed((view) => view.setUint32(FIRST_BODY + field, offset, true)))?.code).toMatch(/^E35[24]$/);
  });

  test('two blocks that share bytes are refused with E352 where the second begins', () => {
    // The weights end at 472; the last eight are made zeros, which are an entry of the batch norm as well.
    const error = errorOf(
      changed((view) => {
        view.setBigUint64(464, 0n);
        view.setUint32(FIRST_BODY + 16, 464, true);
      }),
    );
    expect(error).toMatchObject({ code: 'E352', offset: 464 });
    expect(error?.message).toContain('batch norm entries begin before the weights have ended');
  });

  test('a byte between two blocks that is not zero is refused with E352', () => {
    expect(errorOf(changed((view) => view.setUint8(500, 1)))).toMatchObject({ code: 'E352', offset: 500 });
  });

  test('main memory that is no multiple of 8 is refused with E352', () => {
    expect(errorOf(changed((view) => view.setUint32(20, 7812, true)))).toMatchObject({ code: 'E352', offset: 20 });
  });

  test('a plane that is too large for main memory is refused with E354', () => {
    const geometry = { inputWidth: 320, inputHeight: 240, outputWidth: 320, outputHeight: 240 };
    const [first] = readKModel(tinyOwn).layers;
    if (first.kind !== 'convolution') throw new Error('tiny-own begins with a convolution');
    const registers = { ...first.registers, ...geometry, poolType: 0 };
    const bytes = writeKModel({ ...readKModel(tinyOwn), layers: [{ ...first, registers }] });
    expect(errorOf(bytes)).toBeUndefined();
    const body = 28 + 8 + 8;
    bytes[body] = 1;
    expect(errorOf(bytes)).toMatchObject({ code: 'E354', offset: 72 });
  });

  test.each([0, 3, 6, 19, 26, 10244])('layer type %i is refused with E353', (type) => {
    const error = errorOf(changed((view) => view.setUint32(FIRST_ENTRY + 8 * 5, type, true)));
    expect(error).toMatchObject({ code: 'E353', offset: 4240 });
  });

  test.each([
    ['weight loads', 5 * 8, 0x006c0003],
    ['the pool', 4 * 8, 0x800f0471],
    ['a pool that does not exist', 4 * 8, 0x800f04a1],
    ['the kernel', 4 * 8, 0x800f0452],
    ['the row layout', 7 * 8, 0xc0020020],
    ['an output width that the pool does not give', 3 * 8 + 4, 0x3c0e],
    ['a reserved bit', 6 * 8, 1],
    ['an address that the loader fills in', 4 * 8 + 4, 64],
  ])('a register block that says something else about %s is refused with E354', (_, offset, value) => {
    const error = errorOf(changed((view) => view.setUint32(FIRST_REGISTERS + offset, value, true)));
    expect(error?.code).toBe('E354');
  });

  test('reserved bits of a batch norm entry are refused with E354', () => {
    expect(errorOf(changed((view) => view.setUint8(512 + 7, 0xf0)))).toMatchObject({ code: 'E354', offset: 512 });
  });

  test('a fully connected layer with 2^64 weights is refused at once', () => {
    const error = errorOf(
      changed((view) => {
        view.setUint32(4288 + 12, 0xffffffff, true);
        view.setUint32(4288 + 16, 0xffffffff, true);
      }),
    );
    expect(error).toMatchObject({ code: 'E350' });
  });
});

test('no flipped bits lead to anything but a model or a ByteError', () => {
  fc.assert(
    fc.property(arbitraryKModel, fc.array(fc.nat(), { minLength: 1, maxLength: 4 }), (model, flips) => {
      const bytes = writeKModel(model);
      for (const flip of flips) bytes[Math.floor(flip / 8) % bytes.length] ^= 1 << (flip % 8);
      expect(errorOf(bytes)?.code ?? 'E350').toMatch(/^E35[0-4]$/);
    }),
    { numRuns: 200 },
  );
});

test('a changed tiny-own that can be read can be written again', () => {
  fc.assert(
    fc.property(fc.nat({ max: tinyOwn.length * 8 - 1 }), (flip) => {
      const bytes = tinyOwn.slice();
      bytes[flip >> 3] ^= 1 << (flip & 7);
      if (errorOf(bytes) !== undefined) return;
      expect(readKModel(writeKModel(readKModel(bytes)))).toEqual(readKModel(bytes));
    }),
    { numRuns: 300 },
  );
});
