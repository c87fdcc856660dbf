import { SingleBar } from 'cli-progress';
import type { Report, StageEvent } from '@graft/foundation';

type ProgressEvent = Extract<StageEvent, { type: 'progress' }>;

/** Where progress is written; a terminal says that it is one. */
type ProgressStream = NodeJS.WritableStream & { readonly isTTY?: boolean };

export interface ProgressPrinter {
  readonly report: Report;
  /** Takes the bar off the screen. */
  readonly stop: () => void;
}

/** A bar on a terminal; elsewhere a line when a task starts, every ten seconds, and when it ends. */
export function progressPrinter(stream: ProgressStream, now: () => number = Date.now): ProgressPrinter {
  const show = stream.isTTY === true ? terminalBar(stream, now) : plainLines(stream, now);
  return {
    report: (event) => {
      if (event.type === 'progress') return show.progress(event);
      show.pause();
      stream.write(event.type === 'warning' ? `warning[${event.code}] ${event.message}\n` : `${event.message}\n`);
    },
    stop: show.pause,
  };
}

interface Display {
  readonly progress: (event: ProgressEvent) => void;
  readonly pause: () => void;
}

function terminalBar(stream: ProgressStream, now: () => number): Display {
  let bar: SingleBar | null = null;
  let task = '';
  let startedMs = 0;
  const pause = (): void => {
    bar?.stop();
    bar = null;
  };
  return {
    pause,
    progress: (event) => {
      if (bar === null || task !== event.task) {
        pause();
        task = event.task;
        startedMs = now();
        bar = new SingleBar({ stream, format: `${task} {bar} {text}`, clearOnComplete: true, hideCursor: true });
        bar.start(Math.max(event.total, 1), 0, { text: '' });
      }
      bar.setTotal(Math.max(event.total, event.done, 1));
      const text = `${amountOf(event)}${timeLeft(event, now() - startedMs)}${figuresOf(event)}`;
      bar.update(event.total > 0 ? event.done : 0, { text });
      if (isFinished(event)) pause();
    },
  };
}

const LINE_INTERVAL_MS = 10_000;

function plainLines(stream: ProgressStream, now: () => number): Display {
  let task = '';
  let startedMs = 0;
  let printedMs = 0;
  return {
    pause: () => undefined,
    progress: (event) => {
      const nowMs = now();
      if (task !== event.task) {
        task = event.task;
        startedMs = nowMs;
        printedMs = nowMs;
      }
      if (!isFinished(event) && nowMs - printedMs < LINE_INTERVAL_MS) return;
      printedMs = nowMs;
      stream.write(`${event.task}: ${amountOf(event)}${timeLeft(event, nowMs - startedMs)}${figuresOf(event)}\n`);
    },
  };
}

/** A total of 0 is not known yet. */
function isFinished({ done, total }: ProgressEvent): boolean {
  return total > 0 && done >= total;
}

function amountOf({ done, total, unit }: ProgressEvent): string {
  const inUnit = (amount: number): string => (unit === 'byte' ? bytesOf(amount) : `${Number(amount.toFixed(1))}`);
  const amount = total > 0 ? `${inUnit(done)} of ${inUnit(total)}` : inUnit(done);
  return unit === 'byte' ? amount : `${amount} ${unit}s`;
}

function timeLeft(event: ProgressEvent, elapsedMs: number): string {
  const { done, total, unit } = event;
  if (done === 0 || elapsedMs === 0 || isFinished(event)) return '';
  const rate = done / (elapsedMs / 1000);
  const speed = unit === 'byte' ? `${bytesOf(rate)}/s` : `${inThreeDigits(rate)} ${unit}s/s`;
  return total > 0 ? `, ${speed}, ${Math.ceil((total - done) / rate)} s left` : `, ${speed}`;
}

/** A serial line carries a few kilobytes a second, a download megabytes. */
const bytesOf = (bytes: number): string =>
  bytes >= 1e6 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e3).toFixed(1)} kB`;

/** Without powers of ten, which large numbers would get. */
const inThreeDigits = (value: number): string => (value >= 1000 ? value.toFixed(0) : value.toPrecision(3));

function figuresOf({ figures }: ProgressEvent): string {
  return Object.entries(figures ?? {})
    .map(([name, value]) => `, ${name} ${inThreeDigits(value)}`)
    .join('');
}
