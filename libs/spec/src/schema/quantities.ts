export type QuantityKind =
  | 'share'
  | 'bytes'
  | 'degrees'
  | 'address'
  | 'at-least-share'
  | 'at-most-share'
  | 'at-most-bytes'
  | 'at-most-milliseconds';

/** Bounds in the base unit: a fraction, bytes, degrees, milliseconds. */
export interface QuantityRange {
  readonly kind: QuantityKind;
  readonly minimum?: number;
  readonly maximum?: number;
}

interface Quantity {
  readonly acceptsNumber: boolean;
  readonly pattern: string;
  /** What it must look like, in words. */
  readonly looks: string;
  /** `text` matches `pattern`. */
  readonly parse: (text: string) => number;
  readonly print: (value: number) => string;
}

const NUMBER = String.raw`\d+(?:\.\d+)?`;
const UNITS: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1000,
  KB: 1000,
  MB: 1000 ** 2,
  GB: 1000 ** 3,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
};
const SHARE = `${NUMBER}\\s*%`;
const DURATION = `${NUMBER}\\s*(?:ms|s)`;
const BYTES = `${NUMBER}\\s*(?:${Object.keys(UNITS).join('|')})`;

const share: Quantity = {
  acceptsNumber: true,
  pattern: `^${SHARE}$`,
  looks: 'a share such as 15%',
  parse: shareOf,
  print: (value) => `${Number((value * 100).toPrecision(12))}%`,
};

const bytes: Quantity = {
  acceptsNumber: true,
  pattern: `^${BYTES}$`,
  looks: 'a size such as 2 MiB',
  parse: bytesOf,
  print: printBytes,
};

const milliseconds: Quantity = {
  acceptsNumber: false,
  pattern: `^${DURATION}$`,
  looks: 'a duration such as 60 ms',
  parse: (text) => Number.parseFloat(text) * (text.endsWith('ms') ? 1 : 1000),
  print: (value) => `${value} ms`,
};

const compared = (sign: string, plain: Quantity, pattern: string, looks: string): Quantity => ({
  acceptsNumber: false,
  pattern: `^${sign}\\s*${pattern}$`,
  looks,
  parse: (text) => plain.parse(text.slice(sign.length).trim()),
  print: (value) => `${sign} ${plain.print(value)}`,
});

export const QUANTITIES: Readonly<Record<QuantityKind, Quantity>> = {
  share,
  bytes,
  degrees: {
    acceptsNumber: true,
    pattern: `^${NUMBER}\\s*(?:deg|°)$`,
    looks: 'an angle such as 10 deg',
    parse: (text) => Number.parseFloat(text),
    print: (value) => `${value} deg`,
  },
  address: {
    acceptsNumber: true,
    pattern: '^0x[0-9a-fA-F]+$',
    looks: 'an address such as 0x300000',
    parse: Number,
    print: (value) => `0x${value.toString(16)}`,
  },
  'at-least-share': compared('>=', share, SHARE, 'a lower limit in quotes, such as ">= 90%"'),
  'at-most-share': compared('<=', share, SHARE, 'an upper limit in quotes, such as "<= 2%"'),
  'at-most-bytes': compared('<=', bytes, BYTES, 'an upper limit in quotes, such as "<= 2 MiB"'),
  'at-most-milliseconds': compared('<=', milliseconds, DURATION, 'an upper limit in quotes, such as "<= 60 ms"'),
};

/** The value in its base unit; null: not written as this kind of quantity. */
export function parseQuantity(kind: QuantityKind, value: unknown): number | null {
  const { acceptsNumber, pattern, parse } = QUANTITIES[kind];
  if (typeof value === 'number') return acceptsNumber && Number.isFinite(value) ? value : null;
  if (typeof value !== 'string' || !new RegExp(pattern, 'u').test(value)) return null;
  return parse(value);
}

/** Whether a quantity lies in its range and is whole where it must be. A value of another form is not judged here. */
export function isInRange({ kind, minimum = -Infinity, maximum = Infinity }: QuantityRange, value: unknown): boolean {
  const number = parseQuantity(kind, value);
  if (number === null) return true;
  const whole = kind !== 'address' && kind !== 'bytes' && kind !== 'at-most-bytes';
  return number >= minimum && number <= maximum && (whole || Number.isInteger(number));
}

/** `a share such as 15%, from 0% to 90%` */
export function describeQuantity({ kind, minimum, maximum }: QuantityRange): string {
  const { looks, print } = QUANTITIES[kind];
  // The bounds of a limit say nothing that its example does not.
  if (kind.startsWith('at-')) return looks;
  if (minimum !== undefined && maximum !== undefined) return `${looks}, from ${print(minimum)} to ${print(maximum)}`;
  if (minimum !== undefined) return `${looks}, at least ${print(minimum)}`;
  return maximum === undefined ? looks : `${looks}, at most ${print(maximum)}`;
}

/** Through the decimal point, not a division: 15% is the same double as 0.15. */
function shareOf(text: string): number {
  return Number(`${text.replace('%', '').trim()}e-2`);
}

function bytesOf(text: string): number {
  const [, number = '', unit = ''] = /^([\d.]+)\s*(\w+)$/.exec(text) ?? [];
  return Math.round(Number(number) * UNITS[unit]);
}

function printBytes(value: number): string {
  const unit = ['GiB', 'MiB', 'KiB'].find((name) => value >= UNITS[name] && value % UNITS[name] === 0);
  return unit === undefined ? `${value} B` : `${value / UNITS[unit]} ${unit}`;
}
