import type { Diagnostic } from '@graft/foundation';
import { checkStrict, strictNeeds } from '@graft/evaluation';
import { placeOf } from '@graft/spec';
import type { Experiment } from '@graft/spec';

/** Strict limits that cannot be met: with so many test pictures, or null, with any number of them. */
export function strictProblems(experiment: Experiment, testPictures: number | null = null): Diagnostic[] {
  const { require, evaluate } = experiment.spec;
  const place = placeOf(experiment, 'require.strict');
  return checkStrict(require, evaluate.confidence, testPictures).map((problem) =>
    place === null ? problem : { ...problem, place },
  );
}

/** What strict limits ask of the number of test pictures, a line each, before there are any. */
export function strictLines({ spec: { require, evaluate } }: Experiment): string[] {
  return strictNeeds(require, evaluate.confidence)
    .filter(({ pictures }) => Number.isFinite(pictures))
    .map(({ gate, pictures }) => `require.strict: ${gate} takes at least ${pictures} test pictures, all of them right`);
}
