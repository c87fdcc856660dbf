import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AnswerKey } from '@graft/evaluation';
import type { Report } from '@graft/foundation';
import type { Graph } from '@graft/model';
import { verifyLineage, verifyOutputs } from '@graft/pipeline';
import type { FetchSettings, FlashPlanSettings, PreprocessSettings, StageName } from '@graft/pipeline';
import { readTrained } from '../../shared/networks';
import { thresholdOf } from '../../shared/threshold';
import { knownPictures } from './known-pictures';
import type { KnownPictures } from './known-pictures';

export interface Surroundings {
  readonly projectName: string;
  readonly projectFolder: string;
  readonly workspaceFolder: string;
  readonly cacheFolder: string;
  readonly report: Report;
  readonly signal: AbortSignal;
}

/** What an experiment has made that can answer to pictures. */
export interface OpenExperiment extends AnswerKey {
  readonly name: string;
  readonly graph: Graph;
  readonly kmodel: Uint8Array;
  readonly preprocess: PreprocessSettings['preprocess'];
  readonly maxFileBytes: number;
  readonly known: KnownPictures;
}

const CONSUMED: readonly { readonly stage: StageName; readonly files: string }[] = [
  { stage: 'resolve', files: '*.json' },
  { stage: 'fetch', files: 'pictures/pictures.json' },
  { stage: 'preprocess', files: 'examples/index.json' },
  { stage: 'train', files: 'model/**/*' },
  { stage: 'compile', files: 'model/**/*' },
  { stage: 'threshold', files: 'threshold/**/*' },
];

/** @throws GraftError E501 … E507 where an output is missing, changed or of another time */
export async function openExperiment(surroundings: Surroundings): Promise<OpenExperiment> {
  const outFolder = join(surroundings.projectFolder, 'out');
  for (const consumed of CONSUMED) await verifyOutputs(consumed.stage, join(outFolder, consumed.stage), [consumed]);
  await verifyLineage(['train', 'compile', 'threshold'], outFolder);
  // Written by `resolve`, whose manifest was verified a moment ago.
  const slice = async (stage: StageName) =>
    JSON.parse(await readFile(join(outFolder, 'resolve', `${stage}.json`), 'utf8'));
  const { name, classes, flash }: FlashPlanSettings = await slice('flash-plan');
  const { preprocess }: PreprocessSettings = await slice('preprocess');
  const { limits }: FetchSettings = await slice('fetch');
  const { graph } = await readTrained({ input: (stage) => join(outFolder, stage) });
  return {
    name,
    classes,
    threshold: await thresholdOf(flash, join(outFolder, 'threshold')),
    graph,
    kmodel: await readFile(join(outFolder, 'compile', 'model', 'model.kmodel')),
    preprocess,
    maxFileBytes: limits.maxFileBytes,
    known: await knownPictures(outFolder, surroundings),
  };
}
