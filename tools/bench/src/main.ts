import { availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { backendIdentity, type BackendName } from '@graft/training';
import { benchCamera, renderCameraTable } from './bench-camera';
import { benchFeatures, benchLayer, TRUNK } from './bench-features';
import { benchFit, WORKSHOP } from './bench-fit';
import { benchKeras, KERAS_ROWS, renderKerasTable, type KerasComparison } from './bench-keras';
import { benchIngredients, INGREDIENTS_HEAD, openExperiment, renderIngredientRow } from './bench-ingredients';
import type { Experiment, IngredientResult } from './bench-ingredients';
import { benchKModel } from './bench-kmodel';
import { benchLabelErrors, renderLabelErrors } from './bench-label-errors';
import { benchLarge, LARGE_HEAD, renderLargeStep } from './bench-large';
import { benchNncase, renderComparison } from './bench-nncase';
import { benchPillow, pillowRows, renderPillowTable, type PillowComparison } from './bench-pillow';
import { benchPreprocess, PHOTOGRAPHS } from './bench-preprocess';
import {
  benchQuantization,
  classifierCases,
  experimentCase,
  NETWORKS,
  QUANTIZATION_HEAD,
  renderQuantizationRow,
} from './bench-quantization';
import { hasPty } from '@graft/testkit';
import { benchSerial, LINE_RATES, renderSerialTable } from './bench-serial';
import { benchSimulator, benchWideWeights, modelFiles } from './bench-simulator';
import { KERAS } from '../../second-opinions/src/keras';
import { INGREDIENTS } from './ingredients';
import { NNCASE } from '../../second-opinions/src/nncase';
import { PILLOW } from '../../second-opinions/src/pillow';
import { installPeer, PeerUnavailable } from '../../second-opinions/src/python-environment';
import type { Runs } from './measure';
import { renderTable } from './result';
import type { Result } from './result';

const HELP = `npm run bench -- [options]

without options          times what people wait for, each beside the same work done in another way
--runs N                 of so many runs (7)
--serial                 of that, only writing to a board over a serial line (else of 3 runs at most)
--quantization           compares recipes of quantization on classifiers made for it
--experiment NAME        compares them on what an experiment has trained
--ingredients NAME       cross-validates what an experiment's accuracy is made of, after its preprocess
--camera NAME            cross-validates an experiment with and without augment.camera, also on pictures that the camera takes
--seeds N                of the last two, over so many splits (3)
--device-splits N         the device over the first N of them (1)
--ways TEXT[,TEXT…]      of that, the ways whose name holds one of these texts
--peer nncase            compiles what an experiment has trained (--experiment, else pokedex) with nncase as well
--peer keras             trains and answers in turns with Keras, on every back end that is installed (--runs pairs)
--peer pillow            preprocesses photographs in turns with Pillow (--runs pairs)
--only TEXT              of the last two, the rows whose names hold the text: fine-tune, head, photographs, made
--pictures N             takes N small made pictures through fetch, check and preprocess (10000: some minutes, 5 GB of disk)
--label-errors FOLDER    counts which wrong labels the target check names, on pictures in a folder for each class`;

/** Labels that are made wrong, of all the pictures; and how often others are picked. */
const PLANTED_ERRORS = [1, 3, 6, 12];
const ROUNDS_OF_ERRORS = 40;
/** How often the camera takes each tested picture. */
const SHOTS = 4;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      runs: { type: 'string', default: '7' },
      serial: { type: 'boolean', default: false },
      quantization: { type: 'boolean', default: false },
      experiment: { type: 'string' },
      ingredients: { type: 'string' },
      camera: { type: 'string' },
      seeds: { type: 'string', default: '3' },
      'device-splits': { type: 'string', default: '1' },
      ways: { type: 'string', default: '' },
      peer: { type: 'string' },
      'label-errors': { type: 'string' },
      only: { type: 'string', default: '' },
      pictures: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return void process.stdout.write(`${HELP}\n`);
  const runs: Runs = { warmUp: 2, runs: Number(values.runs) };
  if (!Number.isInteger(runs.runs) || runs.runs < 1) throw new Error('--runs takes a whole number from 1');
  if (values.pictures !== undefined) {
    const count = Number(values.pictures);
    if (!Number.isInteger(count) || count < 40) throw new Error('--pictures takes a whole number from 40');
    process.stdout.write(`${machine()}\n${LARGE_HEAD}\n`);
    return benchLarge(count, (step) => process.stdout.write(`${renderLargeStep(step)}\n`));
  }
  if (values.peer !== undefined)
    return comparePeer(values.peer, { experiment: values.experiment ?? 'pokedex', runs: runs.runs, only: values.only });
  if (values['label-errors'] !== undefined) {
    const result = await benchLabelErrors(values['label-errors'], PLANTED_ERRORS, ROUNDS_OF_ERRORS);
    return void process.stdout.write(`${renderLabelErrors(result)}\n`);
  }
  if (values.camera !== undefined) {
    const experiment = await openExperiment(values.camera);
    const seeds = seedsFrom(experiment, Number(values.seeds));
    const scores = await benchCamera(experiment, { seeds, shots: SHOTS });
    return void process.stdout.write(`${renderCameraTable(scores)}\n`);
  }
  if (values.ingredients !== undefined)
    return compareIngredients(values.ingredients, values.ways, {
      seeds: Number(values.seeds),
      deviceSplits: Number(values['device-splits']),
    });
  if (values.quantization || values.experiment !== undefined) {
    const cases =
      values.experiment === undefined ? classifierCases(NETWORKS) : [await experimentCase(values.experiment)];
    process.stdout.write(`${QUANTIZATION_HEAD}\n`);
    await benchQuantization(cases, (result) => process.stdout.write(`${renderQuantizationRow(result)}\n`));
    return;
  }
  if (values.serial) return compareLineRates(runs.runs);
  const results: Result[] = [];
  const models = modelFiles();
  for (const model of models) results.push(...(await benchKModel(model, runs)));
  for (const model of models) results.push(await benchSimulator(model, runs));
  for (const model of models) results.push(await benchWideWeights(model, runs));
  results.push(await benchFeatures(TRUNK, runs));
  results.push(await benchLayer(28, 256, runs));
  results.push(await benchFit(WORKSHOP, runs));
  results.push(await benchPreprocess(PHOTOGRAPHS, runs));
  process.stdout.write(`${machine()}\n\n${renderTable(results)}\n\n`);
  await compareLineRates(Math.min(3, runs.runs));
}

async function compareLineRates(runs: number): Promise<void> {
  if (!hasPty()) return void process.stdout.write('skipped: the serial line; python3 makes pseudo-terminals\n');
  const results = [];
  for (const baud of LINE_RATES) results.push(await benchSerial(baud, runs));
  process.stdout.write(`${renderSerialTable(results)}\n`);
}

function machine(): string {
  return `${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${availableParallelism()} threads, Node ${process.version}`;
}

interface PeerOptions {
  readonly experiment: string;
  readonly runs: number;
  /** Part of the names of the rows that are wanted. */
  readonly only: string;
}

interface Splits {
  readonly seeds: number;
  readonly deviceSplits: number;
}

/** The experiment's own split first. */
function seedsFrom({ settings }: Experiment, count: number): number[] {
  if (!Number.isInteger(count) || count < 1) throw new Error('--seeds takes a whole number from 1');
  return Array.from({ length: count }, (_, index) => settings.seed + index);
}

async function compareIngredients(name: string, names: string, { seeds, deviceSplits }: Splits): Promise<void> {
  if (!Number.isInteger(deviceSplits) || deviceSplits < 0) throw new Error('--device-splits takes a whole number');
  const experiment = await openExperiment(name);
  const splits = seedsFrom(experiment, seeds);
  const ways = INGREDIENTS.filter((way) => names.split(',').some((part) => way.name.includes(part)));
  const results = new Map<string, IngredientResult>();
  process.stdout.write(`${INGREDIENTS_HEAD}\n`);
  await benchIngredients(experiment, ways, splits, deviceSplits, (result) => {
    results.set(result.name, result);
    const against = ways.find((way) => way.name === result.name)?.against ?? '';
    process.stdout.write(`${renderIngredientRow(result, results.get(against) ?? null)}\n`);
  });
}

/** Without the peer there is nothing to compare, which is told and is no failure. */
async function comparePeer(peer: string, { experiment, runs, only }: PeerOptions): Promise<void> {
  if (peer !== 'nncase' && peer !== 'keras' && peer !== 'pillow')
    throw new Error(`--peer knows nncase, keras and pillow, not ${peer}`);
  try {
    if (peer === 'keras') return await compareKeras(await installPeer(KERAS), runs, only);
    if (peer === 'pillow') return await comparePillow(await installPeer(PILLOW), runs, only);
    const comparison = await benchNncase(await installPeer(NNCASE), await experimentCase(experiment));
    process.stdout.write(`${renderComparison(comparison)}\n`);
  } catch (error) {
    if (!(error instanceof PeerUnavailable)) throw error;
    process.stdout.write(`skipped: ${error.message}\n`);
  }
}

async function compareKeras(python: string, pairs: number, only: string): Promise<void> {
  const native = backendIdentity('tfjs-node') !== 'tfjs-node-absent';
  const backends: readonly BackendName[] = native ? ['wasm', 'tfjs-node'] : ['wasm'];
  if (!native) process.stdout.write('skipped: tfjs-node, which is not installed\n');
  process.stdout.write(`${machine()}\n`);
  const comparisons: KerasComparison[] = [];
  for (const row of KERAS_ROWS.filter(({ what }) => what.includes(only))) {
    process.stderr.write(`${row.what} …\n`);
    comparisons.push(...(await benchKeras(python, row, backends, pairs)));
  }
  process.stdout.write(`${renderKerasTable(comparisons)}\n`);
}

async function comparePillow(python: string, pairs: number, only: string): Promise<void> {
  process.stdout.write(`${machine()}\n`);
  const comparisons: PillowComparison[] = [];
  const rows = pillowRows(join(__dirname, '../../../../shared/data/pokedex-photos'));
  for (const row of rows.filter(({ what }) => what.includes(only))) {
    process.stderr.write(`${row.what} …\n`);
    comparisons.push(await benchPillow(python, row, pairs));
  }
  process.stdout.write(`${renderPillowTable(comparisons)}\n`);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
