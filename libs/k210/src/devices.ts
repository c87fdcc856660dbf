const MEBIBYTE = 1024 * 1024;

/** What a firmware build leaves for a model and which files it loads. */
export interface FirmwareProfile {
  readonly name: string;
  readonly kmodelVersions: readonly number[];
  /** Bytes left for kmodel + main memory + camera and screen buffers, with the default heap of the interpreter. */
  readonly freeBytes: number;
}

export interface DeviceProfile {
  readonly name: string;
  readonly chip: 'k210';
  readonly flashBytes: number;
  readonly firmware: Readonly<Record<string, FirmwareProfile>>;
  readonly defaultFirmware: string;
  /** Camera and screen buffers that must fit beside the model. */
  readonly reservedBytes: number;
}

/**
 * Builds of MaixPy v1, from version 0.4 on: all of them load kmodel v3, v4 only those that were made for it, v5 none. Free
 * memory is an estimate, from boot logs and from models that fitted or did not (full, minimum); a minimum build with v4 is
 * larger than one without, and nobody has measured by how much: a guess on the safe side.
 */
const MAIXPY = {
  full: { name: 'MaixPy full', kmodelVersions: [3, 4], freeBytes: 2.4 * MEBIBYTE },
  minimum: { name: 'MaixPy minimum', kmodelVersions: [3], freeBytes: 4.2 * MEBIBYTE },
  'minimum-v4': { name: 'MaixPy minimum with kmodel_v4', kmodelVersions: [3, 4], freeBytes: 3.9 * MEBIBYTE },
} as const;

const k210Board = (name: string): DeviceProfile => ({
  name,
  chip: 'k210',
  flashBytes: 16 * MEBIBYTE,
  firmware: MAIXPY,
  defaultFirmware: 'full',
  reservedBytes: Math.round(0.6 * MEBIBYTE),
});

const BOARDS = [
  'maix-bit',
  'maix-bit-mic',
  'maix-dock',
  'maix-go',
  'maixduino',
  'maix-nano',
  'maix-amigo',
  'maix-cube',
  'm5stickv',
  'kd233',
] as const;

/** Built-in boards by name. */
export const DEVICES: Readonly<Record<string, DeviceProfile>> = Object.fromEntries(
  BOARDS.map((name) => [name, k210Board(name)]),
);

/** Flash map of MaixPy on a 16 MiB board. */
export const FLASH = {
  sectorBytes: 4096,
  modelAddress: 0x300000,
  modelEnd: 0xd00000,
} as const;
