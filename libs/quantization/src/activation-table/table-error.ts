import { tableByte, type TableSegment } from './activation-table';
import { clamp, type StepCurve } from './step-curve';

/**
 * Largest distance of a byte from the curve over all sums, in output steps; exact. Between two changes of the byte the
 * curve is monotone or turns at a known place, so the largest distance is at one of these or beside a change.
 */
export function tableError(segments: readonly TableSegment[], curve: StepCurve): number {
  const first = segments[0].bias;
  const last = segments[segments.length - 1].bias;
  const limits = Math.max(Math.abs(first - curve.left), Math.abs(last - curve.right));
  return places(segments, curve).reduce(
    (error, sum) => Math.max(error, Math.abs(tableByte(segments, sum) - clamp(curve.at(sum)))),
    limits,
  );
}

function places(segments: readonly TableSegment[], curve: StepCurve): number[] {
  const turns = curve.extremes(0).flatMap((sum) => [Math.floor(sum), Math.ceil(sum)]);
  const changes = segments.slice(1).flatMap(({ start, multiplier, shift, bias }, index) => {
    const sums = [start - 1, start];
    const end = segments[index + 2]?.start ?? start;
    for (let byte = bias; multiplier > 0; byte++) {
      // The first sum that rounds to a byte more.
      const sum = start + Math.ceil(((byte - bias + 0.5) * 2 ** shift) / multiplier);
      if (sum >= end) break;
      sums.push(sum - 1, sum);
    }
    return sums;
  });
  return [...turns, ...changes];
}
