import { ByteReader } from '@graft/foundation';

/** What a board must know of a kmodel before it is loaded. Null: the version does not say it in this place. */
export interface KmodelHeader {
  readonly version: number;
  readonly mainMemoryBytes: number;
  /** Values in the first output, float32 each. */
  readonly answers: number | null;
  /** Picture that the first layer takes. */
  readonly input: { readonly width: number; readonly height: number; readonly channels: number } | null;
}

/** "LDMK", with which versions after 3 begin, as a number. */
const IDENTIFIER = 0x4b4d444c;
const CONVOLUTION = 10240;

/**
 * Reads the head of a kmodel of any version; v3: docs/formats/kmodel-v3.md.
 * @throws ByteError E350 when the file ends early.
 * @returns null when the bytes are no kmodel.
 */
export function readKmodelHeader(bytes: Uint8Array): KmodelHeader | null {
  const first = new ByteReader(bytes).u32();
  if (first === 3) return readVersion3(bytes);
  return first === IDENTIFIER ? readLater(bytes) : null;
}

function readVersion3(bytes: Uint8Array): KmodelHeader {
  const [, , , layers, , mainMemoryBytes, outputs] = words(bytes, 0, 7);
  const [, outputBytes] = outputs > 0 ? words(bytes, 28, 2) : [0, 0];
  const table = 28 + outputs * 8;
  return {
    version: 3,
    mainMemoryBytes,
    answers: outputBytes / 4,
    input: layers > 0 ? firstPicture(bytes, table, table + layers * 8) : null,
  };
}

/** A model whose first layer is no convolution takes floats, not a picture. */
function firstPicture(bytes: Uint8Array, layerTable: number, firstBody: number): KmodelHeader['input'] {
  if (words(bytes, layerTable, 1)[0] !== CONVOLUTION) return null;
  const registers = words(bytes, firstBody + 8, 1)[0];
  const channels = words(bytes, registers + 16, 1)[0];
  const size = words(bytes, registers + 24, 1)[0];
  return {
    width: (size & 0x3ff) + 1,
    height: ((size >>> 10) & 0x1ff) + 1,
    channels: (channels & 0x3ff) + 1,
  };
}

/** identifier, version, flags, target, constants, main memory, nodes, inputs, outputs, reserved; then ranges and shapes. */
function readLater(bytes: Uint8Array): KmodelHeader {
  const version = words(bytes, 4, 1)[0];
  if (version !== 4) return { version, mainMemoryBytes: 0, answers: null, input: null };
  const [mainMemoryBytes, , inputs, outputs] = words(bytes, 20, 4);
  const shapes = 40 + inputs * 16;
  const [, channels, height, width] = inputs > 0 ? words(bytes, shapes, 4) : [0, 0, 0, 0];
  const ranges = shapes + inputs * 16;
  return {
    version,
    mainMemoryBytes,
    answers: outputs > 0 ? words(bytes, ranges, 4)[3] / 4 : null,
    input: inputs > 0 ? { width, height, channels } : null,
  };
}

function words(bytes: Uint8Array, offset: number, count: number): number[] {
  const reader = new ByteReader(bytes, offset);
  return Array.from({ length: count }, () => reader.u32());
}
