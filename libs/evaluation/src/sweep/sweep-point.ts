import { sha256 } from '@graft/foundation';
import type { ModelFacts } from '../facts';
import type { Proportion } from '../interval';
import type { Metrics } from '../metrics';
import { answerOf } from '../prediction';
import type { Prediction } from '../prediction';

/** What a point of a sweep was measured to be. */
export interface PointFigures {
  readonly device: Proportion;
  readonly float: Proportion;
  readonly agreement: Proportion;
  readonly kmodelBytes: number;
  readonly kpuRamBytes: number;
  readonly mainMemoryBytes: number;
  /** Of one picture, worked out from published figures. */
  readonly estimatedMs: number;
  /** Digest of the ids of the test pictures; points with the same one can be compared picture by picture. */
  readonly pictures: string;
  /** One character for each test picture, in order of id: 1 where the chip is right, 0 where it is not. */
  readonly answers: string;
}

export interface SweepPointResult {
  readonly id: string;
  /** Its keys and values, for people. */
  readonly label: string;
  /** Its keys and values, to be pasted. */
  readonly yaml: string;
  /** `missed`: measured, but what the experiment requires is not met; `skipped`: it does not fit the board. */
  readonly status: 'done' | 'missed' | 'failed' | 'skipped';
  /** Why it is not `done`. */
  readonly reason: string;
  /** Null where nothing was measured. */
  readonly figures: PointFigures | null;
}

export type MeasuredPoint = SweepPointResult & { readonly figures: PointFigures };

export const isMeasured = (point: SweepPointResult): point is MeasuredPoint => point.figures !== null;

/** What the predictions of a point come to. */
export function pointFigures(
  predictions: readonly Prediction[],
  metrics: Pick<Metrics, 'deviceAccuracy' | 'floatAccuracy' | 'agreement'>,
  facts: ModelFacts,
): PointFigures {
  const ordered = [...predictions].sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
  return {
    device: metrics.deviceAccuracy,
    float: metrics.floatAccuracy,
    agreement: metrics.agreement,
    kmodelBytes: facts.kmodelBytes,
    kpuRamBytes: facts.kpuRamBytes,
    mainMemoryBytes: facts.mainMemoryBytes,
    estimatedMs: facts.speed.estimatedMs,
    pictures: sha256(ordered.map(({ id, label }) => `${id} ${label}`).join('\n')),
    answers: ordered.map(({ device, label }) => (answerOf(device) === label ? '1' : '0')).join(''),
  };
}
