import { crossValidationFolds } from '@graft/dataset';
import { silent } from '@graft/foundation';
import { augmentExample } from '@graft/image';
import type { Examples } from '@graft/image';
import type { Graph } from '@graft/model';
import { openRunner } from '@graft/training';
// Behind the library's door: how it takes a network apart, and what follows the convolutions.
import { chainOf } from '../../../libs/quantization/src/chain';
import { runTail } from '../../../libs/quantization/src/run-tail';
import { foldParts } from '../../nx/src/executors/cross-validate/fold-parts';
import { plainExamples, trainingExamples } from '../../nx/src/shared/examples';
import { trainFrom } from '../../nx/src/shared/training';
import { answerOf, keyOf } from './bench-ingredients';
import type { Experiment, Settings } from './bench-ingredients';
import { meanOf, meanWithError } from './measure';
import type { MeanWithError } from './measure';

/** How a network answers that learned with or without `augment.camera`; by picture, the share of its answers that are right. */
export interface CameraScore {
  readonly learnedWith: Settings['augment']['camera'];
  /** The pictures as they are. */
  readonly plain: readonly number[];
  /** As the camera would take them, several times each. */
  readonly taken: readonly number[];
}

export interface CameraOptions {
  /** One split of the pictures into folds each. */
  readonly seeds: readonly number[];
  /** How often the camera takes each tested picture. */
  readonly shots: number;
}

/** Of the shots that are tested: no picture is learned from with the same noise. */
const SEED_OF_SHOTS = 987_654;

/** Cross-validates an experiment with and without `augment.camera`, on its pictures as they are and as the camera takes them. */
export async function benchCamera(experiment: Experiment, options: CameraOptions): Promise<CameraScore[]> {
  const tested = new TestedPictures(experiment.examples, options.shots);
  const scores: CameraScore[] = [];
  for (const learnedWith of [null, 'maix-bit'] as const) {
    const settings = { ...experiment.settings, augment: { ...experiment.settings.augment, camera: learnedWith } };
    const rights: boolean[][][] = [];
    for (const seed of options.seeds) rights.push(await crossValidate({ ...experiment, settings }, seed, tested));
    const share = (of: (shots: readonly boolean[]) => readonly boolean[]) =>
      experiment.examples.index.examples.map((_, index) =>
        meanOf(rights.flatMap((right) => of(right[index]).map(Number))),
      );
    scores.push({ learnedWith, plain: share((shots) => shots.slice(0, 1)), taken: share((shots) => shots.slice(1)) });
  }
  return scores;
}

const ONLY_THE_CAMERA: Settings['augment'] = {
  ...{ flip: 'none', rotationDegrees: 0, zoom: 0, translation: 0, brightness: 0, contrast: 0, saturation: 0 },
  ...{ composite: null, blur: null, erasing: null, camera: 'maix-bit', repeats: 1, redraw: 'once' },
};

/** By picture and shot, whether the network is right that did not learn from the picture. */
async function crossValidate(experiment: Experiment, seed: number, pictures: TestedPictures): Promise<boolean[][]> {
  const { examples, settings } = experiment;
  const { output } = settings.cut;
  if (output === null) throw new Error('the experiment leaves its cut to the pictures; name one as model.output');
  const records = examples.index.examples;
  const { folds: foldOf } = crossValidationFolds(records, settings.folds, seed);
  const right: boolean[][] = [];
  for (let fold = 0; fold < settings.folds; fold++) {
    const parts = foldParts(records, fold, { foldOf, folds: settings.folds, watched: false });
    const { graph } = await trainFrom(
      settings,
      output,
      {
        training: trainingExamples(examples, parts.learned, settings),
        validation: plainExamples(examples, parts.validation, settings.classes),
      },
      { ...experiment, size: examples.index, report: silent, signal: new AbortController().signal },
    );
    const answers = await pictures.answersOf(graph);
    for (const index of parts.tested) {
      const truth = settings.classes.indexOf(records[index].label);
      right[index] = answers[index].map((answer) => answer === truth);
    }
  }
  return right;
}

/** Each picture as it is, then as the camera takes it; by picture and shot. */
class TestedPictures {
  private readonly shots: readonly (readonly Uint8Array[])[];
  /** What the convolutions make of them, by network: what only the head has learned changes nothing of it. */
  private readonly features = new Map<string, Float32Array[][]>();

  constructor(examples: Examples, shots: number) {
    const { height, width } = examples.index;
    this.shots = examples.index.examples.map(({ id }, index) => {
      const pixels = examples.pixels(index);
      const given = { pixels, cutout: null, height, width, augment: ONLY_THE_CAMERA, seed: SEED_OF_SHOTS, id };
      return [pixels, ...Array.from({ length: shots }, (_, copy) => augmentExample({ ...given, copy }))];
    });
  }

  /** The classes that a network answers, by picture and shot. */
  async answersOf(graph: Graph): Promise<number[][]> {
    const cut = graph.nodes.findIndex(({ kind }) => kind === 'dense');
    const features = await this.featuresOf({ ...graph, nodes: graph.nodes.slice(0, cut) });
    const head = chainOf(graph).tail.filter(({ kind }) => kind === 'dense');
    return features.map((shots) => shots.map((shot) => answerOf(runTail(head, shot, 0))));
  }

  private async featuresOf(body: Graph): Promise<Float32Array[][]> {
    const key = keyOf(body);
    const known = this.features.get(key);
    if (known !== undefined) return known;
    const runner = await openRunner(body);
    const found = await runner.predict(this.shots.flat());
    runner.dispose();
    const features = this.shots.map((shots) => found.splice(0, shots.length));
    this.features.set(key, features);
    return features;
  }
}

const HEAD = '| learned | tested as they are | tested as the camera takes them |\n| --- | --- | --- |';

/** Accuracies with their 95 % intervals, and what learning with the camera gains, paired by picture. */
export function renderCameraTable([without, taught]: readonly CameraScore[]): string {
  const rows = [
    ['without `camera`', percent(meanWithError(without.plain)), percent(meanWithError(without.taken))],
    ['with `camera: maix-bit`', percent(meanWithError(taught.plain)), percent(meanWithError(taught.taken))],
    ['gain in points', gain(taught.plain, without.plain), gain(taught.taken, without.taken)],
  ];
  return [HEAD, ...rows.map((cells) => `| ${cells.join(' | ')} |`)].join('\n');
}

/** Of the normal distribution: 95 % lie within so many standard errors. */
const WITHIN = 1.96;

function percent({ mean, error }: MeanWithError): string {
  return `${(100 * mean).toFixed(2)} % ± ${(100 * WITHIN * error).toFixed(2)}`;
}

function gain(taught: readonly number[], without: readonly number[]): string {
  const { mean, error } = meanWithError(taught.map((value, picture) => value - without[picture]));
  return `${mean < 0 ? '−' : '+'}${(100 * Math.abs(mean)).toFixed(2)} ± ${(100 * WITHIN * error).toFixed(2)}`;
}
