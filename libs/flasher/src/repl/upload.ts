import { crc32 } from 'node:zlib';
import { GraftError, type Report } from '@graft/foundation';
import type { BoardFile } from '../flash-plan';
import { pythonString } from '../python';
import { fileDamaged, noRoom } from './errors';
import type { RawRepl } from './raw-repl';

type Interpreter = Pick<RawRepl, 'run'>;

/** As base64 with its call some 1400 bytes: it fits into the board's input buffer. */
const CHUNK_BYTES = 1024;
const ATTEMPTS = 3;
const COMMAND_MS = 10_000;
/** Reading a file of megabytes back takes the board a while. */
const CHECK_MS = 120_000;
/** What is wise on the board's own file system: it is slow, and it fills up with 3 MiB. */
const FLASH_FOLDER = '/flash';
const FLASH_FOLDER_BYTES = 2.5 * 1024 * 1024;

/** @throws GraftError E435 where the folder is missing or too small for these files */
export async function checkRoom(repl: Interpreter, folder: string, files: readonly BoardFile[]): Promise<void> {
  const needed = files.reduce((sum, { bytes }) => sum + Math.ceil(bytes.length / 4096) * 4096, 0);
  const program = `import uos
try:
  s = uos.statvfs(${pythonString(folder)})
  print(s[0] * s[3])
except OSError:
  print(-1)`;
  const free = Number((await repl.run(program, COMMAND_MS)).trim());
  if (free < 0) throw noRoom(folder, 'there is no such folder');
  if (needed > free) throw noRoom(folder, `they need ${needed} bytes, ${free} are free`);
  if (folder === FLASH_FOLDER && needed > FLASH_FOLDER_BYTES) {
    throw noRoom(folder, `${needed} bytes are more than its slow file system is good for`);
  }
}

/**
 * Writes a file beside its place, compares it with what was sent, and gives it its name.
 * @param sent told with the bytes of this file that have been sent
 * @throws GraftError E432 … E434
 */
export async function uploadFile(
  repl: Interpreter,
  path: string,
  bytes: Uint8Array,
  sent: (bytes: number) => void,
): Promise<void> {
  let raised: GraftError | undefined;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    try {
      const arrived = (await sendParts(repl, path, bytes, sent)) && (await readsBack(repl, path, bytes));
      if (arrived) return void (await repl.run(takeName(path), COMMAND_MS));
    } catch (error) {
      // A byte that changed on the line may as well make a command that Python refuses.
      if (!(error instanceof GraftError) || error.code !== 'E433') throw error;
      raised = error;
    }
  }
  throw raised ?? fileDamaged(path, ATTEMPTS);
}

/** False where the board's running checksum differs from ours: a byte got lost or changed on the line. */
async function sendParts(
  repl: Interpreter,
  path: string,
  bytes: Uint8Array,
  sent: (bytes: number) => void,
): Promise<boolean> {
  await repl.run(begin(path), COMMAND_MS);
  let sum = 0;
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) {
    const chunk = bytes.subarray(at, at + CHUNK_BYTES);
    sum = crc32(chunk, sum);
    const printed = await repl.run(`w(b"${Buffer.from(chunk).toString('base64')}")`, COMMAND_MS);
    if (Number(printed) !== sum) return false;
    sent(at + chunk.length);
  }
  return true;
}

async function readsBack(repl: Interpreter, path: string, bytes: Uint8Array): Promise<boolean> {
  const [size, sum] = (await repl.run(check(path), CHECK_MS)).trim().split(' ').map(Number);
  return size === bytes.length && sum === crc32(bytes);
}

const part = (path: string): string => pythonString(`${path}.part`);

const begin = (path: string): string => `import ubinascii as _b, uos as _o
_f = open(${part(path)}, "wb")
_c = 0
def w(s):
  global _c
  d = _b.a2b_base64(s)
  _f.write(d)
  _c = _b.crc32(d, _c) & 0xffffffff
  print(_c)`;

const check = (path: string): string => `_f.close()
_c = 0
with open(${part(path)}, "rb") as f:
  while True:
    d = f.read(4096)
    if not d:
      break
    _c = _b.crc32(d, _c) & 0xffffffff
print(_o.stat(${part(path)})[6], _c)`;

const takeName = (path: string): string => `try:
  _o.remove(${pythonString(path)})
except OSError:
  pass
_o.rename(${part(path)}, ${pythonString(path)})`;

/** Uploads files into a folder, the script last: a stopped upload leaves the old program with the board. */
export async function uploadFiles(
  repl: Interpreter,
  folder: string,
  files: readonly BoardFile[],
  report: Report,
): Promise<void> {
  const total = files.reduce((sum, { bytes }) => sum + bytes.length, 0);
  let before = 0;
  const isScript = ({ name }: BoardFile): boolean => name === 'main.py';
  for (const { name, bytes } of [...files.filter((file) => !isScript(file)), ...files.filter(isScript)]) {
    const progress = (sent: number): void =>
      report({ type: 'progress', task: `sending ${name}`, done: before + sent, total, unit: 'byte' });
    await uploadFile(repl, `${folder}/${name}`, bytes, progress);
    before += bytes.length;
  }
}
