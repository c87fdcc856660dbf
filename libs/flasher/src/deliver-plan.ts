import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BenchDevice } from '@graft/spec';
import type { DeliveryContext } from './engines/engine';
import { optionWithoutUse, planNotWhole } from './errors';
import { FLASH_ENGINES, PLAN_FILE } from './flash';
import { readPlan, type PlanFile } from './render-plan';

/**
 * Lets the engine of a plan that `flash` wrote bring it to the board or card.
 * @param announce is given the plan before anything is touched
 * @returns what was done and what is left to do, a line each
 * @throws GraftError E411 … E416, E418 … E431
 */
export async function deliverPlan(
  context: DeliveryContext,
  announce: (plan: PlanFile) => void,
): Promise<readonly string[]> {
  const path = join(context.planFolder, PLAN_FILE);
  const text = await readFile(path, 'utf8').catch(() => {
    throw planNotWhole(path, ['it is missing']);
  });
  const plan = readPlan(text, path);
  if (!Object.hasOwn(FLASH_ENGINES, plan.engine)) throw planNotWhole(path, [`engine "${plan.engine}" is not known`]);
  const engine = FLASH_ENGINES[writerOf(plan.engine, context.bench)];
  const named = Object.entries(context.wish).filter(([, value]) => value !== undefined);
  const useless = named.map(([option]) => option).filter((option) => !engine.uses.some((use) => use === option));
  if (useless.length > 0) throw optionWithoutUse(engine.name, useless, engine.uses);
  announce(plan);
  return engine.deliver(context, plan);
}

/** Which program writes the chip is for the bench to say: what suits an adapter is no matter of an experiment. */
function writerOf(planned: PlanFile['engine'], bench: BenchDevice | undefined): PlanFile['engine'] {
  if (bench === undefined || bench.engine === 'auto' || (planned !== 'isp' && planned !== 'kflash')) return planned;
  return bench.engine === 'kflash' ? 'kflash' : 'isp';
}
