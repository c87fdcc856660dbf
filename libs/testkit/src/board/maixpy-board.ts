import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

/** A MaixPy board around the real interpreter: what is on it, what its camera sees, and what is wrong with it. */
export interface MaixPyBoard {
  /** Whether a card is mounted at /sd, and whether the board has files of its own at /flash. */
  readonly card: boolean;
  readonly flash: boolean;
  /** Content by path. */
  readonly files: Readonly<Record<string, Uint8Array>>;
  /** What was written to the flash chip; the rest of it is erased. */
  readonly chip: { readonly address: number; readonly bytes: Uint8Array } | null;
  /** What the camera sees in turn, 320 × 240 RGB; after the last one it stops the script like Ctrl-C. */
  readonly pictures: readonly Uint8Array[];
  /** Path of a CommonJS module whose `loadKpu(bytes)` gives `{ input, run(planes) }`: what the KPU computes with. */
  readonly kpu: string;
  /** Answers in turn instead of those of a model. */
  readonly scores: readonly (readonly number[])[] | null;
  /** What the KPU adds to its second answer and takes from its first. */
  readonly deviation: number;
  /** Number of the picture with which the KPU does not come back. */
  readonly hangsAt: number | null;
  readonly kmodelVersions: readonly number[];
  /** For a model, its main memory included. */
  readonly freeBytes: number;
  readonly freeFlashBytes: number;
  readonly gcHeapBytes: number;
  /** Rates above it are not taken by its serial line. */
  readonly highestRate: number;
  /** Version of the firmware as `os.uname()` tells it. */
  readonly firmware: string;
  /** So many looks at the card fail before it is mounted. */
  readonly cardTries: number;
  readonly fails: 'camera' | 'screen' | null;
  /** Modules that the firmware does not have. */
  readonly lacks: readonly string[];
}

export interface MaixPyRun {
  readonly lines: readonly string[];
  /** Name and arguments of every call to the board's modules. */
  readonly calls: readonly (readonly string[])[];
  /** What the script left for its next start. */
  readonly note: string | null;
  readonly raised: string | null;
}

const DEFAULTS: MaixPyBoard = {
  card: true,
  flash: true,
  files: {},
  chip: null,
  pictures: [],
  kpu: '',
  scores: null,
  deviation: 0,
  hangsAt: null,
  kmodelVersions: [3],
  freeBytes: 2_000_000,
  freeFlashBytes: 2_800_000,
  gcHeapBytes: 524_288,
  highestRate: 4_500_000,
  firmware: 'v0.6.2-75-g973361c0f',
  cardTries: 0,
  fails: null,
  lacks: [],
};

/** A grey picture for the camera, where it does not matter what it shows. */
export const GREY_PICTURE = new Uint8Array(320 * 240 * 3).fill(128);

/** As the programs in `fixtures` take a board: JSON, bytes in base64. */
export function describeMaixPy(changes: Partial<MaixPyBoard>): Record<string, unknown> {
  const board = { ...DEFAULTS, ...changes };
  const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
  return {
    ...board,
    files: Object.fromEntries(Object.entries(board.files).map(([path, bytes]) => [path, base64(bytes)])),
    chip: board.chip === null ? null : { ...board.chip, bytes: base64(board.chip.bytes) },
    pictures: board.pictures.map(base64),
  };
}

/** Runs a script on a board of its own: MicroPython is an ES module and keeps its state in globals. */
export function runMaixPy(script: string, board: Partial<MaixPyBoard>): MaixPyRun {
  const program = join(__dirname, '../../fixtures/run-maixpy.mjs');
  const input = JSON.stringify({ script, board: describeMaixPy(board) });
  const { stdout, stderr, status } = spawnSync(process.execPath, [program], {
    input,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as MaixPyRun;
}
