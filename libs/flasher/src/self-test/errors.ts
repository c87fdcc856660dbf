import { GraftError, type StageEvent } from '@graft/foundation';

export const tooFewPictures = (found: number, wanted: number): StageEvent => ({
  type: 'warning',
  code: 'W421',
  message: `flash.self_test asks for ${wanted} pictures, the test part has ${found}: the board is tested with those`,
});

export const noKitPlanned = (): GraftError =>
  new GraftError('E444', {
    message: 'there is no self-test to run: the plan has none',
    hint: 'set flash.self_test: 8 and an engine that fills a card or sends files (sd, repl) in experiment.yaml, flash, and run this again',
  });

export const noKitOnBoard = (): GraftError =>
  new GraftError('E440', {
    message: 'the board has no script that can test itself, neither on its card nor in /flash',
    hint: 'is the card in? Bring the files of the plan to it (npx nx run <experiment>:flash), and run this again',
  });

export const anotherKit = (): GraftError =>
  new GraftError('E441', {
    message: 'the self-test on the board is another one than that of the plan',
    hint: 'the experiment has changed since: flash again (npx nx run <experiment>:flash), then run this',
  });

/** @param meaning what the failure means, and what to do, in sentences */
export const selfTestFailed = (message: string, meaning: string, details: readonly string[] = []): GraftError =>
  new GraftError('E442', { message, hint: meaning, details });
