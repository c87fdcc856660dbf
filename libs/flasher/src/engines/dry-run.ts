import type { FlashEngine } from './engine';

/** The plan is written for every engine; this one leaves it at that. */
export const dryRunEngine: FlashEngine = {
  name: 'dry-run',
  summary: 'plans only',
  run: () => Promise.resolve([]),
};
