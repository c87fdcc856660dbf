import type { StageVerdict } from './explain-stages';

/** What some stages take together, from past runs. */
export interface Together {
  readonly stages: readonly string[];
  readonly seconds: number;
  /** Stages of which no run is known: their time comes on top. */
  readonly unknown: readonly string[];
}

export function together(verdicts: readonly StageVerdict[]): Together {
  return {
    stages: verdicts.map(({ stage }) => stage),
    seconds: verdicts.reduce((sum, { expected }) => sum + (expected?.seconds ?? 0), 0),
    unknown: verdicts.filter(({ expected }) => expected === null).map(({ stage }) => stage),
  };
}

/** "about 1 min 20 s", "about 3.2 s and what train takes (no past run)", "unknown: no past run" */
export function timeText({ stages, seconds, unknown }: Together): string {
  if (stages.length === 0) return 'nothing';
  if (unknown.length === stages.length) return 'unknown time: no past run here';
  const rest = unknown.length === 0 ? '' : ` and what ${unknown.join(', ')} takes: no past run here`;
  return `about ${secondsText(seconds)}${rest}`;
}

/** 0.42 → "0.4 s", 75 → "1 min 15 s" */
export function secondsText(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}
