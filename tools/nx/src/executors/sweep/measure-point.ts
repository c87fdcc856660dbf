import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { canonicalJson } from '@graft/foundation';
import { evaluatePredictions, pointFigures } from '@graft/evaluation';
import type { PointFigures } from '@graft/evaluation';
import { CHAIN, outputOfAnother, verifyLineage, verifyOutputs } from '@graft/pipeline';
import type { StageName } from '@graft/pipeline';
import { readMeasured } from '../../shared/measured';
import type { SweepJob } from './prepare';

/**
 * What stage `compile` has just measured of a point. Stages are checked to be those of this point, since another run in the same
 * workspace may have come between.
 * @throws GraftError E501 … E507 where a stage is not whole, E523
 */
export async function measurePoint(job: SweepJob, outFolder: string): Promise<PointFigures> {
  const compiled = join(outFolder, 'compile');
  await checkSlices(job, outFolder);
  await verifyLineage(['compile'], outFolder);
  await verifyOutputs('compile', compiled, [{ stage: 'compile', files: 'measured/**/*' }]);
  const { predictions, facts } = await readMeasured(compiled);
  const { spec } = job.experiment;
  const options = { classes: spec.classes.map(({ name }) => name), confidence: spec.evaluate.confidence };
  return pointFigures(predictions, evaluatePredictions(predictions, options), facts);
}

/** Every setting that lies there is one of this point. */
async function checkSlices(job: SweepJob, outFolder: string): Promise<void> {
  const slices: Readonly<Partial<Record<StageName, unknown>>> = job.slices;
  for (const stage of CHAIN) {
    const slice = await readFile(join(outFolder, 'resolve', `${stage}.json`), 'utf8').catch(() => '');
    if (slice !== canonicalJson(slices[stage] ?? null)) throw outputOfAnother(job.point.label);
  }
}
