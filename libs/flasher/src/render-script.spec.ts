import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import fc from 'fast-check';
import { renderScript, type ScriptOptions } from './render-script';

const OPTIONS: ScriptOptions = {
  classes: ['charizard', 'pikachu'],
  imageSize: { width: 224, height: 224 },
  model: '/sd/pokedex.kmodel',
  modelSha256: 'ab'.repeat(32),
  kmodelVersion: 3,
  flash: { threshold: 0.6, screenRotation: 2, camera: { vflip: true, hmirror: false }, gcHeapBytes: 0 },
};

interface Board {
  readonly frames: number;
  /** One list of scores a picture, from the start again after the last. */
  readonly scores: readonly (readonly number[])[];
  /** What the firmware says its heap is, whether there is a /flash, and what an earlier start noted there. */
  readonly heap: { readonly size: number; readonly flash: boolean; readonly note: string | null };
  readonly missingModelTries: number;
  readonly fail: 'camera' | 'load' | null;
}

interface Run {
  readonly lines: readonly string[];
  readonly calls: readonly (readonly string[])[];
  /** Content of the heap note after the run. */
  readonly note: string | null;
  readonly raised: string | null;
}

const BOARD: Board = {
  frames: 2,
  scores: [
    [0.1, 0.9],
    [0.55, 0.45],
  ],
  heap: { size: 524288, flash: true, note: null },
  missingModelTries: 0,
  fail: null,
};

/** MicroPython is an ES module and keeps its state in globals: each run gets a process of its own. */
function runOnBoard(options: ScriptOptions, board: Partial<Board> = {}): Run {
  const program = join(__dirname, '../fixtures/run-on-board.mjs');
  const input = JSON.stringify({ script: renderScript(options), ...BOARD, ...board });
  const { stdout, stderr, status } = spawnSync(process.execPath, [program], { input, encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as Run;
}

const callsTo = (run: Run, name: string) => run.calls.filter(([called]) => called === name).map(([, ...rest]) => rest);

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

test('labels print right, whatever they hold', () => {
  const classes = ['say "hi"', "it's", 'back\\slash \\n', 'ピカチュウ', 'Flabébé', '🐭⚡', '100 % {x}', '#"""\'\'\''];
  const scores = classes.map((_, index) => classes.map((__, other) => (other === index ? 0.93 : 0.01)));
  const run = runOnBoard({ ...OPTIONS, classes }, { frames: classes.length, scores });
  expect(run.lines.slice(1)).toEqual(classes.map((label, index) => `${index} 0.9300 ${label}`));
});

test('a model in flash is loaded by its address, without waiting for a card', () => {
  const run = runOnBoard({ ...OPTIONS, model: 0x300000 }, { missingModelTries: 99 });
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

describe('waiting for the card', () => {
  test('a card that comes late is waited for', () => {
    const run = runOnBoard(OPTIONS, { missingModelTries: 7 });
    expect(callsTo(run, 'time.sleep_ms')).toEqual(Array(7).fill(['100']));
    expect(callsTo(run, 'KPU.forward')).toHaveLength(2);
  });

  test('a card that never comes is told on screen and line after three seconds', () => {
    const run = runOnBoard(OPTIONS, { missingModelTries: 99 });
    expect(callsTo(run, 'time.sleep_ms')).toHaveLength(30);
    expect(run.lines.join('\n')).toContain('OSError: no model at /sd/pokedex.kmodel');
    expect(callsTo(run, 'lcd.draw_string')[0]).toContain('no model at /sd/pokedex.kmodel');
    expect(run.raised).toBeNull();
  });
});

test.each(['camera', 'load'] as const)('a failing %s is told on screen and line', (fail) => {
  const run = runOnBoard(OPTIONS, { fail });
  const [, , text] = callsTo(run, 'lcd.draw_string')[0];
  expect(text.length).toBeLessThanOrEqual(38);
  expect(run.lines.join('\n')).toContain(text);
  expect(callsTo(run, 'lcd.clear')).toEqual([['red']]);
});

describe('the heap of the interpreter', () => {
  const asking = { ...OPTIONS, flash: { ...OPTIONS.flash, gcHeapBytes: 262144 } };

  test('another size is stored and the board restarts', () => {
    const run = runOnBoard(asking);
    expect(callsTo(run, 'utils.gc_heap_size')).toEqual([['262144']]);
    expect(run.calls.at(-1)).toEqual(['machine.reset']);
    expect(run.note).toBe('262144');
  });

  test('after the restart the program runs and forgets that it asked', () => {
    const run = runOnBoard(asking, { heap: { size: 262144, flash: true, note: '262144' } });
    expect(callsTo(run, 'machine.reset')).toEqual([]);
    expect(callsTo(run, 'KPU.forward')).toHaveLength(2);
    expect(run.note).toBeNull();
  });

  test('a firmware that does not take the size is not restarted again', () => {
    const run = runOnBoard(asking, { heap: { size: 524288, flash: true, note: '262144' } });
    expect(callsTo(run, 'machine.reset')).toEqual([]);
    expect(run.lines[0]).toBe('gc heap stays at 524288');
    expect(callsTo(run, 'KPU.forward')).toHaveLength(2);
  });

  test('without a place for the note the heap is left alone', () => {
    const run = runOnBoard(asking, { heap: { size: 524288, flash: false, note: null } });
    expect(callsTo(run, 'utils.gc_heap_size')).toEqual([]);
    expect(callsTo(run, 'KPU.forward')).toHaveLength(2);
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
