import { ByteError, DiagnosticsError, type Diagnostic } from '@graft/foundation';
import type { FirmwareProfile } from '@graft/k210';
import { cardFiles, modelReference } from './card';
import { modelFileName } from './card-name';
import {
  firmwareCannotLoad,
  heapOutOfRange,
  heapTooSmallForPictures,
  kitNotOnChip,
  memoryIsShort,
  modelNotOnCard,
  notAKmodel,
  nothingForTheChip,
  unknownFirmware,
  wrongClassCount,
  wrongInputSize,
} from './errors';
import type { FlashOptions, FlashPlan, FlashRegion } from './flash-plan';
import { readKmodelHeader, type KmodelHeader } from './kmodel-header';
import { loadersOf } from './firmware';
import { checkLabels } from './labels';
import { memoryBudget } from './memory';
import { checkRegions } from './regions';

/** Smallest and largest heap that the interpreter is known to start with. */
const HEAP = { minBytes: 128 * 1024, maxBytes: 1024 * 1024, stepBytes: 1024, ofInterpreter: 96 * 1024 } as const;

/**
 * Decides what goes where, and whether it can work. Touches nothing.
 * @throws DiagnosticsError with every problem at once: E401 … E410.
 */
export function planFlash(options: FlashOptions): FlashPlan {
  const { device, flash } = options;
  const header = readHeader(options.kmodel);
  const firmware = device.firmware[options.firmware];
  const problems = [
    ...('problem' in header ? [header.problem] : checkHeader(header, options)),
    ...(firmware === undefined ? [unknownFirmware(options.firmware, device.name, Object.keys(device.firmware))] : []),
    ...checkLabels(options.classes),
    ...checkHeap(flash.gcHeapBytes),
    ...checkRegions(regionsOf(options), device, flash.allowFilesystem),
    ...(writesChip(flash.engine) && flash.modelFrom === 'sd' ? [nothingForTheChip(flash.engine)] : []),
  ];
  const errors = problems.filter((problem) => problem.severity === 'error');
  if ('problem' in header || firmware === undefined || errors.length > 0) throw new DiagnosticsError(errors);
  const memoryOn = (build: FirmwareProfile) =>
    memoryBudget(options.kmodel.length, header, device, build, flash.gcHeapBytes);
  const memory = memoryOn(firmware);
  const roomier = loadersOf(device, header.version).find((build) => memoryOn(build).fits)?.key;
  const needed = memory.kmodelBytes + memory.mainMemoryBytes + memory.reservedBytes;
  return {
    engine: flash.engine,
    device: device.name,
    firmware: options.firmware,
    kmodelVersion: header.version,
    model: modelReference(options),
    card: cardFiles(options, header),
    regions: regionsOf(options),
    memory,
    warnings: [
      ...problems,
      ...(memory.fits ? [] : [memoryIsShort(needed, memory.freeBytes, firmware.name, roomier)]),
      ...(flash.engine === 'sd' && flash.modelFrom === 'flash' ? [modelNotOnCard(flash.address)] : []),
      ...checkPictures(options),
      ...(writesChip(flash.engine) && options.selfTest.pictures.length > 0 ? [kitNotOnChip(flash.engine)] : []),
    ],
  };
}

const writesChip = (engine: string): boolean => ['kfpkg', 'isp', 'kflash'].includes(engine);

function readHeader(kmodel: Uint8Array): KmodelHeader | { problem: Diagnostic } {
  try {
    return readKmodelHeader(kmodel) ?? { problem: notAKmodel('it does not begin like one') };
  } catch (error) {
    if (error instanceof ByteError) return { problem: notAKmodel(error.message) };
    throw error;
  }
}

function checkHeader(header: KmodelHeader, { device, firmware, classes, imageSize }: FlashOptions): Diagnostic[] {
  const found: Diagnostic[] = [];
  const profile = device.firmware[firmware];
  if (profile !== undefined && !profile.kmodelVersions.includes(header.version)) {
    const loaders = loadersOf(device, header.version).map(({ key }) => key);
    found.push(firmwareCannotLoad(profile.name, profile.kmodelVersions, header.version, loaders));
  }
  if (header.answers !== null && header.answers !== classes.length) {
    found.push(wrongClassCount(header.answers, classes.length));
  }
  const wanted = `${imageSize.width} × ${imageSize.height} × 3`;
  if (header.version <= 4) {
    const { input } = header;
    const model = input === null ? 'no picture' : `${input.width} × ${input.height} × ${input.channels}`;
    if (model !== wanted) found.push(wrongInputSize(model, wanted));
  }
  return found;
}

function checkHeap(bytes: number): Diagnostic[] {
  const usable = bytes >= HEAP.minBytes && bytes <= HEAP.maxBytes && bytes % HEAP.stepBytes === 0;
  return bytes === 0 || usable ? [] : [heapOutOfRange(bytes)];
}

/** The interpreter holds a picture of the self-test twice, in 16 bits a pixel and as planes, beside its own things. */
function checkPictures({ selfTest, imageSize, flash }: FlashOptions): Diagnostic[] {
  const needed = imageSize.height * imageSize.width * 5 + HEAP.ofInterpreter;
  const isShort = selfTest.pictures.length > 0 && flash.gcHeapBytes > 0 && flash.gcHeapBytes < needed;
  return isShort ? [heapTooSmallForPictures(flash.gcHeapBytes, needed)] : [];
}

function regionsOf({ name, kmodel, flash }: FlashOptions): FlashRegion[] {
  if (flash.modelFrom === 'sd') return [];
  return [{ name: modelFileName(name), kind: 'model', address: flash.address, bytes: kmodel.length }];
}
