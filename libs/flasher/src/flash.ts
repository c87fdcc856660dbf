import { join } from 'node:path';
import { sha256, writeFileAtomic } from '@graft/foundation';
import type { FlashSection } from '@graft/spec';
import { dryRunEngine } from './engines/dry-run';
import type { FlashContext, FlashEngine, WrittenFile } from './engines/engine';
import { ispEngine } from './engines/isp';
import { kflashEngine } from './engines/kflash';
import { kfpkgEngine } from './engines/kfpkg';
import { replEngine } from './engines/repl';
import { sdEngine } from './engines/sd';
import { flashAborted } from './errors';
import type { FlashOptions, FlashPlan } from './flash-plan';
import { planFlash } from './plan-flash';
import { renderPlan } from './render-plan';

export const PLAN_FILE = 'flash-plan.json';

/** A new way to a board is one more line here and one more name in the experiment's `flash.engine`. */
export const FLASH_ENGINES: Readonly<Record<FlashSection['engine'], FlashEngine>> = {
  'dry-run': dryRunEngine,
  sd: sdEngine,
  kfpkg: kfpkgEngine,
  isp: ispEngine,
  kflash: kflashEngine,
  repl: replEngine,
};

export interface FlashResult {
  readonly plan: FlashPlan;
  /** `flash-plan.json` first, then what the engine wrote. */
  readonly files: readonly WrittenFile[];
}

/**
 * Plans, writes `flash-plan.json`, and lets the engine of the plan prepare what it will deliver. Warnings of the plan are reported.
 * @throws DiagnosticsError E401 … E410 before anything is written; GraftError E411, E412 with the old files in place.
 */
export async function flash(options: FlashOptions, context: FlashContext): Promise<FlashResult> {
  const plan = planFlash(options);
  for (const { code, message } of plan.warnings) context.report({ type: 'warning', code, message });
  if (context.signal?.aborted === true) throw flashAborted();
  const written = await FLASH_ENGINES[plan.engine].prepare(plan, context);
  const text = renderPlan(plan);
  const path = join(context.outputFolder, PLAN_FILE);
  await writeFileAtomic(path, text);
  return { plan, files: [{ path, bytes: Buffer.byteLength(text), sha256: sha256(text) }, ...written] };
}
