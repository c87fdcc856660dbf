import { canonicalJson } from '@graft/foundation';
import { hex } from './errors';
import type { FlashPlan } from './flash-plan';
import { paddedEnd } from './regions';

/** `flash-plan.json`: the plan without the bytes. Equal plans give equal text. */
export function renderPlan(plan: FlashPlan): string {
  return canonicalJson({
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
  });
}
