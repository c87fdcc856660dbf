import type { Diagnostic } from '@graft/foundation';
import { FLASH, type DeviceProfile } from '@graft/k210';
import {
  addressInFirmware,
  addressNotAligned,
  addressOutOfRange,
  filesWillBeLost,
  hex,
  regionsOverlap,
} from './errors';
import type { FlashRegion } from './flash-plan';

type Place = Pick<FlashRegion, 'name' | 'address' | 'bytes'>;

/** First address after the region's last sector, or larger unit of writing. The rest of that is filled up. */
export function paddedEnd(
  { address, bytes }: Pick<Place, 'address' | 'bytes'>,
  unit: number = FLASH.sectorBytes,
): number {
  return Math.ceil((address + bytes) / unit) * unit;
}

/**
 * Whether the regions can be written without harm: aligned, in range, off the file system, apart from each other.
 * @param allowFilesystem whether data may lie where the board keeps its files, which are lost then
 */
export function checkRegions(
  regions: readonly FlashRegion[],
  device: Pick<DeviceProfile, 'flashBytes'>,
  allowFilesystem = false,
): Diagnostic[] {
  const each = regions.flatMap((region) => checkRegion(region, device.flashBytes, allowFilesystem));
  return [...each, ...overlaps(regions, FLASH.sectorBytes)];
}

/** What a stub that writes nothing smaller than `unit` cannot write: what begins in the middle of one, or shares one. */
export function checkUnits(places: readonly Place[], unit: number): Diagnostic[] {
  const unaligned = places.filter(({ address }) => address % unit !== 0);
  return [...unaligned.map(({ name, address }) => addressNotAligned(name, address, unit)), ...overlaps(places, unit)];
}

function checkRegion(region: FlashRegion, flashBytes: number, allowFilesystem: boolean): Diagnostic[] {
  const { name, kind, address } = region;
  const end = paddedEnd(region);
  const range = `${hex(address)} to ${hex(end - 1)}`;
  const found: Diagnostic[] = [];
  if (address % FLASH.sectorBytes !== 0) found.push(addressNotAligned(name, address, FLASH.sectorBytes));
  if (address < 0 || end > flashBytes) {
    found.push(addressOutOfRange(name, range, `which ends at ${hex(flashBytes - 1)}`));
  } else if (end > FLASH.modelEnd) {
    found.push(
      allowFilesystem && kind !== 'boot-image'
        ? filesWillBeLost(name, range)
        : addressOutOfRange(name, range, `where the board keeps its files (from ${hex(FLASH.modelEnd)} on)`),
    );
  } else if (address === 0 && kind !== 'boot-image') {
    found.push(addressOutOfRange(name, range, 'where the firmware starts'));
  } else if (address < FLASH.modelAddress && kind !== 'boot-image') {
    found.push(addressInFirmware(address));
  }
  return found;
}

function overlaps(places: readonly Place[], unit: number): Diagnostic[] {
  const sorted = [...places].sort((a, b) => a.address - b.address);
  return sorted.flatMap((place, index) =>
    sorted
      .slice(index + 1)
      .filter((later) => Math.floor(later.address / unit) * unit < paddedEnd(place, unit))
      .map((later) => regionsOverlap(place.name, later.name, unit)),
  );
}
