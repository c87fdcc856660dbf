import { canonicalJson, type Diagnostic } from '@graft/foundation';
import { hex, planNotWhole } from './errors';
import type { FlashPlan, FlashRegion, MemoryBudget } from './flash-plan';
import { paddedEnd } from './regions';

/** `flash-plan.json`: the plan without the bytes. Addresses are text in hexadecimal. */
export interface PlanFile extends Pick<FlashPlan, 'engine' | 'device' | 'firmware' | 'kmodelVersion'> {
  readonly version: 1;
  readonly script: { readonly loads: string };
  readonly card: readonly { readonly name: string; readonly bytes: number; readonly sha256: string }[];
  readonly flash: readonly (Omit<FlashRegion, 'address'> & { readonly address: string; readonly endAddress: string })[];
  readonly memory: MemoryBudget;
  readonly warnings: readonly Pick<Diagnostic, 'code' | 'message' | 'hint'>[];
}

/** Equal plans give equal text. */
export function renderPlan(plan: FlashPlan): string {
  const file: PlanFile = {
    version: 1,
    engine: plan.engine,
    device: plan.device,
    firmware: plan.firmware,
    kmodelVersion: plan.kmodelVersion,
    script: { loads: typeof plan.model === 'number' ? hex(plan.model) : plan.model },
    card: plan.card.map(({ name, bytes, sha256 }) => ({ name, bytes: bytes.length, sha256 })),
    flash: plan.regions.map((region) => ({
      ...region,
      address: hex(region.address),
      endAddress: hex(paddedEnd(region)),
    })),
    memory: plan.memory,
    warnings: plan.warnings.map(({ code, message, hint }) => ({ code, message, hint })),
  };
  return canonicalJson(file);
}

/**
 * Reads what `renderPlan` wrote. Whether anybody changed it since is for the caller to check.
 * @throws GraftError E415
 */
export function readPlan(text: string, path: string): PlanFile {
  try {
    const file: unknown = JSON.parse(text);
    if (isPlanFile(file)) return file;
  } catch (error) {
    throw planNotWhole(path, [error instanceof Error ? error.message : String(error)]);
  }
  throw planNotWhole(path, ['it is no flash plan of version 1']);
}

function isPlanFile(file: unknown): file is PlanFile {
  if (typeof file !== 'object' || file === null) return false;
  const { version, engine, card, flash, memory, warnings } = file as Partial<PlanFile>;
  const lists = [card, flash, warnings].every(Array.isArray);
  return version === 1 && typeof engine === 'string' && lists && typeof memory === 'object';
}
