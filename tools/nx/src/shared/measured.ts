import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { MemoryOverLayers } from '@graft/compiler';
import type { CutFacts, ModelFacts, Prediction, QuantizationFacts, TrainingFacts } from '@graft/evaluation';

/** What stage `compile` measured, read from its verified output. */
export async function readMeasured(compileFolder: string): Promise<{ predictions: Prediction[]; facts: ModelFacts }> {
  const folder = join(compileFolder, 'measured');
  const predictions: Prediction[] = JSON.parse(await readFile(join(folder, 'predictions.json'), 'utf8'));
  const facts: ModelFacts = JSON.parse(await readFile(join(folder, 'facts.json'), 'utf8'));
  return { predictions, facts };
}

/** The memory plan that `compile` made. */
export async function readMemory(compileFolder: string): Promise<MemoryOverLayers> {
  return JSON.parse(await readFile(join(compileFolder, 'measured', 'memory.json'), 'utf8'));
}

/** What stage `quantize` found out about its own work. */
export async function readQuantization(quantizeFolder: string): Promise<QuantizationFacts> {
  const read = async (name: string) => JSON.parse(await readFile(join(quantizeFolder, 'statistics', name), 'utf8'));
  const layers: QuantizationFacts['layers'] = await read('layers.json');
  const candidates: QuantizationFacts['candidates'] = await read('candidates.json');
  const dense: QuantizationFacts['dense'] = await read('dense.json');
  const awareTraining: QuantizationFacts['awareTraining'] = await read('aware-training.json');
  return { layers, candidates, dense, awareTraining };
}

/** What the epochs of stage `train` were like. */
export async function readTraining(trainFolder: string): Promise<TrainingFacts> {
  const folder = join(trainFolder, 'history');
  const lines = (await readFile(join(folder, 'history.jsonl'), 'utf8')).trimEnd().split('\n');
  const { bestEpoch }: Pick<TrainingFacts, 'bestEpoch'> = JSON.parse(
    await readFile(join(folder, 'summary.json'), 'utf8'),
  );
  return { history: lines.map((line): TrainingFacts['history'][number] => JSON.parse(line)), bestEpoch };
}

/** How the places were compared where the backbone may end. */
export async function readCuts(probeFolder: string): Promise<CutFacts> {
  return JSON.parse(await readFile(join(probeFolder, 'statistics', 'cuts.json'), 'utf8'));
}
