import { join } from 'node:path';
import { GREY_PICTURE, runMaixPy, type MaixPyBoard, type MaixPyRun } from '@graft/testkit';
import fc from 'fast-check';
import { renderScript, type ScriptOptions } from './render-script';

const OPTIONS: ScriptOptions = {
  classes: ['charizard', 'pikachu'],
  imageSize: { width: 224, height: 224 },
  model: '/sd/pokedex.kmodel',
  modelSha256: 'ab'.repeat(32),
  kmodelVersion: 3,
  modelMemoryBytes: 1_200_000,
  loaders: 'MaixPy full, MaixPy minimum',
  flash: { threshold: 0.6, screenRotation: 2, camera: { vflip: true, hmirror: false }, gcHeapBytes: 0 },
  selfTest: false,
};

const BOARD: Partial<MaixPyBoard> = {
  files: { '/sd/pokedex.kmodel': Uint8Array.of(3, 0, 0, 0, 0, 0, 0, 0) },
  pictures: [GREY_PICTURE, GREY_PICTURE],
  scores: [
    [0.1, 0.9],
    [0.55, 0.45],
  ],
};

const SIMULATED_KPU = join(__dirname, '../../fixtures/simulated-kpu.cjs');

const runOnBoard = (options: ScriptOptions, board: Partial<MaixPyBoard> = {}): MaixPyRun =>
  runMaixPy(renderScript(options), { ...BOARD, ...board });

const callsTo = (run: MaixPyRun, name: string) =>
  run.calls.filter(([called]) => called === name).map(([, ...rest]) => rest);

describe('on a board', () => {
  const run = runOnBoard(OPTIONS);

  test('each picture gives a line with index, score and label', () => {
    expect(run.lines.slice(1)).toEqual(['1 0.9000 pikachu', '0 0.5500 charizard']);
  });

  test('the screen shows the label, or a question mark below the threshold', () => {
    const texts = callsTo(run, 'image.draw_string').map(([text]) => text);
    expect(texts).toEqual(['pikachu', '90 %  12.5 fps', '?', '55 %  12.5 fps']);
    expect(callsTo(run, 'lcd.display')).toEqual([['224x224'], ['224x224']]);
  });

  test('camera and screen stand as the experiment says, with a picture of exactly the size of the input', () => {
    expect(callsTo(run, 'lcd.rotation')).toEqual([['2']]);
    expect(callsTo(run, 'sensor.set_vflip')).toEqual([['1']]);
    expect(callsTo(run, 'sensor.set_hmirror')).toEqual([['0']]);
    expect(callsTo(run, 'sensor.set_windowing')).toEqual([['(224, 224)']]);
    expect(callsTo(run, 'KPU.forward')).toEqual([['224x224'], ['224x224']]);
    expect(callsTo(run, 'image.resize')).toEqual([]);
  });

  test('an interrupt frees the model', () => {
    expect(run.raised).toBe('KeyboardInterrupt');
    expect(run.calls.at(-1)).toEqual(['KPU.deinit']);
  });

  test('kmodel v3 needs no output shape', () => {
    expect(callsTo(run, 'KPU.set_outputs')).toEqual([]);
  });
});

describe('below the threshold', () => {
  const shownAt = (threshold: number, ...scores: readonly number[]) => {
    const answers = scores.map((score) => [score, 1 - score]);
    const pictures = scores.map(() => GREY_PICTURE);
    const run = runOnBoard({ ...OPTIONS, flash: { ...OPTIONS.flash, threshold } }, { pictures, scores: answers });
    return callsTo(run, 'image.draw_string').flatMap(([text], at) => (at % 2 === 0 ? [text] : []));
  };

  test('the answer is none of these; a score that equals the threshold is enough', () =>
    expect(shownAt(0.75, 0.7499, 0.75, 0.9)).toEqual(['?', 'charizard', 'charizard']));

  test('a threshold of 0 refuses nothing, one above 1 everything', () => {
    expect(shownAt(0, 0.5, 1)).toEqual(['charizard', 'charizard']);
    expect(shownAt(1.5, 0.5, 1)).toEqual(['?', '?']);
  });
});

test('labels print right, whatever they hold', () => {
  const classes = ['say "hi"', "it's", 'back\\slash \\n', 'ピカチュウ', 'Flabébé', '🐭⚡', '100 % {x}', '#"""\'\'\''];
  const scores = classes.map((_, index) => classes.map((__, other) => (other === index ? 0.93 : 0.01)));
  const run = runOnBoard({ ...OPTIONS, classes }, { pictures: classes.map(() => GREY_PICTURE), scores });
  expect(run.lines.slice(1)).toEqual(classes.map((label, index) => `${index} 0.9300 ${label}`));
});

test('a model in flash is loaded by its address, without waiting for a card', () => {
  const run = runOnBoard({ ...OPTIONS, model: 0x300000 }, { cardTries: 99 });
  expect(callsTo(run, 'KPU.load')).toEqual([['3145728', 'int']]);
  expect(callsTo(run, 'time.sleep_ms')).toEqual([]);
});

test('kmodel v4 gets its output shape before the first picture', () => {
  const names = runOnBoard({ ...OPTIONS, kmodelVersion: 4 }).calls.map(([name]) => name);
  expect(names.indexOf('KPU.set_outputs')).toBeGreaterThan(names.indexOf('KPU.load'));
  expect(names.indexOf('KPU.set_outputs')).toBeLessThan(names.indexOf('KPU.forward'));
});

test('a picture that a camera window cannot give is resized and its planes made', () => {
  const run = runOnBoard({ ...OPTIONS, imageSize: { width: 320, height: 256 } });
  expect(callsTo(run, 'sensor.set_windowing')).toEqual([]);
  expect(callsTo(run, 'image.resize')[0]).toEqual(['320', '256']);
  expect(callsTo(run, 'KPU.forward')[0]).toEqual(['320x256']);
});

/** The sentence is on the line and, broken between words, on the screen; nothing else is left for people to read. */
function expectTold(run: MaixPyRun, sentence: RegExp): void {
  const [text] = run.lines.flatMap((line) => (line.startsWith('stopped: ') ? [line.slice('stopped: '.length)] : []));
  expect(text).toMatch(sentence);
  const drawn = callsTo(run, 'lcd.draw_string').map(([, , line]) => line);
  expect(drawn.join(' ')).toBe(text);
  for (const line of drawn) expect(line.length).toBeLessThanOrEqual(38);
  expect(callsTo(run, 'lcd.clear')).toEqual([['red']]);
  expect(run.raised).toBeNull();
}

describe('waiting for the card', () => {
  test('a card that comes late is waited for', () => {
    const run = runOnBoard(OPTIONS, { cardTries: 7 });
    expect(callsTo(run, 'time.sleep_ms')).toEqual(Array(7).fill(['100']));
    expect(callsTo(run, 'KPU.forward')).toHaveLength(2);
  });

  test('a card that never comes is told on screen and line after three seconds', () => {
    const run = runOnBoard(OPTIONS, { cardTries: 99 });
    expect(callsTo(run, 'time.sleep_ms')).toHaveLength(30);
    expectTold(run, /^No model at \/sd\/pokedex\.kmodel\. Is the card in.* FAT32 .*press RESET\.$/);
  });
});

describe('the heap of the interpreter', () => {
  const noted = { ...BOARD.files, '/flash/gc_heap_asked.txt': Buffer.from('262144') };
  const asking = { ...OPTIONS, flash: { ...OPTIONS.flash, gcHeapBytes: 262144 } };

  test('another size is stored and the board restarts', () => {
    const run = runOnBoard(asking);
    expect(callsTo(run, 'utils.gc_heap_size')).toEqual([['262144']]);
    expect(run.calls.at(-1)).toEqual(['machine.reset']);
    expect(run.note).toBe('262144');
  });

  test('after the restart the program runs and forgets that it asked', () => {
    const run = runOnBoard(asking, { gcHeapBytes: 262144, files: noted });
    expect(callsTo(run, 'machine.reset')).toEqual([]);
    expect(callsTo(run, 'KPU.forward')).toHaveLength(2);
    expect(run.note).toBeNull();
  });

  test('a firmware that does not take the size is not restarted again', () => {
    const run = runOnBoard(asking, { files: noted });
    expect(callsTo(run, 'machine.reset')).toEqual([]);
    expect(run.lines[0]).toBe('gc heap stays at 524288');
    expect(callsTo(run, 'KPU.forward')).toHaveLength(2);
  });

  test('without a place for the note the heap is left alone', () => {
    const run = runOnBoard(asking, { flash: false });
    expect(callsTo(run, 'utils.gc_heap_size')).toEqual([]);
    expect(callsTo(run, 'KPU.forward')).toHaveLength(2);
  });
});

describe('what goes wrong is told with what helps, without a traceback', () => {
  const withoutTraceback = (options: ScriptOptions, board: Partial<MaixPyBoard>, sentence: RegExp): void => {
    const run = runOnBoard(options, { scores: null, ...board });
    expectTold(run, sentence);
    expect(run.lines.join('\n')).not.toContain('Traceback');
  };
  const card = (content: Uint8Array) => ({ files: { '/sd/pokedex.kmodel': content } });
  const inChip = { ...OPTIONS, model: 0x300000 };
  const model = Uint8Array.from({ length: 2000 }, (_, index) => (index === 0 ? 3 : 0));

  test('no camera', () =>
    withoutTraceback(OPTIONS, { fails: 'camera' }, /^No camera answers \(Reset Failed\)\..* cable/));

  test('too little memory for the model', () =>
    withoutTraceback(
      OPTIONS,
      { ...card(model), freeBytes: 1500 },
      /^Not enough memory: the model takes 1171 KiB, 1 KiB are free\..*'minimum'.*gc_heap.*alpha/,
    ));

  test('a firmware that does not load the version of the model', () =>
    withoutTraceback(
      OPTIONS,
      { ...card(model), kmodelVersions: [] },
      /^This firmware does not load kmodel v3\. Write a build .* MaixPy full, MaixPy minimum\.$/,
    ));

  test('a version 4, which begins with a word', () =>
    withoutTraceback(
      { ...OPTIONS, kmodelVersion: 4 },
      card(Buffer.from('LDMK\x04\0\0\0')),
      /^This firmware does not load kmodel v4\./,
    ));

  test.each([
    ['an erased flash chip', inChip, { chip: null }, '0x300000'],
    ['another file on the card', OPTIONS, card(Buffer.from('<!doctype html>')), '/sd/pokedex.kmodel'],
    ['an empty file', OPTIONS, card(new Uint8Array()), '/sd/pokedex.kmodel'],
  ])('%s in the place of the model', (_, options, board, place) =>
    withoutTraceback(options, board, new RegExp(`^What lies at ${place} is no kmodel v3\\. Write the model`)),
  );

  test('a model that is damaged behind its head', () =>
    withoutTraceback(
      OPTIONS,
      { ...card(model), kpu: SIMULATED_KPU },
      /^The model at \/sd\/pokedex\.kmodel cannot be loaded \(.*2003.*\)\. Write it/,
    ));

  test('too little memory for a picture, which is the heap of the interpreter', () => {
    const larger = { ...OPTIONS, imageSize: { width: 320, height: 256 } };
    const told = /^Not enough memory for a picture: \d+ KiB are left .*flash\.gc_heap.*image_size\.$/;
    withoutTraceback(larger, { scores: BOARD.scores, gcHeapBytes: 300_000 }, told);
  });

  test('a firmware that is no MaixPy', () =>
    withoutTraceback(OPTIONS, { lacks: ['KPU'] }, /^This firmware cannot run the script \(no module named 'KPU'\)\./));

  test('a board without a screen says it on the line', () => {
    const run = runOnBoard(OPTIONS, { fails: 'screen' });
    expect(run.lines.join('\n')).toMatch(/stopped: Something unexpected \(OSError: no screen\)\. Press RESET/);
    expect(run.raised).toBeNull();
  });
});

test('the script is plain ASCII and keeps to the Python of the board, for any labels', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'grapheme', minLength: 1 }), { minLength: 1, maxLength: 4 }), (classes) => {
      const script = renderScript({ ...OPTIONS, classes });
      expect(script).toMatch(/^[\n\x20-\x7e]*$/);
      expect(script.split('\n').length).toBe(renderScript(OPTIONS).split('\n').length + classes.length - 2);
    }),
  );
  expect(renderScript(OPTIONS)).not.toMatch(/:=|\bf["']/);
});
