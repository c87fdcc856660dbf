import { alignedTable } from '@graft/foundation';
import { secondsText, timeText, together, type Together } from '../../shared/expected-times';
import type { StageVerdict } from '../../shared/explain-stages';

export interface Plan {
  readonly target: string;
  readonly stages: readonly StageVerdict[];
  /** What runs for sure, unless the build tool's cache has it. */
  readonly certain: Together;
  /** What runs on top where its input comes out otherwise. */
  readonly possible: Together;
  readonly saved: Together;
  /** The largest peak of one stage among those that run or may run: stages do not add up. Null: none is known. */
  readonly peakMemoryBytes: number | null;
  /** Of their outputs, those of the stages of which a run is known. */
  readonly outputBytes: number;
}

export function planOf(target: string, stages: readonly StageVerdict[]): Plan {
  const having = (wanted: StageVerdict['verdict']) => stages.filter(({ verdict }) => verdict === wanted);
  const running = stages.flatMap(({ verdict, expected }) =>
    verdict === 'up to date' || expected === null ? [] : [expected],
  );
  return {
    target,
    stages,
    certain: together(having('would run')),
    possible: together(having('runs if its input changes')),
    saved: together(having('up to date')),
    peakMemoryBytes: running.length === 0 ? null : Math.max(...running.map(({ peakMemoryBytes }) => peakMemoryBytes)),
    outputBytes: running.reduce((sum, { outputBytes }) => sum + outputBytes, 0),
  };
}

const HEAD = ['stage', 'verdict', 'time', 'fastest … slowest', 'peak memory', 'output', 'past runs'];

export function planLines({ target, stages, certain, possible, saved, peakMemoryBytes, outputBytes }: Plan): string[] {
  const lines = [`${target}:`, ...alignedTable([HEAD, ...stages.map(cellsOf)]).split('\n')];
  if (certain.stages.length + possible.stages.length === 0)
    return [...lines, `nothing would run; saved: ${timeText(saved)}`];
  return [
    ...lines,
    `would run: ${timeText(certain)}`,
    ...(possible.stages.length === 0 ? [] : [`if inputs come out otherwise, on top: ${timeText(possible)}`]),
    ...(saved.stages.length === 0 ? [] : [`saved: ${timeText(saved)}`]),
    ...(peakMemoryBytes === null
      ? []
      : [`memory: at most about ${megabytes(peakMemoryBytes)} at once; outputs: about ${megabytes(outputBytes)}`]),
    "A stage that once ran with the same inputs may come from the build tool's cache instead, in about a second.",
  ];
}

function cellsOf({ stage, verdict, expected }: StageVerdict): string[] {
  if (verdict === 'up to date') return [stage, verdict, '', '', '', '', ''];
  if (expected === null) return [stage, verdict, 'unknown', '', '', '', 'none'];
  const { seconds, fastest, slowest, peakMemoryBytes, outputBytes, runs } = expected;
  return [
    stage,
    verdict,
    secondsText(seconds),
    `${secondsText(fastest)} … ${secondsText(slowest)}`,
    megabytes(peakMemoryBytes),
    megabytes(outputBytes),
    String(runs),
  ];
}

/** 1,234,567 → "1.2 MB" */
const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`;
