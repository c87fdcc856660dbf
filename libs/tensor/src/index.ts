export { packArrays, unpackArrays } from './archive';
export type { Archive, ArchiveArray, ArchiveEntry } from './archive';
export { reverseAxes } from './reverse-axes';
export { shortNumber, summarizeArray } from './summarize-array';
export { sizeOf } from './tensor';
export type { ByteTensor, FloatTensor, MapShape, QuantizationParameters } from './tensor';
