import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silent } from '@graft/foundation';
import { deliverPlan } from './deliver-plan';
import { describePlan } from './describe-plan';
import type { FlashOptions } from './flash-plan';
import type { PlanFile } from './render-plan';
import { systemSerial } from './serial/serial-access';
import { prepareTiny } from './testing/tiny-plan.fixture';

let planFolder: string;
let card: string;

beforeEach(async () => {
  planFolder = await mkdtemp(join(tmpdir(), 'graft-deliver-'));
  card = join(planFolder, 'card');
  await mkdir(card);
});
afterEach(() => rm(planFolder, { recursive: true, force: true }));

const prepare = (section: Partial<FlashOptions['flash']>): Promise<void> => prepareTiny(planFolder, section);

const deliver = (folder?: string, announce: (plan: PlanFile) => void = () => undefined) =>
  deliverPlan(
    {
      planFolder,
      wish: { card: folder, ...(folder !== undefined && { cardFilesystem: 'any' as const }) },
      serial: systemSerial,
      report: silent,
    },
    announce,
  );

test('a dry run announces the plan and touches nothing', async () => {
  await prepare({ engine: 'dry-run' });
  const before = await readdir(planFolder);
  const plans: PlanFile[] = [];
  expect(await deliver(undefined, (plan) => plans.push(plan))).toEqual([expect.stringMatching(/nothing was written/)]);
  expect(plans).toMatchObject([{ engine: 'dry-run', device: 'maix-bit', kmodelVersion: 3 }]);
  expect(await readdir(planFolder)).toEqual(before);
});

test('a dry run with a card is E414, since nothing would be copied', async () => {
  await prepare({ engine: 'dry-run' });
  await expect(deliver(card)).rejects.toMatchObject({ code: 'E414' });
  expect(await readdir(card)).toEqual([]);
});

test('a card that is not named is told where it lies and how to go on', async () => {
  await prepare({ engine: 'sd' });
  const lines = (await deliver()).join('\n');
  expect(lines).toContain(join(planFolder, 'sd'));
  expect(lines).toContain('--card');
});

test('a named card gets the files', async () => {
  await prepare({ engine: 'sd' });
  await deliver(card);
  expect((await readdir(card)).sort()).toEqual((await readdir(join(planFolder, 'sd'))).sort());
});

test.each([
  ['no plan', null],
  ['no JSON', '{'],
  ['another version', '{"version":2}'],
  ['an engine that is not known', (text: string) => text.replace('"dry-run"', '"toString"')],
])('%s is E415', async (_, change) => {
  await prepare({ engine: 'dry-run' });
  const path = join(planFolder, 'flash-plan.json');
  if (change === null) await rm(path);
  else await writeFile(path, typeof change === 'string' ? change : change(await readFile(path, 'utf8')));
  await expect(deliver()).rejects.toMatchObject({ code: 'E415' });
});

test('a plan is described with every file, place in flash, and warning', async () => {
  await prepare({ engine: 'sd', modelFrom: 'flash' });
  const plans: PlanFile[] = [];
  await deliver(undefined, (plan) => plans.push(plan));
  const text = describePlan(plans[0]).join('\n');
  for (const { name, sha256 } of plans[0].card) expect(text).toMatch(new RegExp(`${name}.*${sha256}`));
  expect(text).toMatch(/flash chip +tiny\.kmodel, \d+ bytes, from 0x300000 to below 0x30[0-9a-f]000/);
  expect(text).toContain('loads kmodel v3 from 0x300000');
  expect(text).toContain('warning[W411]');
});

describe('a card', () => {
  const onMounts = async (list: string) => {
    await prepare({ engine: 'sd' });
    const mounts = join(planFolder, 'mounts');
    await writeFile(mounts, list);
    const context = { planFolder, wish: { card }, serial: systemSerial, report: silent, mounts };
    return deliverPlan(context, () => undefined);
  };

  test.each([
    [
      'of another file system',
      () => `/dev/sda1 ${card} exfat rw 0 0\n`,
      /of type exfat, which the board does not read/,
    ],
    ['that is not mounted', () => '/dev/vda1 / ext4 rw 0 0\n', /is a folder of this machine \(ext4\), so no card/],
  ])('%s is refused, and nothing is written (E447)', async (_, list, message) => {
    await expect(onMounts(list())).rejects.toMatchObject({
      code: 'E447',
      message: expect.stringMatching(message) as unknown,
      hint: expect.stringContaining('FAT32') as unknown,
    });
    expect(await readdir(card)).toEqual([]);
  });

  test('that is FAT is filled', async () => {
    const [line] = await onMounts(`/dev/vda1 / ext4 rw 0 0\n/dev/sda1 ${card} vfat rw 0 0\n`);
    expect(line).toMatch(/^\d files copied/);
  });

  test('of which the system tells nothing is filled, and what it must be is said', async () => {
    const lines = await onMounts('');
    expect(lines[0]).toMatch(/does not tell.*FAT32/);
    expect((await readdir(card)).length).toBeGreaterThan(3);
  });
});
