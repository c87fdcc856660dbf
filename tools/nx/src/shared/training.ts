import { join } from 'node:path';
import type { Report } from '@graft/foundation';
import { classWeights, diskCheckpointStore, diskFeatureStore, loadWeights, trainModel } from '@graft/training';
import type { FeatureStore, TrainedModel, TrainingExample } from '@graft/training';
import type { NamedWeights } from '@graft/model';
import type { TrainSettings } from '@graft/pipeline';
import type { WeightsSource } from '@graft/spec';
import { trainingThreads } from './training-threads';

export interface TrainingSets {
  readonly training: readonly TrainingExample[];
  readonly validation: readonly TrainingExample[];
}

export interface TrainingSurroundings {
  readonly weightsFolder: string;
  readonly cacheFolder: string;
  readonly size: { readonly height: number; readonly width: number };
  readonly report: Report;
  readonly signal: AbortSignal;
}

/** Runs that take longer than this lose no more than this, and an epoch. */
const CHECKPOINT_MS = 5000;

/** Trains one network from one experiment's settings. @param output where its backbone ends */
export async function trainFrom(
  settings: TrainSettings,
  output: string,
  sets: TrainingSets,
  surroundings: TrainingSurroundings,
): Promise<TrainedModel> {
  const { weightsFolder, cacheFolder, size, report, signal } = surroundings;
  const labels = sets.training.map(({ label }) => label);
  return trainModel({
    model: { ...settings.model, output },
    train: settings.train,
    seed: settings.seed,
    classes: {
      count: settings.classes.length,
      weights: classWeights(settings.train.classWeights, settings.classes, labels),
    },
    input: size,
    encoding: settings.normalize,
    weights: await readWeights(settings.model.weights, weightsFolder),
    training: sets.training,
    validation: sets.validation,
    featureCache: featureCacheIn(cacheFolder),
    checkpoints: { store: diskCheckpointStore(join(cacheFolder, 'cache', 'training')), leastMs: CHECKPOINT_MS },
    threads: trainingThreads(),
    report,
    signal,
  });
}

/** What frozen layers answered, whoever asked. */
export function featureCacheIn(cacheFolder: string): FeatureStore {
  return diskFeatureStore(join(cacheFolder, 'cache', 'features'));
}

/** The backbone's numbers; null where it starts from random ones. The fetch stage calls the manifest `manifest.json`, whatever it is called where it comes from. */
export async function readWeights(source: WeightsSource, directory: string): Promise<NamedWeights | null> {
  if (source.type === 'none') return null;
  return (await loadWeights({ directory, manifest: 'manifest.json' })).weights;
}
