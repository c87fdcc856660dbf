import { checkConvolution } from './validation/convolution';
import type { Effects } from './validation/effects';
import { Findings, type Finding } from './validation/finding';
import { KpuRam } from './validation/kpu-ram';
import { MainMemory } from './validation/main-memory';
import { checkPlainLayer, PLAIN_LAYERS, UNUSED_LAYERS } from './validation/plain-layers';

export type { Finding } from './validation/finding';

const HEADER_BYTES = 28;
const CONVOLUTION = 10240;
const FULLY_CONNECTED = 18;
/** Up to here the memories are followed; each layer is compared with all results that stand. Real models have 200. */
const MAX_FOLLOWED = 4096;
/** A reference tool counts the padding behind the last body without writing it. */
const MAX_SHORTFALL = 7;

interface Slot {
  readonly id: number;
  readonly bodyBytes: number;
  /** File offset of the layer's entry in the table. */
  readonly entry: number;
  readonly start: number;
  /** Past the last byte that the file has of the body. */
  readonly end: number;
}

/**
 * Checks a kmodel v3 file against docs/formats/kmodel-v3.md and the limits of the KPU: layout, register fields, value
 * ranges, and that every layer finds in memory what an earlier one left there.
 *
 * Written apart from the reader and the writer, and shares nothing with them, so that a mistake there shows here.
 * Takes any bytes and never throws. An empty list means that every rule holds.
 */
export function validateKModel(bytes: Uint8Array): Finding[] {
  const findings = new Findings();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (checkHeader(findings, view)) {
    const slots = findSlots(findings, view);
    if (slots !== null) checkLayers(findings, view, slots);
  }
  return findings.list;
}

/** True: the rest can be understood. */
function checkHeader(findings: Findings, view: DataView): boolean {
  if (view.byteLength < HEADER_BYTES) {
    findings.error('header-cut', view.byteLength, `the file has ${view.byteLength} bytes, a header ${HEADER_BYTES}`);
    return false;
  }
  const [version, flags, arch, layers, , , outputs] = headerWords(view);
  if (version !== 3) {
    findings.error('version', 0, `version is ${version}, must be 3`);
    return false;
  }
  if (flags > 1) findings.error('header-flags', 4, `flags are ${flags}; only bit 0 has a meaning`);
  findings.expect('arch', 8, 'arch', arch, 0);
  if (layers === 0) findings.error('layer-count', 12, 'there is no layer');
  if (outputs === 0) findings.error('output-count', 24, 'there is no output');
  const tables = HEADER_BYTES + 8 * (outputs + layers);
  if (tables > view.byteLength) {
    findings.error('table-cut', view.byteLength, `the tables end at ${tables}, the file at ${view.byteLength}`);
    return false;
  }
  return layers > 0;
}

function headerWords(view: DataView): number[] {
  return Array.from({ length: HEADER_BYTES / 4 }, (_, index) => view.getUint32(4 * index, true));
}

/** Where each body stands. Null: the table and the file do not fit together. */
function findSlots(findings: Findings, view: DataView): Slot[] | null {
  const [, , , layers, , , outputs] = headerWords(view);
  const table = HEADER_BYTES + 8 * outputs;
  const slots: Slot[] = [];
  let start = table + 8 * layers;
  for (let index = 0; index < layers; index++) {
    const entry = table + 8 * index;
    const [id, bodyBytes] = [view.getUint32(entry, true), view.getUint32(entry + 4, true)];
    const end = start + bodyBytes;
    const missing = end - view.byteLength;
    findings.layer = index;
    if (end % 8 !== 0)
      findings.error('body-alignment', entry + 4, `the body ends at ${end}, which is no multiple of 8`);
    if (missing > 0 && (index < layers - 1 || missing > MAX_SHORTFALL)) {
      findings.error('body-cut', entry + 4, `the body ends at ${end}, the file at ${view.byteLength}`);
      return null;
    }
    if (missing > 0) {
      findings.warning('trailing-shortfall', view.byteLength, `${missing} bytes of padding at the end are not there`);
    }
    slots.push({ id, bodyBytes, entry, start, end: Math.min(end, view.byteLength) });
    start = end;
  }
  findings.layer = null;
  if (start < view.byteLength) {
    findings.error('trailing-bytes', start, `${view.byteLength - start} bytes follow the last body`);
  }
  return slots;
}

/** Every body is checked; the flow of data only up to the first layer whose doings are unknown. */
function checkLayers(findings: Findings, view: DataView, slots: readonly Slot[]): void {
  const [, flags, , , maxStart, mainBytes] = headerWords(view);
  const weightBytes = (flags & 1) === 1 ? 1 : 2;
  const effects = slots.map((slot, index) => {
    findings.layer = index;
    return checkLayer(findings, view, slot, weightBytes);
  });
  findings.layer = 0;
  const [first] = slots;
  if (first.id !== CONVOLUTION && first.id !== FULLY_CONNECTED) {
    findings.error('first-layer', first.entry, `the first layer is of type ${first.id}, which takes no input`);
    return;
  }
  if (slots.length > MAX_FOLLOWED) {
    const text = `with ${slots.length} layers, what they leave in memory for each other is not checked`;
    findings.layer = null;
    findings.warning('not-followed', 12, text);
    return;
  }
  const main = new MainMemory(findings, mainBytes);
  const ram = new KpuRam(findings);
  for (const [index, effect] of effects.entries()) {
    if (effect === null) return;
    findings.layer = index;
    if (index === 0) placeInput(main, ram, effect);
    main.apply(effect);
    ram.apply(effect);
  }
  findings.layer = null;
  checkOutputs(findings, view, main);
  main.checkUsage(20);
  ram.checkLowestLine(16, maxStart);
}

function checkLayer(findings: Findings, view: DataView, slot: Slot, weightBytes: 1 | 2): Effects | null {
  const { id, entry, bodyBytes, start, end } = slot;
  const body = { view, start, end };
  if (id === CONVOLUTION) return checkConvolution(findings, body, bodyBytes, weightBytes);
  if (id in PLAIN_LAYERS) return checkPlainLayer(findings, id, body, bodyBytes);
  const unused = UNUSED_LAYERS[id];
  const reason = unused === undefined ? 'does not exist' : `(${unused}) is reserved; no run-time carries it out`;
  findings.error('layer-id', entry, `layer type ${id} ${reason}`);
  return null;
}

/** A picture goes to KPU RAM, floats go to main memory; the caller puts them where the first layer looks. */
function placeInput(main: MainMemory, ram: KpuRam, { kpuRead, reads }: Effects): void {
  if (kpuRead !== null) ram.place(kpuRead);
  for (const read of reads) main.place(read);
}

function checkOutputs(findings: Findings, view: DataView, main: MainMemory): void {
  const outputs = view.getUint32(24, true);
  for (let index = 0; index < outputs; index++) {
    const offset = HEADER_BYTES + 8 * index;
    const [address, bytes] = [view.getUint32(offset, true), view.getUint32(offset + 4, true)];
    if (bytes === 0 || bytes % 4 !== 0) {
      findings.error('output-bytes', offset + 4, `an output has ${bytes} bytes, which is no count of floats`);
    }
    main.read({ offset, address, bytes, content: 'floats' });
  }
}
