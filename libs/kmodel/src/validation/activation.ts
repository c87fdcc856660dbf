import type { Range } from './batch-norm';
import type { Findings } from './finding';

const SEGMENTS = 16;
/** Start of the first segment: below everything that 36 signed bits hold. */
const LOWEST_START = -(2 ** 35);
/** Beyond, reference simulators compare halves in 32 bits; reference files never go above. */
const WISE_SHIFT = 20;
const MAX_SHIFT = 43;

interface Segment {
  readonly offset: number;
  readonly start: number;
  readonly multiplier: number;
  readonly shift: number;
  readonly bias: number;
}

/** Checks 16 segments and their 16 biases. `reachable`: what can come out of the affine step. */
export function checkActivation(findings: Findings, view: DataView, at: number, reachable: Range): void {
  const segments = Array.from({ length: SEGMENTS }, (_, index) => readSegment(findings, view, at, index));
  if (segments[0].start !== LOWEST_START) {
    findings.error('activation-start', at, `the first segment starts at ${segments[0].start}, must be ${LOWEST_START}`);
  }
  segments.forEach(({ offset, shift, start }, index) => {
    if (shift > MAX_SHIFT) {
      findings.error('activation-shift', offset, `shift ${shift} of segment ${index} is above ${MAX_SHIFT}`);
    }
    if (index > 0 && start <= segments[index - 1].start) {
      findings.error('activation-order', offset, `segment ${index} does not start after the one before`);
    }
  });
  advise(findings, segments, reachable);
}

/** u64: shift (8 bits), multiplier (16, signed), start (36, signed), rest zero. */
function readSegment(findings: Findings, view: DataView, at: number, index: number): Segment {
  const offset = at + 8 * index;
  const [low, high] = [view.getUint32(offset, true), view.getUint32(offset + 4, true)];
  if (high >>> 28 !== 0) {
    findings.error('activation-reserved', offset, `segment ${index} has bits set that have no meaning`);
  }
  const start = (low >>> 24) + (high & 0x0fffffff) * 256;
  return {
    offset,
    start: start >= -LOWEST_START ? start + 2 * LOWEST_START : start,
    multiplier: (low << 8) >> 16,
    shift: low & 0xff,
    bias: view.getUint8(at + 8 * SEGMENTS + index),
  };
}

/** What makes the chip and its simulators round alike. One warning a rule and layer. */
function advise(findings: Findings, segments: readonly Segment[], { min, max }: Range): void {
  const warnFirst = (rule: string, text: string, unwise: (segment: Segment, index: number) => boolean) => {
    const index = segments.findIndex(unwise);
    if (index >= 0) findings.warning(rule, segments[index].offset, `segment ${index}: ${text}`);
  };
  const live = (index: number) => segments[index].start <= max && (segments[index + 1]?.start ?? Infinity) >= min;
  warnFirst('activation-shift-large', `the shift is above ${WISE_SHIFT}`, ({ shift }) => shift > WISE_SHIFT);
  warnFirst('activation-negative', 'negative slopes are rounded in odd ways', ({ multiplier }) => multiplier < 0);
  warnFirst('activation-even', 'with an even multiplier, halves are rounded differently', (segment, index) => {
    return live(index) && segment.multiplier !== 0 && segment.multiplier % 2 === 0 && segment.shift > 0;
  });
  warnFirst('activation-jump', 'the value jumps where it starts; readers differ there', ({ start, bias }, index) => {
    return index > 0 && start >= min && start <= max && valueAt(segments[index - 1], start) !== bias;
  });
}

function valueAt({ start, multiplier, shift, bias }: Segment, value: number): number {
  const rounded = Math.floor(((value - start) * multiplier) / 2 ** shift + 0.5) + bias;
  return Math.min(255, Math.max(0, rounded));
}
