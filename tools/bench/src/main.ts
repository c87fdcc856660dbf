import { availableParallelism, cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { benchFeatures, benchLayer, TRUNK } from './bench-features';
import { benchFit, WORKSHOP } from './bench-fit';
import { benchKModel } from './bench-kmodel';
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
import type { Runs } from './measure';
import { renderTable } from './result';
import type { Result } from './result';

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      runs: { type: 'string', default: '7' },
      quantization: { type: 'boolean', default: false },
      experiment: { type: 'string' },
    },
  });
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

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
