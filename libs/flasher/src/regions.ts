import type { Diagnostic } from '@graft/foundation';
import { FLASH, type DeviceProfile } from '@graft/k210';
import { addressInFirmware, addressNotAligned, addressOutOfRange, hex, regionsOverlap } from './errors';
import type { FlashRegion } from './flash-plan';

/** First address after the region's last sector. The rest of that sector is filled up. */
export function paddedEnd({ address, bytes }: FlashRegion): number {
  return Math.ceil((address + bytes) / FLASH.sectorBytes) * FLASH.sectorBytes;
}

/** Whether the regions can be written without harm: aligned, in range, off the file system, apart from each other. */
export function checkRegions(regions: readonly FlashRegion[], device: Pick<DeviceProfile, 'flashBytes'>): Diagnostic[] {
  return [...regions.flatMap((region) => checkRegion(region, device.flashBytes)), ...overlaps(regions)];
}

function checkRegion(region: FlashRegion, flashBytes: number): Diagnostic[] {
  const { name, kind, address } = region;
  const end = paddedEnd(region);
  const range = `${hex(address)} to ${hex(end - 1)}`;
  const found: Diagnostic[] = [];
  if (address % FLASH.sectorBytes !== 0) found.push(addressNotAligned(name, address, FLASH.sectorBytes));
  if (address < 0 || end > flashBytes) {
    found.push(addressOutOfRange(name, range, `which ends at ${hex(flashBytes - 1)}`));
  } else if (end > FLASH.modelEnd) {
    found.push(addressOutOfRange(name, range, `where the board keeps its files (from ${hex(FLASH.modelEnd)} on)`));
  } else if (address === 0 && kind !== 'boot-image') {
    found.push(addressOutOfRange(name, range, 'where the firmware starts'));
  } else if (address < FLASH.modelAddress && kind !== 'boot-image') {
    found.push(addressInFirmware(address));
  }
  return found;
}

function overlaps(regions: readonly FlashRegion[]): Diagnostic[] {
  const sorted = [...regions].sort((a, b) => a.address - b.address);
  return sorted.flatMap((region, index) =>
    sorted
      .slice(index + 1)
      .filter((later) => Math.floor(later.address / FLASH.sectorBytes) * FLASH.sectorBytes < paddedEnd(region))
      .map((later) => regionsOverlap(region.name, later.name, FLASH.sectorBytes)),
  );
}
