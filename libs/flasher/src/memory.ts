import type { DeviceProfile, FirmwareProfile } from '@graft/k210';
import type { MemoryBudget } from './flash-plan';
import type { KmodelHeader } from './kmodel-header';

/** Heap of the interpreter as the firmware ships; the free memory of a firmware profile is counted after it. */
const DEFAULT_HEAP_BYTES = 512 * 1024;

/** The loader keeps the whole file in memory, beside the model's main memory and the buffers of camera and screen. */
export function memoryBudget(
  kmodelBytes: number,
  header: Pick<KmodelHeader, 'mainMemoryBytes'>,
  device: Pick<DeviceProfile, 'reservedBytes'>,
  firmware: Pick<FirmwareProfile, 'freeBytes'>,
  gcHeapBytes: number,
): MemoryBudget {
  const heapBytes = gcHeapBytes === 0 ? DEFAULT_HEAP_BYTES : gcHeapBytes;
  const freeBytes = Math.round(firmware.freeBytes) + DEFAULT_HEAP_BYTES - heapBytes;
  const { mainMemoryBytes } = header;
  const { reservedBytes } = device;
  const fits = kmodelBytes + mainMemoryBytes + reservedBytes <= freeBytes;
  return { kmodelBytes, mainMemoryBytes, reservedBytes, freeBytes, fits };
}
