import type { DeviceProfile } from '@graft/k210';

import type { FitReport } from './check-fit';

/** How a network stands with one firmware build of its board. */
export interface FirmwareFit {
  /** As `target.firmware` has it. */
  readonly key: string;
  readonly name: string;
  readonly availableBytes: number;
  /** Negative: so much is missing. */
  readonly leftBytes: number;
  readonly loadsVersion3: boolean;
  /** Layers that the KPU cannot run are not looked at: no firmware changes them. */
  readonly fits: boolean;
}

export function fitsFirmware({ neededBytes }: FitReport, device: DeviceProfile): FirmwareFit[] {
  return Object.entries(device.firmware).map(([key, { name, freeBytes, kmodelVersions }]) => {
    const leftBytes = freeBytes - neededBytes;
    const loadsVersion3 = kmodelVersions.includes(3);
    return { key, name, availableBytes: freeBytes, leftBytes, loadsVersion3, fits: loadsVersion3 && leftBytes >= 0 };
  });
}
