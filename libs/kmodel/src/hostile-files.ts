import { Random } from '@graft/foundation';

// For tests only: files as an accident or an enemy would leave them.

export interface HostileFile {
  /** What was done to which file, for the message of a failing test. */
  readonly what: string;
  readonly bytes: Uint8Array;
}

export interface Original {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** The file cut at every length through its tables and `beyond` bytes on, then at about `samples` lengths up to its end. */
export function* truncations({ name, bytes }: Original, beyond: number, samples: number): Generator<HostileFile> {
  const tables = 28 + 8 * (wordOf(bytes, 12) + wordOf(bytes, 24));
  const dense = Math.min(bytes.length, tables + beyond);
  const step = Math.max(1, Math.floor((bytes.length - dense) / samples));
  for (let length = 0; length < bytes.length; length += length < dense ? 1 : step) {
    yield { what: `${name} cut to ${length} bytes`, bytes: bytes.subarray(0, length) };
  }
}

/** The file cut inside of its bodies, every `step` bytes, with a layer table that agrees: the bodies must notice. */
export function* agreeingTruncations({ name, bytes }: Original, step: number): Generator<HostileFile> {
  const layers = wordOf(bytes, 12);
  const table = 28 + 8 * wordOf(bytes, 24);
  const start = table + 8 * layers;
  for (let length = start; length < bytes.length; length += step) {
    const cut = bytes.slice(0, length);
    const view = new DataView(cut.buffer);
    let left = length - start;
    for (let layer = 0; layer < layers; layer++) {
      const entry = table + 8 * layer + 4;
      const body = Math.min(left, view.getUint32(entry, true));
      view.setUint32(entry, body, true);
      left -= body;
    }
    yield { what: `${name} cut to ${length} bytes, table and all`, bytes: cut };
  }
}

/** `count` damaged copies; the same seed gives the same ones. */
export function* damaged(original: Original, count: number, seed: number): Generator<HostileFile> {
  const places = interestingWords(original.bytes);
  for (let number = 0; number < count; number++) {
    const random = Random.of(seed, 'damage', original.name, number);
    const damage = DAMAGES[random.integer(DAMAGES.length)];
    const bytes = original.bytes.slice();
    const what = damage(bytes, places, random);
    yield { what: `${original.name}, damage ${number}: ${what}`, bytes };
  }
}

/** Changes bytes in place. @returns what it did. */
type Damage = (bytes: Uint8Array, places: readonly number[], random: Random) => string;

const flipAnywhere: Damage = (bytes, _, random) => {
  const flips = Array.from({ length: 1 + random.integer(8) }, () => random.integer(bytes.length * 8));
  for (const flip of flips) bytes[flip >> 3] ^= 1 << (flip & 7);
  return `bits ${flips.join(', ')} flipped`;
};

const flipInStructure: Damage = (bytes, places, random) => {
  const flips = Array.from({ length: 1 + random.integer(3) }, () => 8 * pick(places, random) + random.integer(32));
  for (const flip of flips) bytes[flip >> 3] ^= 1 << (flip & 7);
  return `bits ${flips.join(', ')} flipped`;
};

/** Numbers at which counts, sums and products of sizes go wrong. */
const ABSURD = [0, 1, 3, 7, 255, 65535, 65536, 2 ** 24, 2 ** 30, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 8, 2 ** 32 - 1];

const absurdNumber: Damage = (bytes, places, random) => {
  const length = bytes.length;
  return Array.from({ length: 1 + random.integer(2) }, () => {
    const near = length + random.integer(9) - 4;
    return setWord(bytes, pick(places, random), pick([...ABSURD, near, length >> 1], random));
  }).join(', ');
};

/** Offsets and sizes that another place has: blocks on top of each other, bodies of another's size. */
const copiedWord: Damage = (bytes, places, random) =>
  setWord(bytes, pick(places, random), wordOf(bytes, pick(places, random)));

const movedOffset: Damage = (bytes, places, random) => {
  const at = pick(places, random);
  return setWord(bytes, at, (wordOf(bytes, at) + 8 * (random.integer(65) - 32)) >>> 0);
};

const copiedBytes: Damage = (bytes, _, random) => {
  const [from, to] = [random.integer(bytes.length), random.integer(bytes.length)];
  const length = random.integer(Math.min(400, bytes.length));
  bytes.copyWithin(to, from, from + length);
  return `${length} bytes from ${from} copied to ${to}`;
};

const noise: Damage = (bytes, _, random) => {
  const from = 4 + random.integer(bytes.length - 4);
  const to = Math.min(bytes.length, from + 1 + random.integer(64));
  for (let at = from; at < to; at++) bytes[at] = random.integer(256);
  return `noise from ${from} to ${to}`;
};

const DAMAGES: readonly Damage[] = [
  ...[flipAnywhere, flipInStructure, absurdNumber, copiedWord, movedOffset, copiedBytes, noise],
];

/** Byte offsets of header, tables, and the first words of every body with the register block of a convolution. */
function interestingWords(bytes: Uint8Array): number[] {
  const layers = wordOf(bytes, 12);
  const table = 28 + 8 * wordOf(bytes, 24);
  const words = Array.from({ length: table / 4 + 2 * layers }, (_, index) => 4 * index);
  let body = table + 8 * layers;
  for (let layer = 0; layer < layers; layer++) {
    const end = Math.min(bytes.length, body + wordOf(bytes, table + 8 * layer + 4));
    const most = wordOf(bytes, table + 8 * layer) === CONVOLUTION ? 32 : 16;
    for (let at = body; at + 4 <= Math.min(end, body + 4 * most); at += 4) words.push(at);
    body = end;
  }
  return words;
}

const CONVOLUTION = 10240;

function setWord(bytes: Uint8Array, at: number, value: number): string {
  new DataView(bytes.buffer, bytes.byteOffset).setUint32(at, value, true);
  return `word at ${at} set to ${value}`;
}

function wordOf(bytes: Uint8Array, at: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(at, true);
}

function pick<T>(items: readonly T[], random: Random): T {
  return items[random.integer(items.length)];
}
