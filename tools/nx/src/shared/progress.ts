import { SingleBar } from 'cli-progress';
import type { Report, StageEvent } from '@graft/foundation';

type ProgressEvent = Extract<StageEvent, { type: 'progress' }>;

export interface ProgressPrinter {
  readonly report: Report;
  /** Takes the bar off the screen. */
  readonly stop: () => void;
}

/** A bar on a terminal; elsewhere a line when a task starts, every ten seconds, and when it ends. */
export function progressPrinter(stream: NodeJS.WriteStream, now: () => number = Date.now): ProgressPrinter {
  const show = stream.isTTY ? terminalBar(stream) : plainLines(stream, now);
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

function terminalBar(stream: NodeJS.WriteStream): Display {
  let bar: SingleBar | null = null;
  let task = '';
  const pause = () => {
    bar?.stop();
    bar = null;
  };
  return {
    pause,
    progress: (event) => {
      if (bar === null || task !== event.task) {
        pause();
        task = event.task;
        bar = new SingleBar({
          stream,
          format: `${task} {bar} {value}/{total} ${event.unit}s, {eta_formatted} left{figures}`,
          clearOnComplete: true,
          hideCursor: true,
        });
        bar.start(event.total, 0, { figures: '' });
      }
      bar.setTotal(event.total);
      bar.update(event.done, { figures: figuresOf(event) });
      if (event.done >= event.total) pause();
    },
  };
}

const LINE_INTERVAL_MS = 10_000;

function plainLines(stream: NodeJS.WriteStream, now: () => number): Display {
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
      const finished = event.done >= event.total;
      if (!finished && nowMs - printedMs < LINE_INTERVAL_MS) return;
      printedMs = nowMs;
      stream.write(
        `${event.task}: ${event.done} of ${event.total} ${event.unit}s${finished ? '' : timeLeft(event, nowMs - startedMs)}${figuresOf(event)}\n`,
      );
    },
  };
}

function timeLeft({ done, total, unit }: ProgressEvent, elapsedMs: number): string {
  if (done === 0 || elapsedMs === 0) return '';
  const rate = done / (elapsedMs / 1000);
  return `, ${rate.toPrecision(3)} ${unit}s/s, ${Math.ceil((total - done) / rate)} s left`;
}

function figuresOf({ figures }: ProgressEvent): string {
  return Object.entries(figures ?? {})
    .map(([name, value]) => `, ${name} ${value.toPrecision(3)}`)
    .join('');
}
