import { GraftError, reasonOf, type Diagnostic } from '@graft/foundation';

const error = (code: string, message: string, hint: string): Diagnostic => ({ code, severity: 'error', message, hint });
const warning = (code: string, message: string, hint: string): Diagnostic => ({
  code,
  severity: 'warning',
  message,
  hint,
});
export const hex = (address: number): string => `0x${address.toString(16)}`;
const mebibytes = (bytes: number): string => `${(bytes / 1024 / 1024).toFixed(2)} MiB`;

/** @param loaders keys of the builds that load the file */
export const firmwareCannotLoad = (
  firmware: string,
  loads: readonly number[],
  version: number,
  loaders: readonly string[],
): Diagnostic =>
  error(
    'E401',
    `firmware "${firmware}" loads kmodel ${loads.map((one) => `v${one}`).join(', ')}; the file is v${version}`,
    loaders.length === 0
      ? `no MaixPy loads v${version}: make the model anew, with export.kmodel.version: 3`
      : `write another build to the board and set target.firmware: ${loaders.join(' or ')}`,
  );

export const notAKmodel = (reason: string): Diagnostic =>
  error('E402', `the model file is no kmodel: ${reason}`, 'run the stage export-kmodel again');

export const wrongClassCount = (answers: number, classes: number): Diagnostic =>
  error(
    'E403',
    `the model gives ${answers} values a picture, but there are ${classes} classes`,
    'the kmodel was made for another list of classes; run the stage export-kmodel again',
  );

export const wrongInputSize = (model: string, wanted: string): Diagnostic =>
  error(
    'E404',
    `the model takes pictures of ${model} (width × height × channels), the experiment says ${wanted}`,
    'the kmodel was made for another preprocess.image_size; run the stage export-kmodel again',
  );

export const addressNotAligned = (name: string, address: number, sector: number): Diagnostic =>
  error(
    'E405',
    `${name}: address ${hex(address)} is not a multiple of ${sector}, the smallest piece that is written`,
    `nearest below: ${hex(Math.floor(address / sector) * sector)}; the usual address of a model is 0x300000`,
  );

export const addressOutOfRange = (name: string, range: string, reason: string): Diagnostic =>
  error('E406', `${name} would take ${range} of the flash chip, ${reason}`, 'the usual address of a model is 0x300000');

export const filesWillBeLost = (name: string, range: string): Diagnostic =>
  warning(
    'W431',
    `${name} takes ${range} of the flash chip, where the board keeps its files: its own scripts and settings are lost`,
    'copy them from the board first; flash.allow_filesystem: false forbids this again',
  );

export const regionsOverlap = (first: string, second: string, sector: number): Diagnostic =>
  error(
    'E407',
    `${first} and ${second} share a piece of the flash chip that is written whole`,
    `a piece has ${sector} bytes; move one of the two`,
  );

export const heapOutOfRange = (bytes: number): Diagnostic =>
  error(
    'E408',
    `flash.gc_heap of ${bytes} bytes can stop the firmware`,
    'write 0 to leave the heap as it is, or a size from 128 KiB to 1 MiB in steps of 1 KiB',
  );

export const unusableLabel = (label: string, reason: string): Diagnostic =>
  error('E409', `class name ${JSON.stringify(label)} cannot be shown on the board: ${reason}`, 'rename the class');

export const unknownFirmware = (firmware: string, device: string, known: readonly string[]): Diagnostic =>
  error('E410', `"${device}" has no firmware called "${firmware}"`, `known: ${known.join(', ')}`);

export const verificationFailed = (path: string, wanted: string, found: string): GraftError =>
  new GraftError('E411', {
    message: `${path} reads back differently from what was written`,
    hint: 'the disk or card is full or failing; try another',
    details: [`SHA-256 wanted ${wanted}`, `SHA-256 found  ${found}`],
  });

export const flashAborted = (): GraftError =>
  new GraftError('E412', { message: 'flashing was stopped', hint: 'nothing was changed; start it again' });

/** In the middle. @param details what the board holds now */
export const flashStopped = (details: readonly string[]): GraftError =>
  new GraftError('E412', { message: 'flashing was stopped', details, hint: 'start it again to finish' });

export const cardRefused = (card: string, reason: string, cause?: unknown): GraftError =>
  new GraftError('E413', {
    message: `${card} cannot take the card's files: ${reason}`,
    hint: 'name the folder where the card is mounted, with room and the right to write',
    ...(cause === undefined ? {} : { cause }),
  });

export const cardNotFat = (
  card: string,
  { type, mountPoint }: { readonly type: string; readonly mountPoint: string },
): GraftError =>
  new GraftError('E447', {
    message:
      mountPoint !== '/'
        ? `${card} is on a file system of type ${type}, which the board does not read`
        : `${card} is a folder of this machine (${type}), so no card is mounted there`,
    hint:
      'mount the card, and name its folder; it must be FAT32 (no exFAT) with an MBR partition table. To fill any other ' +
      'folder all the same: --cardFilesystem=any',
  });

export const optionWithoutUse = (engine: string, options: readonly string[], uses: readonly string[]): GraftError =>
  new GraftError('E414', {
    message: `engine "${engine}" has no use for ${options.map((option) => `--${option}`).join(', ')}, so nothing was done`,
    hint: `it uses ${uses.length === 0 ? 'no options' : uses.map((use) => `--${use}`).join(', ')}; flash.engine in experiment.yaml chooses another`,
  });

export const nothingForTheChip = (engine: string): Diagnostic =>
  error(
    'E417',
    `engine "${engine}" writes the flash chip, but the model is to be loaded from the card`,
    'set flash.model_from: flash, or flash.engine: sd',
  );

export const kflashMissing = (program: string, cause: unknown): GraftError =>
  new GraftError('E419', {
    message: `${program} cannot be started: ${reasonOf(cause)}`,
    hint: 'pip install kflash==1.1.6, or set flash.engine to isp, kfpkg or sd',
    cause,
  });

export const kflashFailed = (reason: string, lastLines: readonly string[]): GraftError =>
  new GraftError('E418', {
    message: `kflash did not write the whole file: ${reason}`,
    details: lastLines,
    hint: 'try a lower --baud, another cable or port, or flash.engine: isp, which sends a refused block again',
  });

export const planNotWhole = (path: string, details: readonly string[]): GraftError =>
  new GraftError('E415', {
    message: `${path} is not what was planned`,
    details,
    hint: 'run the stage flash-plan again',
  });

/** @param roomier key of a build in which the model fits */
export const memoryIsShort = (
  needed: number,
  free: number,
  firmware: string,
  roomier: string | undefined,
): Diagnostic =>
  warning(
    'W410',
    `model, main memory, camera and screen need ${mebibytes(needed)}; firmware "${firmware}" leaves about ${mebibytes(free)}`,
    roomier === undefined
      ? 'take a gc_heap of 256 KiB, a smaller model.alpha, a smaller image_size or a smaller head'
      : `it fits target.firmware: ${roomier}; or take a gc_heap of 256 KiB, a smaller model.alpha, image_size or head`,
  );

export const heapTooSmallForPictures = (bytes: number, needed: number): Diagnostic =>
  warning(
    'W420',
    `a picture of the self-test needs a heap of about ${Math.ceil(needed / 1024)} KiB; flash.gc_heap is ${bytes / 1024} KiB`,
    'take a larger flash.gc_heap, or flash.self_test: 0',
  );

export const kitNotOnChip = (engine: string): Diagnostic =>
  warning(
    'W432',
    `engine "${engine}" writes the flash chip only: the script and the pictures of the self-test, which are files, stay here`,
    `${engine === 'kfpkg' ? '' : 'run flash with --sendScript, which sends them as well; or '}copy the files of the card folder to a card, or send them with flash.engine: repl`,
  );

export const modelNotOnCard = (address: number): Diagnostic =>
  warning(
    'W411',
    `the script on the card loads the model from flash at ${hex(address)}, which engine "sd" does not write`,
    'set flash.model_from: sd, or write the model to that address by other means',
  );

export const addressInFirmware = (address: number): Diagnostic =>
  warning(
    'W412',
    `address ${hex(address)} lies where a full firmware build may reach`,
    'take 0x300000 or above, or check the size of the firmware file',
  );

export const badPackage = (name: string, complaints: readonly string[]): GraftError =>
  new GraftError('E416', {
    message: `${name} is no package of files for the flash chip`,
    details: complaints,
    hint: 'run flash-plan again, or take a .kfpkg that was downloaded whole',
  });
