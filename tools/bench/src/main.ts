import { availableParallelism, cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { benchFeatures, benchLayer, TRUNK } from './bench-features';
import { benchFit, WORKSHOP } from './bench-fit';
import { benchKModel } from './bench-kmodel';
import { benchNncase, renderComparison } from './bench-nncase';
import { benchPreprocess, PHOTOGRAPHS } from './bench-preprocess';
import {
  benchQuantization,
  classifierCases,
  experimentCase,
  NETWORKS,
  QUANTIZATION_HEAD,
  renderQuantizationRow,
} from './bench-quantization';
import { benchSimulator, benchWideWeights, modelFiles } from './bench-simulator';
import { NNCASE } from '../../second-opinions/src/nncase';
import { installPeer, PeerUnavailable } from '../../second-opinions/src/python-environment';
import type { Runs } from './measure';
import { renderTable } from './result';
import type { Result } from './result';

const HELP = `npm run bench -- [options]

without options          times what people wait for, each beside the same work done in another way
--runs N                 of so many runs (7)
--quantization           compares recipes of quantization on classifiers made for it
--experiment NAME        compares them on what an experiment has trained
--peer nncase            compiles what an experiment has trained (--experiment, else pokedex) with nncase as well`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      runs: { type: 'string', default: '7' },
      quantization: { type: 'boolean', default: false },
      experiment: { type: 'string' },
      peer: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return void process.stdout.write(`${HELP}\n`);
  if (values.peer !== undefined) return comparePeer(values.peer, values.experiment ?? 'pokedex');
  if (values.quantization || values.experiment !== undefined) {
    const cases =
      values.experiment === undefined ? classifierCases(NETWORKS) : [await experimentCase(values.experiment)];
    process.stdout.write(`${QUANTIZATION_HEAD}\n`);
    await benchQuantization(cases, (result) => process.stdout.write(`${renderQuantizationRow(result)}\n`));
    return;
  }
  const runs: Runs = { warmUp: 2, runs: Number(values.runs) };
  if (!Number.isInteger(runs.runs) || runs.runs < 1) throw new Error('--runs takes a whole number from 1');
  const results: Result[] = [];
  const models = modelFiles();
  for (const model of models) results.push(...(await benchKModel(model, runs)));
  for (const model of models) results.push(await benchSimulator(model, runs));
  for (const model of models) results.push(await benchWideWeights(model, runs));
  results.push(await benchFeatures(TRUNK, runs));
  results.push(await benchLayer(28, 256, runs));
  results.push(await benchFit(WORKSHOP, runs));
  results.push(await benchPreprocess(PHOTOGRAPHS, runs));
  const machine = `${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${availableParallelism()} threads, Node ${process.version}`;
  process.stdout.write(`${machine}\n\n${renderTable(results)}\n`);
}

/** Without the peer there is nothing to compare, which is told and is no failure. */
async function comparePeer(peer: string, experiment: string): Promise<void> {
  if (peer !== 'nncase') throw new Error(`--peer knows nncase, not ${peer}`);
  try {
    const python = await installPeer(NNCASE);
    const comparison = await benchNncase(python, await experimentCase(experiment));
    process.stdout.write(`${renderComparison(comparison)}\n`);
  } catch (error) {
    if (!(error instanceof PeerUnavailable)) throw error;
    process.stdout.write(`skipped: ${error.message}\n`);
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
