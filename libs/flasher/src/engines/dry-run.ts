import type { FlashEngine } from './engine';

/** The plan is written for every engine; this one leaves it at that. */
export const dryRunEngine: FlashEngine = {
  name: 'dry-run',
  summary: 'plans only',
  uses: [],
  prepare: async () => [],
  deliver: async () => ['dry run: nothing was written; flash.engine: sd in experiment.yaml prepares a card'],
};
