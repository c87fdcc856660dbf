import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DiagnosticsError, sha256 } from '@graft/foundation';
import { DEVICES, type DeviceProfile } from '@graft/k210';
import type { FlashOptions } from './flash-plan';
import { planFlash } from './plan-flash';
import { renderPlan } from './render-plan';

/** Takes 3×32×32, answers with three values, 7808 bytes of main memory. */
const KMODEL = new Uint8Array(readFileSync(join(__dirname, '../fixtures/tiny-own.kmodel')));

const OPTIONS: FlashOptions = {
  name: 'Pokédex 2',
  classes: ['charizard', 'pikachu', 'eevee'],
  imageSize: { height: 32, width: 32 },
  resize: 'crop',
  normalize: { scale: 1 / 127.5, offset: -1 },
  kmodel: KMODEL,
  flash: {
    engine: 'dry-run',
    modelFrom: 'sd',
    address: 0x300000,
    threshold: 0.5,
    screenRotation: 0,
    camera: { vflip: false, hmirror: false },
    gcHeapBytes: 0,
  },
  device: DEVICES['maix-bit'],
  firmware: 'full',
};
const withFlash = (flash: Partial<FlashOptions['flash']>): FlashOptions => ({
  ...OPTIONS,
  flash: { ...OPTIONS.flash, ...flash },
});

function codesOf(options: FlashOptions): string[] {
  try {
    planFlash(options);
  } catch (error) {
    if (error instanceof DiagnosticsError) return error.diagnostics.map((one) => one.code);
    throw error;
  }
  return [];
}

function patched(offset: number, ...bytes: number[]): Uint8Array {
  const copy = KMODEL.slice();
  copy.set(bytes, offset);
  return copy;
}

/** A kmodel v4 with one input of 3×32×32 and one output of three floats, as far as its head goes. */
function version4(): Uint8Array {
  const words = [0x4b4d444c, 4, 0, 1, 0, 9000, 5, 1, 1, 0, 1, 1, 0, 3072, 1, 3, 32, 32, 1, 0, 0, 12];
  return new Uint8Array(Uint32Array.from(words).buffer);
}

describe('a plan', () => {
  const plan = planFlash(OPTIONS);
  const file = (name: string) => plan.card.find((one) => one.name === name)?.bytes ?? new Uint8Array();
  const text = (name: string) => new TextDecoder().decode(file(name));

  test('the card holds script, model, labels, description and digests', () => {
    expect(plan.card.map((one) => one.name)).toEqual([
      'labels.txt',
      'main.py',
      'model.json',
      'pokedex-2.kmodel',
      'SHA256SUMS',
    ]);
    expect(file('pokedex-2.kmodel')).toEqual(KMODEL);
    expect(text('labels.txt')).toBe('charizard\npikachu\neevee\n');
  });

  test('the script loads the file that is on the card', () => {
    expect(plan.model).toBe('/sd/pokedex-2.kmodel');
    expect(text('main.py')).toContain('MODEL = "/sd/pokedex-2.kmodel"\n');
  });

  test('the digests are those of the files, in the form that sha256sum reads', () => {
    const wanted = plan.card.slice(0, -1).map(({ name, bytes }) => `${sha256(bytes)}  ${name}\n`);
    expect(text('SHA256SUMS')).toBe(wanted.join(''));
  });

  test('model.json describes the input so that another program can feed it', () => {
    expect(JSON.parse(text('model.json'))).toMatchObject({
      kmodel: { file: 'pokedex-2.kmodel', version: 3, bytes: KMODEL.length, sha256: sha256(KMODEL) },
      labels: OPTIONS.classes,
      input: { width: 32, height: 32, normalization: { foldedIntoModel: true, offset: -1 }, resize: 'crop' },
    });
  });

  test('memory is counted and there is nothing to warn of', () => {
    expect(plan.memory).toMatchObject({ kmodelBytes: 4632, mainMemoryBytes: 7808, fits: true });
    expect(plan.warnings).toEqual([]);
    expect(plan.regions).toEqual([]);
  });

  test('equal options give an equal plan, to the byte', () => {
    expect(planFlash({ ...OPTIONS, kmodel: KMODEL.slice() })).toEqual(plan);
    expect(renderPlan(planFlash(OPTIONS))).toBe(renderPlan(plan));
  });
});

describe('a model from flash', () => {
  const plan = planFlash(withFlash({ modelFrom: 'flash' }));

  test('is loaded by address and takes whole sectors', () => {
    expect(plan.model).toBe(0x300000);
    expect(JSON.parse(renderPlan(plan))).toMatchObject({
      script: { loads: '0x300000' },
      flash: [{ name: 'pokedex-2.kmodel', address: '0x300000', bytes: 4632, endAddress: '0x302000' }],
    });
  });

  test('is not written by the card engine, which says so', () => {
    expect(plan.warnings).toEqual([]);
    const card = planFlash(withFlash({ engine: 'sd', modelFrom: 'flash' }));
    expect(card.warnings.map((one) => one.code)).toEqual(['W411']);
  });

  test('at a wrong address is refused; on a card the address does not matter', () => {
    expect(codesOf(withFlash({ modelFrom: 'flash', address: 0x300001 }))).toEqual(['E405']);
    expect(codesOf(withFlash({ modelFrom: 'flash', address: 0xd00000 }))).toEqual(['E406']);
    expect(codesOf(withFlash({ modelFrom: 'sd', address: 0xd00001 }))).toEqual([]);
  });

  test('in the firmware area comes with a warning', () => {
    const low = planFlash(withFlash({ modelFrom: 'flash', address: 0x200000 }));
    expect(low.warnings.map((one) => one.code)).toEqual(['W412']);
  });
});

describe('a kmodel that cannot work', () => {
  test('a version that the firmware does not load is E401', () => {
    expect(codesOf({ ...OPTIONS, kmodel: version4(), firmware: 'minimum' })).toEqual(['E401']);
    expect(planFlash({ ...OPTIONS, kmodel: version4() })).toMatchObject({
      kmodelVersion: 4,
      memory: { mainMemoryBytes: 9000 },
    });
  });

  test('version 5 is refused by every firmware', () => {
    const kmodel = version4();
    kmodel[4] = 5;
    expect(codesOf({ ...OPTIONS, kmodel })).toEqual(['E401']);
  });

  test.each([
    ['nothing', new Uint8Array()],
    ['a web page', new TextEncoder().encode('<!doctype html><title>404</title>')],
    ['a cut file', KMODEL.slice(0, 130)],
    ['a register block far outside', patched(116, 255, 255, 255, 255)],
  ])('%s is E402', (_, kmodel) => {
    expect(codesOf({ ...OPTIONS, kmodel })).toEqual(['E402']);
  });

  test('another number of classes is E403, another picture E404', () => {
    expect(codesOf({ ...OPTIONS, classes: ['a', 'b'] })).toEqual(['E403']);
    expect(codesOf({ ...OPTIONS, imageSize: { height: 32, width: 64 } })).toEqual(['E404']);
    // A first layer that is not a convolution takes no picture.
    expect(codesOf({ ...OPTIONS, kmodel: patched(36, 12, 0) })).toEqual(['E404']);
  });
});

test.each([1, 128 * 1024 - 1024, 1024 * 1024 + 1024, 200_001])('a heap of %i bytes is E408', (gcHeapBytes) => {
  expect(codesOf(withFlash({ gcHeapBytes }))).toEqual(['E408']);
});

test.each(['', ' ', 'two\nlines', 'bell\u0007', 'half \ud83d emoji'])('the class name %j is E409', (name) => {
  expect(codesOf({ ...OPTIONS, classes: ['a', name, 'b'] })).toEqual(['E409']);
});

test('an unknown firmware is E410', () => {
  expect(codesOf({ ...OPTIONS, firmware: 'maximum' })).toEqual(['E410']);
});

test('all problems are told at once', () => {
  const bad = { ...withFlash({ gcHeapBytes: 5, modelFrom: 'flash', address: 1 }), classes: ['a', ''] };
  expect(codesOf(bad).sort()).toEqual(['E403', 'E405', 'E408', 'E409']);
});

describe('the memory rule', () => {
  const tight = (freeBytes: number): DeviceProfile => ({
    ...DEVICES['maix-bit'],
    reservedBytes: 1000,
    firmware: { full: { name: 'MaixPy full', kmodelVersions: [3], freeBytes } },
  });
  const needed = 4632 + 7808 + 1000;
  const codes = (device: DeviceProfile, gcHeapBytes: number) =>
    planFlash({ ...withFlash({ gcHeapBytes }), device }).warnings.map((one) => one.code);

  test('model, main memory and buffers fit to the byte', () => {
    expect(codes(tight(needed), 0)).toEqual([]);
    expect(codes(tight(needed - 1), 0)).toEqual(['W410']);
  });

  test('a smaller heap of the interpreter leaves more, a larger one less', () => {
    expect(codes(tight(needed - 256 * 1024), 256 * 1024)).toEqual([]);
    expect(codes(tight(needed + 512 * 1024 - 1), 1024 * 1024)).toEqual(['W410']);
  });
});
