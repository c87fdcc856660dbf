import { GraftError } from '@graft/foundation';

const COMPILER_FAULT = 'no board could run this file; it was damaged or built by a faulty tool';

export const wrongInput = (wanted: string, given: string): GraftError =>
  new GraftError('E360', {
    message: `the model takes ${wanted}; it was given ${given}`,
    hint: 'hand over one picture as dense bytes: channel, row, column',
  });

export const firstLayerTakesNoInput = (kind: string): GraftError =>
  new GraftError('E361', {
    message: `the first layer is of kind ${kind}; input can only go to a convolution or a fully connected layer`,
    hint: COMPILER_FAULT,
  });

export const noLayers = (): GraftError =>
  new GraftError('E361', { message: 'the model has no layers', hint: COMPILER_FAULT });

export const tooMuchMainMemory = (bytes: number, limit: number): GraftError =>
  new GraftError('E362', {
    message: `the model asks for ${bytes} bytes of main memory; the chip has ${limit}`,
    hint: COMPILER_FAULT,
  });

export const outsideMainMemory = (where: string, address: number, bytes: number, size: number): GraftError =>
  new GraftError('E362', {
    message: `${where}: bytes ${address} to ${address + bytes} do not lie in the main memory of ${size} bytes`,
    hint: COMPILER_FAULT,
  });

export const misaligned = (where: string, address: number): GraftError =>
  new GraftError('E362', {
    message: `${where}: floats at main address ${address}, which is no multiple of 4`,
    hint: COMPILER_FAULT,
  });

export const outsideKpuRam = (where: string, line: number, lines: number): GraftError =>
  new GraftError('E363', {
    message: `${where}: a map of ${lines} lines at line ${line} does not fit into the 32768 lines of KPU RAM`,
    hint: COMPILER_FAULT,
  });

export const mapsOverlap = (where: string, source: string, destination: string): GraftError =>
  new GraftError('E363', {
    message: `${where}: reads lines ${source} of KPU RAM while it writes lines ${destination}`,
    hint: COMPILER_FAULT,
  });

export const badParameter = (where: string, name: string, value: number): GraftError =>
  new GraftError('E364', { message: `${where}: ${name} ${value} has no meaning`, hint: COMPILER_FAULT });

export const tooMuchWork = (work: number, limit: number): GraftError =>
  new GraftError('E365', {
    message: `a run of the model takes ${work.toExponential(1)} operations, more than ${limit.toExponential(1)}`,
    hint: COMPILER_FAULT,
  });
