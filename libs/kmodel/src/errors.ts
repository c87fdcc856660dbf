import { ByteError, GraftError } from '@graft/foundation';

const DAMAGED = 'the file is damaged or was cut; build or fetch it again';

const WRONG_VERSION = 'only version 3 is supported; convert the model again with target kmodel v3';

/** @param version as it stands in the file; undefined: the file ends before it. */
export const laterVersion = (version: number | undefined): ByteError =>
  version === undefined
    ? new ByteError(0, 'this is a kmodel of version 4 or later, cut short', WRONG_VERSION, 'E351')
    : new ByteError(4, `this is a kmodel of version ${version}, not 3`, WRONG_VERSION, 'E351');

export const notVersion3 = (version: number): ByteError =>
  new ByteError(0, `this is no kmodel v3: it starts with ${version} where the version stands`, WRONG_VERSION, 'E351');

export const foreignChip = (architecture: number): ByteError =>
  new ByteError(8, `the model is for architecture ${architecture}, not for the K210 (0)`, DAMAGED, 'E351');

export const unknownFlags = (flags: number): ByteError =>
  new ByteError(4, `the header has unknown flags ${hex(flags)}`, DAMAGED, 'E351');

export const countsBeyondFile = (layers: number, outputs: number, bytes: number): ByteError =>
  new ByteError(
    12,
    `the header promises ${layers} layers and ${outputs} outputs; the file has ${bytes} bytes`,
    DAMAGED,
    'E352',
  );

export const bodiesEndEarly = (offset: number, missing: number): ByteError =>
  new ByteError(offset, `the file ends early: the layer table promises ${missing} bytes more`, DAMAGED);

export const bytesLeftOver = (offset: number, count: number): ByteError =>
  new ByteError(offset, `${count} bytes follow the last layer`, DAMAGED, 'E352');

export const bodySizeDiffers = (offset: number, promised: number, actual: number): ByteError =>
  new ByteError(offset, `the layer takes ${actual} bytes, the layer table says ${promised}`, DAMAGED, 'E352');

export const paddingNotZero = (offset: number): ByteError =>
  new ByteError(offset, 'the padding is not zero', DAMAGED, 'E352');

export const mainMemoryUneven = (bytes: number): ByteError =>
  new ByteError(20, `the header asks for ${bytes} bytes of main memory, which is no multiple of 8`, DAMAGED, 'E352');

export const blocksOverlap = (offset: number, block: string, before: string): ByteError =>
  new ByteError(offset, `the ${block} begin before the ${before} have ended`, DAMAGED, 'E352');

export const blockOutsideBody = (offset: number, block: string, start: number): ByteError =>
  new ByteError(offset, `the ${block} stand at byte ${start}, outside of their layer`, DAMAGED, 'E352');

export const layerNotSupported = (offset: number, type: number): ByteError =>
  new ByteError(
    offset,
    `layer type ${type} is not one that the firmware can run`,
    'the file is damaged, or was made for another runtime',
    'E353',
  );

export const registerContradicts = (offset: number, register: string, found: number, expected: number): ByteError =>
  new ByteError(
    offset,
    `register ${register} is ${found} where the rest of the layer asks for ${expected}`,
    'the file is damaged, or was made by a tool that uses the KPU in a way not supported here',
    'E354',
  );

export const planeTooLarge = (offset: number, bytes: number): ByteError =>
  new ByteError(
    offset,
    `planes of ${bytes} bytes go to main memory; the register for their size holds 65536 at most`,
    DAMAGED,
    'E354',
  );

export const reservedBitsSet = (offset: number, where: string): ByteError =>
  new ByteError(offset, `reserved bits of ${where} are not zero`, DAMAGED, 'E354');

/** The same complaint with the layer in front. */
export const inLayer = (index: number, kind: string, error: ByteError): ByteError =>
  new ByteError(
    error.offset,
    `layer ${index} (${kind}): ${error.message.replace(/ \(at byte \d+\)$/, '')}`,
    error.hint,
    error.code,
  );

/** The same complaint with the file in front, and what else is wrong with it behind. */
export const inFile = (path: string, error: ByteError, details: readonly string[]): GraftError =>
  new GraftError(error.code, {
    message: `${path}: ${error.message}`,
    details,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    cause: error,
  });

export const fileMissing = (path: string): GraftError =>
  new GraftError('E356', {
    message: `there is no file ${path}`,
    hint: 'check the path; it is taken relative to the folder in which you are',
  });

export const fileNotReadable = (path: string, what: string): GraftError =>
  new GraftError('E357', { message: `${path} is ${what}`, hint: 'name a kmodel file' });

export const valueDoesNotFit = (field: string, value: unknown): GraftError =>
  new GraftError('E355', {
    message: `the model cannot be written: ${field} ${describe(value)} does not fit its field`,
    hint: 'the layer asks for something the file format or the KPU cannot express; make the layer smaller',
  });

export const wrongCount = (what: string, count: number, expected: number): GraftError =>
  new GraftError('E355', {
    message: `the model cannot be written: ${count} ${what} where the layer has room for exactly ${expected}`,
    hint: 'the parts of the layer do not belong together',
  });

function describe(value: unknown): string {
  return typeof value === 'object' && value !== null && 'length' in value ? `of length ${value.length}` : String(value);
}

function hex(value: number): string {
  return `0x${value.toString(16)}`;
}
