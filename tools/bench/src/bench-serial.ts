import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { flashOverIsp, systemSerial } from '@graft/flasher';
import { alignedTable, sha256, silent } from '@graft/foundation';
import { summaryOf } from './measure';
import { noise } from './noise';

/** Bits a second. */
export const LINE_RATES = [115_200, 921_600, 1_500_000, 2_000_000] as const;

const BLOCK_BYTES = 64 * 1024;
const ADDRESS = 0x300000;
/** So long is written at each rate, but one block at least. */
const SECONDS = 3;
/** As large as the usual one; it is loaded before the time counts. */
const STUB = noise(16_512);

export interface SerialResult {
  readonly baud: number;
  /** Payload · 10 bits over rate · time, from the first block to the last answer: 1 is what the line can carry. */
  readonly efficiency: Spread;
  /**
   * Processor time of this process, in cores: all of it, also for reset and stub, over the time of writing. The board runs
   * in another process.
   */
  readonly cores: Spread;
  /** Of the time, for answers of the board. */
  readonly waited: Spread;
}

export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

/** Writes random bytes through the real driver to a fake board at a pseudo-terminal, whose flash chip takes no time. */
export async function benchSerial(baud: number, runs: number, bytes = payload(baud)): Promise<SerialResult> {
  const board = await Board.start();
  try {
    const all = [];
    for (let run = 0; run < runs; run++) all.push(await flashOnce(board, baud, noise(bytes)));
    return {
      baud,
      efficiency: spread(all.map(({ efficiency }) => efficiency)),
      cores: spread(all.map(({ cores }) => cores)),
      waited: spread(all.map(({ waited }) => waited)),
    };
  } finally {
    board.stop();
  }
}

async function flashOnce(board: Board, baud: number, image: Uint8Array) {
  const transport = await systemSerial.open(board.path);
  const images = [{ name: 'noise', address: ADDRESS, bytes: image }];
  const options = { device: 'maix-bit', images, stub: STUB, baud, baudIsPinned: true, reset: 'none' } as const;
  try {
    const begun = process.cpuUsage();
    const context = { transport, clock: systemSerial.clock, report: silent };
    const { bytes, milliseconds, waitedMs } = await flashOverIsp(options, context);
    const { user, system } = process.cpuUsage(begun);
    const digest = await board.digest(ADDRESS, image.length);
    if (digest !== sha256(image)) throw new Error('internal: the board holds other bytes than were sent');
    const efficiency = (bytes * 10_000) / (baud * milliseconds);
    return { efficiency, cores: (user + system) / 1000 / milliseconds, waited: waitedMs / milliseconds };
  } finally {
    await transport.close();
  }
}

/** Whole blocks. */
function payload(baud: number): number {
  return Math.max(1, Math.round((baud / 10) * (SECONDS / BLOCK_BYTES))) * BLOCK_BYTES;
}

function spread(values: readonly number[]): Spread {
  const { median, fastest, slowest } = summaryOf(values);
  return { median, least: fastest, most: slowest };
}

/** A fake board in a process of its own. */
class Board {
  private constructor(
    readonly path: string,
    private readonly child: ChildProcessWithoutNullStreams,
    private readonly lines: AsyncIterator<string>,
  ) {}

  static async start(): Promise<Board> {
    const loader = join(__dirname, '../../nx/load-typescript.cjs');
    const program = join(__dirname, 'serial-board.ts');
    const child = spawn(process.execPath, ['-r', loader, program, Buffer.from(STUB).toString('base64')]);
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    return new Board(await next(lines), child, lines);
  }

  /** Of what the flash chip holds; the board is in ISP mode again after it. */
  digest(address: number, bytes: number): Promise<string> {
    this.child.stdin.write(`${address} ${bytes}\n`);
    return next(this.lines);
  }

  stop(): void {
    this.child.stdin.end();
  }
}

async function next(lines: AsyncIterator<string>): Promise<string> {
  const { value, done } = await lines.next();
  if (done === true) throw new Error('the board has ended; is python3 installed?');
  return value;
}

const GOAL = { efficiency: 0.95, cores: 0.1 } as const;
const HEAD = ['serial line', 'share of the rate', 'spread', 'processor', 'spread', 'waited for the board', 'goals'];

/** A table of shares in percent; the processor's is that of one core. */
export function renderSerialTable(results: readonly SerialResult[]): string {
  return alignedTable([HEAD, ...results.map(cellsOf)]);
}

function cellsOf({ baud, efficiency, cores, waited }: SerialResult): string[] {
  const met = efficiency.median >= GOAL.efficiency && cores.median < GOAL.cores;
  return [
    `write at ${baud} baud`,
    ...[efficiency, cores].flatMap(({ median, least, most }) => [
      percent(median),
      `${percent(least)} … ${percent(most)}`,
    ]),
    percent(waited.median),
    met ? 'met' : 'missed',
  ];
}

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
