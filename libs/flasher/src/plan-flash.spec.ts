import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { DiagnosticsError, sha256, type Diagnostic } from '@graft/foundation';
import { DEVICES, type DeviceProfile } from '@graft/k210';
import type { FlashOptions } from './flash-plan';
import { planFlash } from './plan-flash';
import { renderPlan } from './render-plan';
import { NO_KIT, type SelfTestKit } from './self-test/kit';

/** Takes 3×32×32, answers with three values, 7808 bytes of main memory. */
const KMODEL = new Uint8Array(readFileSync(join(__dirname, '../fixtures/tiny-own.kmodel')));

const OPTIONS: FlashOptions = {
  name: 'Pokédex 2',
  classes: ['charizard', 'pikachu', 'eevee'],
  imageSize: { height: 32, width: 32 },
  resize: 'crop',
  normalize: { scale: 1 / 127.5, offset: -1 },
  kmodel: KMODEL,
  provenance: '{"experiment": "pokedex"}\n',
  flash: {
    engine: 'dry-run',
    modelFrom: 'sd',
    address: 0x300000,
    threshold: 0.5,
    screenRotation: 0,
    camera: { vflip: false, hmirror: false },
    gcHeapBytes: 0,
    allowFilesystem: false,
  },
  device: DEVICES['maix-bit'],
  firmware: 'full',
  selfTest: NO_KIT,
};
const withFlash = (flash: Partial<FlashOptions['flash']>): FlashOptions => ({
  ...OPTIONS,
  flash: { ...OPTIONS.flash, ...flash },
});

const codesOf = (options: FlashOptions): string[] => problemsOf(options).map(({ code }) => code);

function problemsOf(options: FlashOptions): readonly Diagnostic[] {
  try {
    planFlash(options);
  } catch (error) {
    if (error instanceof DiagnosticsError) return error.diagnostics;
    throw error;
  }
  return [];
}

function patched(offset: number, ...bytes: number[]): Uint8Array {
  const copy = KMODEL.slice();
  copy.set(bytes, offset);
  return copy;
}

/** Enough for the rules; what it shows does not matter here. */
const KIT: SelfTestKit = {
  tolerance: 0.001,
  pictures: [{ name: 'golden-0.bmp', bitmap: Uint8Array.of(66, 77), expected: [0.5, 0.25, 0.25] }],
};

/** The sixth word of the file. */
function withMainMemory(bytes: number): Uint8Array {
  const copy = KMODEL.slice();
  new DataView(copy.buffer).setUint32(20, bytes, true);
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
      'provenance.json',
      'SHA256SUMS',
    ]);
    expect(file('pokedex-2.kmodel')).toEqual(KMODEL);
    expect(text('provenance.json')).toBe(OPTIONS.provenance);
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

  /** What each build loads, as it stands in the documents of its makers. */
  test.each([
    ['full', 3, true],
    ['full', 4, true],
    ['full', 5, false],
    ['minimum', 3, true],
    ['minimum', 4, false],
    ['minimum', 5, false],
    ['minimum-v4', 3, true],
    ['minimum-v4', 4, true],
    ['minimum-v4', 5, false],
  ])('firmware %s and kmodel v%i: %j', (firmware, version, loads) => {
    const kmodel = version === 3 ? KMODEL : version4();
    if (version === 5) kmodel[4] = 5;
    expect(codesOf({ ...OPTIONS, kmodel, firmware })).toEqual(loads ? [] : ['E401']);
  });

  test('the table above has every build of every board', () => {
    for (const { firmware } of Object.values(DEVICES))
      expect(Object.keys(firmware)).toEqual(['full', 'minimum', 'minimum-v4']);
  });

  test.each([
    ['minimum', 4, 'write another build to the board and set target.firmware: full or minimum-v4'],
    ['full', 5, 'no MaixPy loads v5: make the model anew, with export.kmodel.version: 3'],
  ])('on firmware %s, version %i comes with what helps', (firmware, version, hint) => {
    const kmodel = version4();
    kmodel[4] = version;
    expect(problemsOf({ ...OPTIONS, kmodel, firmware })).toMatchObject([{ code: 'E401', hint }]);
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

describe('a self-test', () => {
  const { card } = planFlash({ ...OPTIONS, selfTest: KIT });
  const text = (name: string) => String(Buffer.from(card.find((one) => one.name === name)?.bytes ?? []));

  test('brings its pictures and what is expected of them to the card, and the script can run it', () => {
    expect(card.map(({ name }) => name)).toEqual([
      'golden-0.bmp',
      'labels.txt',
      'main.py',
      'model.json',
      'pokedex-2.kmodel',
      'provenance.json',
      'self-test.txt',
      'SHA256SUMS',
    ]);
    expect(text('self-test.txt')).toBe(
      `${KMODEL.length} ${crc32(KMODEL)} 0.001\ngolden-0.bmp 0.500000 0.250000 0.250000\n`,
    );
    expect(text('main.py')).toContain('def self_test(folder):');
  });

  test('that is not asked for leaves no trace', () => {
    const plain = planFlash(OPTIONS).card;
    expect(plain.map(({ name }) => name)).not.toContain('self-test.txt');
    expect(String(Buffer.from(plain.find(({ name }) => name === 'main.py')?.bytes ?? []))).not.toContain(
      'def self_test',
    );
  });

  test.each([
    ['isp', /--sendScript/],
    ['kflash', /--sendScript/],
    ['kfpkg', /^copy the files of the card folder/],
  ] as const)('stays here with the engine %s, which the plan says with what to do (W432)', (engine, hint) => {
    const warnings = (selfTest: SelfTestKit) =>
      planFlash({ ...withFlash({ engine, modelFrom: 'flash' }), selfTest, imageSize: { height: 32, width: 32 } })
        .warnings;
    expect(warnings(KIT)).toMatchObject([{ code: 'W432', hint: expect.stringMatching(hint) as unknown }]);
    expect(warnings(NO_KIT)).toEqual([]);
  });

  test('needs a heap that holds a picture', () => {
    const warnings = (selfTest: SelfTestKit, gcHeapBytes: number) =>
      planFlash({ ...withFlash({ gcHeapBytes }), selfTest, imageSize: { height: 32, width: 32 } }).warnings;
    expect(warnings(KIT, 128 * 1024)).toEqual([]);
    const large = { ...withFlash({ gcHeapBytes: 128 * 1024 }), ...largePicture() };
    expect(planFlash({ ...large, selfTest: KIT }).warnings).toMatchObject([{ code: 'W420' }]);
    expect(planFlash({ ...large, selfTest: NO_KIT }).warnings).toEqual([]);
    expect(
      planFlash({ ...large, ...withFlash({ gcHeapBytes: 0 }), ...largePicture(), selfTest: KIT }).warnings,
    ).toEqual([]);
  });
});

/** The model with another width and height of its first picture, as far as its head tells. */
function largePicture(): Pick<FlashOptions, 'kmodel' | 'imageSize'> {
  const kmodel = KMODEL.slice();
  const view = new DataView(kmodel.buffer);
  const table = 28 + view.getUint32(24, true) * 8;
  const registers = view.getUint32(table + view.getUint32(12, true) * 8 + 8, true);
  view.setUint32(registers + 24, (223 << 10) | 223, true);
  return { kmodel, imageSize: { height: 224, width: 224 } };
}

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

  /** What a build leaves for model and main memory beside camera and screen, with the heap that it ships with. */
  test.each([
    ['full', 1.8],
    ['minimum', 3.6],
    ['minimum-v4', 3.3],
  ])('firmware %s leaves %f MiB', (firmware, mebibytes) => {
    const free = mebibytes * 1024 * 1024 - KMODEL.length;
    const warnings = (mainMemoryBytes: number) =>
      planFlash({ ...OPTIONS, firmware, kmodel: withMainMemory(mainMemoryBytes) }).warnings;
    expect(warnings(Math.floor(free) - 1)).toEqual([]);
    expect(warnings(Math.ceil(free) + 1)).toMatchObject([{ code: 'W410' }]);
  });

  test.each([
    ['full', 2_500_000, 'it fits target.firmware: minimum; or take a gc_heap of 256 KiB'],
    ['minimum', 5_000_000, 'take a gc_heap of 256 KiB, a smaller model.alpha'],
  ])('a model that is too large for firmware %s comes with what helps', (firmware, bytes, hint) => {
    const { warnings } = planFlash({ ...OPTIONS, firmware, kmodel: withMainMemory(bytes) });
    expect(warnings).toMatchObject([{ code: 'W410', hint: expect.stringContaining(hint) as unknown }]);
  });

  test('a smaller heap of the interpreter leaves more, a larger one less', () => {
    expect(codes(tight(needed - 256 * 1024), 256 * 1024)).toEqual([]);
    expect(codes(tight(needed + 512 * 1024 - 1), 1024 * 1024)).toEqual(['W410']);
  });
});
