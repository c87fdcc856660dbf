import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Random } from '@graft/foundation';
import { loadSimulator } from '@graft/simulator';
import { runMaixPy } from '@graft/testkit';
import sharp from 'sharp';

import { renderScript } from './render-script';

const KPU = join(__dirname, '../../fixtures/simulated-kpu.cjs');
const CAMERA = { width: 320, height: 240 };

/** What our simulator answers to the middle of a camera picture, cut out here and not by the board of the tests. */
function answersTo(kmodel: Uint8Array, pictures: readonly Uint8Array[]): number[][] {
  const simulator = loadSimulator(kmodel);
  const { width, height } = simulator.input;
  const left = (CAMERA.width - width) / 2;
  const top = (CAMERA.height - height) / 2;
  return pictures.map((picture) => {
    const planes = new Uint8Array(3 * height * width);
    for (let channel = 0; channel < 3; channel++)
      for (let y = 0; y < height; y++)
        for (let x = 0; x < width; x++)
          planes[(channel * height + y) * width + x] = picture[((y + top) * CAMERA.width + x + left) * 3 + channel];
    return Array.from(simulator.run(planes)[0]);
  });
}

/** Runs the script on a board whose KPU is the simulator, and expects what is said and drawn to be the simulator's answer. */
function expectAnswersOfSimulator(
  kmodel: Uint8Array,
  labels: readonly string[],
  pictures: readonly Uint8Array[],
): void {
  const { width, height } = loadSimulator(kmodel).input;
  const script = renderScript({
    ...{ classes: labels, imageSize: { width, height }, model: '/sd/model.kmodel', modelSha256: '', kmodelVersion: 3 },
    ...{ modelMemoryBytes: kmodel.length, loaders: '', selfTest: false },
    flash: { threshold: 0, screenRotation: 0, camera: { vflip: false, hmirror: false }, gcHeapBytes: 0 },
  });
  const run = runMaixPy(script, { pictures, kpu: KPU, files: { '/sd/model.kmodel': kmodel }, freeBytes: 4_000_000 });
  const wanted = answersTo(kmodel, pictures).map((answers) => {
    const index = answers.indexOf(Math.max(...answers));
    return { index, label: labels[index], score: answers[index] };
  });
  const said = run.lines.slice(1).map((line) => line.split(' '));
  expect(said.map(([index, , label]) => [Number(index), label])).toEqual(
    wanted.map(({ index, label }) => [index, label]),
  );
  said.forEach(([, score], at) => expect(Number(score)).toBeCloseTo(wanted[at].score, 3));
  const drawn = run.calls.filter(([name]) => name === 'image.draw_string').map(([, text]) => text);
  expect(drawn.filter((_, at) => at % 2 === 0)).toEqual(wanted.map(({ label }) => label));
  // One answer to everything would show nothing.
  expect(new Set(wanted.map(({ index }) => index)).size).toBeGreaterThan(1);
}

test('what the camera sees is named as the simulator names it, in MicroPython on the model itself', () => {
  const kmodel = readFileSync(join(__dirname, '../../fixtures/tiny-own.kmodel'));
  const random = Random.of(7, 'camera');
  const pictures = Array.from({ length: 12 }, (_, number) =>
    Uint8Array.from({ length: CAMERA.width * CAMERA.height * 3 }, (__, at) =>
      at % 3 === number % 3 ? random.integer(256) : random.integer(40 + 10 * number),
    ),
  );
  expectAnswersOfSimulator(kmodel, ['a', 'b', 'c'], pictures);
});

const SHARED = join(__dirname, '../../../../../shared');
const REAL_MODEL = join(SHARED, 'fixtures/kmodel/poke_model.kmodel');
const PHOTOGRAPHS = join(SHARED, 'data/pokedex-photos');
const withPhotographs = existsSync(REAL_MODEL) && existsSync(PHOTOGRAPHS) ? test : test.skip;
if (withPhotographs === test.skip) console.warn('skipped: the shared photographs and kmodels are absent');

withPhotographs(
  'photographs are named on the board as the simulator names them, with a model of another maker',
  async () => {
    const pictures: Uint8Array[] = [];
    for (const label of ['charizard', 'pikachu']) {
      const names = readdirSync(join(PHOTOGRAPHS, label), { recursive: true, encoding: 'utf8' }).filter((name) =>
        /\.(png|jpe?g)$/i.test(name),
      );
      for (const name of names.sort().slice(0, 2)) {
        const { width, height } = CAMERA;
        pictures.push(
          await sharp(join(PHOTOGRAPHS, label, name))
            .resize(width, height)
            .flatten()
            .toColourspace('srgb')
            .raw()
            .toBuffer(),
        );
      }
    }
    expect(pictures).toHaveLength(4);
    expectAnswersOfSimulator(readFileSync(REAL_MODEL), ['charizard', 'pikachu'], pictures);
  },
  60_000,
);
