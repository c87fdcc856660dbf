import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silent } from '@graft/foundation';
import { backboneWeightShapes, evaluate, IMAGENET_CLASS_COUNT } from '@graft/model';
import { IMAGENET_MODELS } from '@graft/dataset';
import { classNamesOutOfReach } from '@graft/training';
import { topLines } from './answer-as-imagenet';
import { parseClassNames } from './class-names';
import { openImagenet } from './open-imagenet';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'graft-imagenet-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const open = () =>
  openImagenet({
    ...{ alpha: 0.25, cacheFolder: join(folder, 'cache'), workspaceFolder: folder },
    mirrors: { [IMAGENET_MODELS]: './weights' },
    ...{ report: silent, signal: new AbortController().signal },
  });

/** A set in the official format: all zeros, but for one class of the top. */
async function writeSet(favourite: number): Promise<void> {
  const place = join(folder, 'weights', 'mobilenet_v1_0.25_224');
  await mkdir(place, { recursive: true });
  const backbone = backboneWeightShapes({
    ...{ alpha: 0.25, output: 'conv_pw_13_relu', input: { height: 224, width: 224 } },
    ...{ encoding: { scale: 1, offset: 0 }, pooling: 'avg', head: [], classes: 2 },
  });
  const shapes = [
    ...backbone,
    { name: 'conv_preds/kernel', shape: [1, 1, 256, IMAGENET_CLASS_COUNT] },
    { name: 'conv_preds/bias', shape: [IMAGENET_CLASS_COUNT] },
  ];
  const arrays = shapes.map(({ name, shape }) => {
    const values = new Float32Array(shape.reduce((product, side) => product * side, 1));
    if (name === 'conv_preds/bias') values[favourite] = 10;
    return values;
  });
  const weights = shapes.map(({ name, shape }) => ({ name, shape: [...shape], dtype: 'float32' }));
  const manifest = [{ paths: ['group1-shard1of1'], weights }];
  await writeFile(join(place, 'model.json'), JSON.stringify({ weightsManifest: manifest }));
  await writeFile(join(place, 'group1-shard1of1'), Buffer.concat(arrays.map(({ buffer }) => new Uint8Array(buffer))));
}

test('the official set is taken from a mirror, and kept', async () => {
  await writeSet(207);
  const graph = await open();
  const answer = evaluate(graph, new Uint8Array(3 * 224 * 224));
  expect(answer.indexOf(Math.max(...answer))).toBe(207);
  await rm(join(folder, 'weights'), { recursive: true });
  expect((await open()).nodes).toHaveLength(graph.nodes.length);
}, 60_000);

test('E619: where the set is not to be had, it is said how to get it', async () => {
  await expect(open()).rejects.toMatchObject({
    code: 'E619',
    hint: expect.stringContaining(`mirrors: { "${IMAGENET_MODELS}": ./weights }`),
  });
});

test('the likeliest five are a line each', () => {
  const answer = Float32Array.of(0.1, 0.05, 0.5, 0.2, 0.08, 0.07);
  expect(topLines('a.jpg', answer, ['a', 'b', 'c', 'd', 'e', 'f'])).toEqual([
    'a.jpg:',
    '  1.   50.00 %  c',
    '  2.   20.00 %  d',
    '  3.   10.00 %  a',
    '  4.    8.00 %  e',
    '  5.    7.00 %  f',
  ]);
});

test('class names are read out of source text, in pieces and with quotes, all 1000 or none', () => {
  const plain = Array.from({ length: IMAGENET_CLASS_COUNT }, (_, index) => `    ${index}: 'name ${index}',`);
  plain[2] = "    2: 'great white shark, ' +\n        'Carcharodon carcharias',";
  plain[3] = `    3: 'jack-o\\'-lantern',`;
  plain[4] = `    4: "carpenter's kit",`;
  const names = parseClassNames(`exports.IMAGENET_CLASSES = {\n${plain.join('\n')}\n};`);
  expect(names.slice(1, 5)).toEqual([
    'name 1',
    'great white shark, Carcharodon carcharias',
    "jack-o'-lantern",
    "carpenter's kit",
  ]);
  expect(() => parseClassNames("0: 'tench'")).toThrow('lists 1 classes');
});

test('W620: numbers stand for names that cannot be had', () => {
  expect(classNamesOutOfReach('no network')).toMatchObject({ code: 'W620', severity: 'warning' });
});
