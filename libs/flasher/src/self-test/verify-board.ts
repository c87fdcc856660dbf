import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { GraftError, Report } from '@graft/foundation';
import { withRepl } from '../repl/with-repl';
import { portFor, type BenchPort } from '../serial/choose-port';
import type { SerialAccess } from '../serial/serial-access';
import { parseBoardLine, SELF_TEST_PROGRAM, type BoardLine } from './board-lines';
import { diagnose } from './diagnose';
import { anotherKit, noKitOnBoard, noKitPlanned } from './errors';
import { firmwareNotes } from './firmware-notes';
import { judgePictures, renderJudgement } from './judge';
import { checksumOf, KIT_FILE, parseKitIndex } from './kit';

export interface VerifyContext {
  /** What `flash` wrote. Verified by the caller. */
  readonly planFolder: string;
  /** As the system names it. Absent: the one port that can be a board. */
  readonly port?: string | undefined;
  /** The board that the experiment names, where that is one of this bench. */
  readonly bench?: BenchPort | undefined;
  readonly serial: SerialAccess;
  readonly report: Report;
  readonly signal?: AbortSignal;
  /** So long the board may say nothing; default: a minute. */
  readonly silenceMs?: number;
}

export interface Verification {
  /** Firmware and a table of the pictures, for people. */
  readonly lines: readonly string[];
  /** What the failure means; null where every picture passed. */
  readonly failure: GraftError | null;
}

const SILENCE_MS = 60_000;

/**
 * Lets a board that runs MaixPy compute the pictures of its self-test, and compares with what the simulator says. The
 * board starts its own program anew at the end, also where the run is stopped.
 * @throws GraftError E412, E429 … E433 and E443 for the line, E440, E441, E444 where there is nothing to compare
 */
export async function verifyBoard(context: VerifyContext): Promise<Verification> {
  const { planFolder, port, bench, serial, report, signal, silenceMs = SILENCE_MS } = context;
  const text = await readFile(join(planFolder, 'sd', KIT_FILE)).catch(() => null);
  const kit = text === null ? null : parseKitIndex(text.toString());
  if (text === null || kit === null) throw noKitPlanned();
  const labels = (await readFile(join(planFolder, 'sd', 'labels.txt'), 'utf8')).trimEnd().split('\n');

  const lines: BoardLine[] = [];
  const take = (line: BoardLine): void => {
    lines.push(line);
    const done = lines.filter(({ kind }) => kind === 'picture').length;
    const total = kit.pictures.length;
    if (line.kind === 'picture') report({ type: 'progress', task: 'testing the board', done, total, unit: 'picture' });
  };
  const transport = await serial.open(await portFor(serial, port, bench));
  try {
    const interruption = signal === undefined ? {} : { signal };
    await withRepl({ transport, clock: serial.clock, ...interruption }, (repl) =>
      repl.follow(SELF_TEST_PROGRAM, silenceMs, (printed) => {
        const line = parseBoardLine(printed);
        if (line !== null) take(line);
      }),
    );
  } finally {
    await transport.close();
  }
  if (lines.some(({ kind }) => kind === 'none')) throw noKitOnBoard();
  const found = lines.find((line) => line.kind === 'kit');
  if (found?.kind === 'kit' && found.checksum.crc32 !== checksumOf(text).crc32) throw anotherKit();
  const pictures = judgePictures(kit, lines);
  const firmware = lines.flatMap((line) => (line.kind === 'firmware' ? [line.text] : []));
  const wasRun = lines.some(({ kind }) => kind === 'picture');
  return {
    lines: [
      ...firmware.flatMap((name) => [`firmware: ${name}`, ...firmwareNotes(name).map((note) => `  note: ${note}`)]),
      ...(wasRun ? renderJudgement(pictures, labels) : []),
    ],
    failure: diagnose(kit, lines, pictures),
  };
}
