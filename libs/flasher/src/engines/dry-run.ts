import { cardWithoutUse } from '../errors';
import type { DeliveryContext, FlashEngine } from './engine';

/** The plan is written for every engine; this one leaves it at that. */
export const dryRunEngine: FlashEngine = {
  name: 'dry-run',
  summary: 'plans only',
  prepare: () => Promise.resolve([]),
  deliver,
};

async function deliver({ card }: DeliveryContext): Promise<readonly string[]> {
  if (card !== undefined) throw cardWithoutUse('dry-run', card);
  return ['dry run: nothing was written; flash.engine: sd in experiment.yaml prepares a card'];
}
