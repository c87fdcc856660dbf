import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { gatherJpegs, pillowRows, renderPillowTable, type PillowComparison } from './bench-pillow';
import { makePhotographs } from './made-photographs';
import { Worker, type Effort } from './training-peer';

const effort = (wallSeconds: number, processorSeconds: number): Effort => ({
  ...{ wallSeconds, processorSeconds, peakBytes: 3e8 },
});

const COMPARISON: PillowComparison = {
  ...{ what: 'photographs', pictures: 90, difference: 0.394 },
  ours: [effort(1, 2), effort(2, 3), effort(1, 2)],
  theirs: {
    profiles: [effort(3, 3), effort(4, 4), effort(4, 4)],
    plain: [effort(2, 2), effort(2, 2), effort(2, 2)],
    draft: [effort(1, 1), effort(1, 1), effort(1, 1)],
  },
};

test('ratios are taken pair by pair, and only where Pillow does the same there is a goal', () => {
  // Pairs: 3/1, 4/2, 4/1 by the clock, 3/2, 4/3, 4/2 by processor time; with draft 1, 1/2, 1.
  const [same, plain, draft] = renderPillowTable([COMPARISON]).split('\n').slice(2);
  expect(same).toBe(
    '| photographs | the same | 90.0/s | 22.5/s | 3.00 | 2.00 … 4.00 | 1.50 | 3 met | 0.30 GB | 0.39 levels |',
  );
  expect(plain).toContain('| photographs | ignores profiles | 90.0/s | 45.0/s | 2.00 | 1.00 … 2.00 | 1.00 | – |');
  expect(draft).toBe(
    '| photographs | ignores profiles, `draft` | 90.0/s | 90.0/s | 1.00 | 0.50 … 1.00 | 0.50 | – | 0.30 GB | – |',
  );
  const slow = { ...COMPARISON, ours: COMPARISON.theirs.profiles };
  expect(renderPillowTable([slow])).toContain('3 missed');
});

describe('with pictures', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'graft-pillow-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const MADE = { count: 3, height: 24, width: 32 };

  test('every JPEG is gathered once, whatever it is called', async () => {
    const [first] = await makePhotographs(join(folder, 'from'), MADE);
    const copy = await sharp(first).toBuffer();
    writeFileSync(join(folder, 'from/red/again.png'), copy);
    writeFileSync(join(folder, 'from/blue/again.jpeg'), copy);
    writeFileSync(join(folder, 'from/notes.txt'), 'notes');
    writeFileSync(join(folder, 'from/a.jpg'), await sharp(first).png().toBuffer());
    await gatherJpegs(join(folder, 'from'), join(folder, 'to'));
    expect(readdirSync(join(folder, 'to'))).toHaveLength(4);
  });

  test('made photographs are the same ones whenever they are made, and no two are equal', async () => {
    await makePhotographs(join(folder, 'one'), MADE);
    await makePhotographs(join(folder, 'two'), { ...MADE, count: 1 }, 2);
    await gatherJpegs(join(folder, 'one'), join(folder, 'to'));
    await gatherJpegs(join(folder, 'two'), join(folder, 'to'));
    expect(readdirSync(join(folder, 'to'))).toHaveLength(3);
  });

  test('our side preprocesses them anew for each run', async () => {
    await makePhotographs(join(folder, 'from'), MADE);
    await gatherJpegs(join(folder, 'from'), join(folder, 'to'));
    const program = join(__dirname, 'preprocess-worker.ts');
    const loader = join(__dirname, '../../nx/load-typescript.cjs');
    const results = join(folder, 'results');
    const worker = new Worker('ours', process.execPath, ['-r', loader, program, join(folder, 'to'), '16', results]);
    await worker.ready();
    expect((await worker.run()).wallSeconds).toBeGreaterThan(0);
    expect(readdirSync(join(results, 'examples')).sort()).toEqual(['cutouts.bin', 'index.json', 'pixels.bin']);
    worker.stop();
  }, 30_000);
});

test('photographs that are not there are left out', () => {
  expect(pillowRows(join(tmpdir(), 'nobody')).map(({ what }) => what)).toEqual(['60 made, 1600 × 1200']);
});
