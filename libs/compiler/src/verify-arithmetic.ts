import { KPU } from '@graft/k210';
import type { ActivationSegment } from '@graft/kmodel';

import { weightLoading } from './kpu-limits';
import type { KpuArithmetic, KpuLayer } from './kpu-program';
import { runsOf } from './split-channels';

/** Complains about `where` unless something holds. */
export type Claim = (holds: boolean, where: string, what: string) => void;

/** Reference compilers shift by no more; a simulator compares halves in 32 bits. */
const MOST_SEGMENT_SHIFT = 20;

/** Every number of a layer fits the field or the width that the chip has for it. */
export function verifyArithmetic(layer: KpuLayer, arithmetic: KpuArithmetic, promise: Claim): void {
  const { name, kind, subsample, output } = layer;
  const { batchNorm, proven } = arithmetic;
  promise(kind !== 'depthwise' || !subsample, name, 'a depthwise layer subsamples');
  const loads = Math.max(...runsOf(layer).map((run) => weightLoading(run).loads));
  promise(loads <= KPU.maxLoads, name, `a run needs ${loads} weight loads`);
  verifyArguments(name, arithmetic, promise);
  promise(batchNorm.length === output.channels, name, 'batch norm entries and channels differ in number');
  for (const { multiplier, shift, add } of batchNorm) {
    const fits =
      Math.abs(multiplier) < 2 ** 21 && Number.isInteger(multiplier) && natural(shift, 15) && signed(add, 32);
    promise(fits, name, `batch norm entry (${multiplier}, ${shift}, ${add}) does not fit`);
  }
  for (const { low, high } of [proven.convolution, proven.batchNorm])
    promise(signed(low, 36) && signed(high, 36) && low <= high, name, `sums of ${low} … ${high} do not fit`);
  verifyActivation(name, arithmetic.activation, promise);
}

function verifyArguments(name: string, arithmetic: KpuArithmetic, promise: Claim): void {
  const { padValue, argX, shiftX, argW, shiftW, argAdd } = arithmetic;
  promise(natural(padValue, 255), name, `the pad value ${padValue} is no byte`);
  for (const [arg, shift] of [
    [argX, shiftX],
    [argW, shiftW],
  ])
    promise(signed(arg, 24) && natural(shift, 15), name, `argument ${arg} >> ${shift} does not fit`);
  promise(signed(argAdd, 40), name, `argument ${argAdd} does not fit`);
}

/** Slopes are never negative: the chip rounds below 0 in odd ways. */
function verifyActivation(name: string, segments: readonly ActivationSegment[], promise: Claim): void {
  promise(segments.length === KPU.activationSegments, name, 'the activation table has not 16 segments');
  promise(segments[0]?.start === -(2 ** 35), name, 'a sum can lie below the activation table');
  segments.forEach(({ start, multiplier, shift, bias }, index) => {
    promise(index === 0 || start > segments[index - 1].start, name, 'segments do not ascend');
    const inside = signed(start, 36) && natural(multiplier, 2 ** 15 - 1);
    const fits = inside && natural(shift, MOST_SEGMENT_SHIFT) && natural(bias, 255);
    promise(fits, name, `segment (${start}, ${multiplier}, ${shift}, ${bias}) does not fit`);
  });
}

function signed(value: number, bits: number): boolean {
  return Number.isInteger(value) && value >= -(2 ** (bits - 1)) && value < 2 ** (bits - 1);
}

function natural(value: number, most: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= most;
}
