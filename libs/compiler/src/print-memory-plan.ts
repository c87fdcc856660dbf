import { KPU } from '@graft/k210';

import type { MemoryPlan } from './memory-plan';
import { printTable } from './print-table';

/** Two tables: feature maps in KPU RAM, buffers in main memory. */
export function printMemoryPlan(plan: MemoryPlan): string {
  const maps = [...plan.kpuMaps, ...plan.denseMaps].map(({ name, line, lines }) => [
    name,
    `${line} … ${line + lines - 1}`,
    String(lines),
  ]);
  const buffers = plan.mainBuffers.map(({ name, address, bytes, firstStep, lastStep }) => [
    name,
    String(address),
    String(bytes),
    `${firstStep} … ${lastStep === Number.POSITIVE_INFINITY ? 'end' : lastStep}`,
  ]);
  return [
    printTable(['KPU RAM', 'lines', 'number'], maps),
    `most in use at a time: ${plan.kpuPeakLines} of ${KPU.lines} lines\n`,
    printTable(['main memory', 'address', 'bytes', 'steps'], buffers),
    `allocated: ${plan.mainBytes} bytes\n`,
  ].join('\n');
}
