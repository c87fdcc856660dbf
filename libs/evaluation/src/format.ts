import type { EstimatedSpeed } from './facts';

const KIBIBYTE = 1024;
const MEBIBYTE = 1024 * 1024;

/** 0.9731 → "97.31 %" */
export function percent(share: number): string {
  return `${(share * 100).toFixed(2)} %`;
}

/** Confidence of an interval without needless digits: 0.95 → "95 %". */
export function percentInterval(confidence: number): string {
  return `${Number((confidence * 100).toFixed(4))} %`;
}

/** A difference of two shares: 0.0123 → "1.23 points". */
export function pointsText(difference: number): string {
  return `${(difference * 100).toFixed(2)} points`;
}

/** 1964232 → "1.87 MiB (1,964,232 bytes)" */
export function bytesText(bytes: number): string {
  const grouped = String(bytes).replace(/\B(?=(\d{3})+$)/g, ',');
  if (bytes < KIBIBYTE) return `${grouped} bytes`;
  const [unit, name] = bytes < MEBIBYTE ? [KIBIBYTE, 'KiB'] : [MEBIBYTE, 'MiB'];
  return `${(bytes / Number(unit)).toFixed(2)} ${name} (${grouped} bytes)`;
}

/** "about 28.9 pictures a second: 34.6 ms each (24.7 ms to 48.4 ms)" */
export function speedText({ estimatedMs, lowMs, highMs }: EstimatedSpeed): string {
  const rate = (1000 / estimatedMs).toFixed(1);
  return `about ${rate} pictures a second: ${msText(estimatedMs)} each (${msText(lowMs)} to ${msText(highMs)})`;
}

/** 35.4 → "35.4 ms" */
export function msText(ms: number): string {
  return `${Number(ms.toFixed(1))} ms`;
}

/** 1 → "1 picture", 3 → "3 pictures" */
export function countOf(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
