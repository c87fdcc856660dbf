import type { TimeEstimate } from './estimate-time';

/** Never without its band: "about 35 ms (25 to 49 ms) a picture, 28.6 a second; estimated, not measured". */
export function printTime({ totalMs, lowMs, highMs, framesPerSecond }: TimeEstimate): string {
  const range = `${formatMs(lowMs)} to ${formatMs(highMs)} ms`;
  return `about ${formatMs(totalMs)} ms (${range}) a picture, ${framesPerSecond.toFixed(1)} a second; estimated, not measured`;
}

/** Whole numbers from 10 on: more digits would promise what the estimate does not hold. */
export function formatMs(ms: number): string {
  return ms.toFixed(ms < 10 ? 1 : 0);
}
