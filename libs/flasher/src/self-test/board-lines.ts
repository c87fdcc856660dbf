import { MARK, SELF_TEST_NAME } from '../script/self-test-part';
import type { Checksum } from './kit';

/** What the script tells in the self-test, a line each. */
export type BoardLine =
  /** Neither card nor file system has a script, or it is none that can test itself. */
  | { readonly kind: 'none' }
  | { readonly kind: 'firmware'; readonly text: string }
  /** Of the file with what is expected. */
  | { readonly kind: 'kit'; readonly checksum: Checksum }
  | { readonly kind: 'model'; readonly checksum: Checksum }
  | { readonly kind: 'picture'; readonly name: string; readonly passed: boolean; readonly values: readonly number[] }
  /** The script could not go on; the sentence says why and what helps. */
  | { readonly kind: 'stopped'; readonly text: string }
  | { readonly kind: 'end' };

/** Null for what a board prints besides, and for lines that were cut. */
export function parseBoardLine(line: string): BoardLine | null {
  const [mark, kind, ...words] = line.split(' ');
  if (mark !== MARK) return null;
  switch (kind) {
    case 'none':
    case 'end':
      return { kind };
    case 'firmware':
    case 'stopped':
      return { kind, text: words.join(' ') };
    case 'kit':
    case 'model': {
      const [bytes, crc32] = words.map(Number);
      return words.length === 2 ? { kind, checksum: { bytes, crc32 } } : null;
    }
    case 'picture': {
      const [name, verdict, , values] = words;
      if (words.length !== 4) return null;
      return { kind, name, passed: verdict === 'PASS', values: values.split(',').map(Number) };
    }
    default:
      return null;
  }
}

/** Looks for our script where the board starts one, and lets it test itself. Below 2000 bytes. */
export const SELF_TEST_PROGRAM = `import uos
def look():
  for folder in ("/sd", "/flash"):
    try:
      uos.stat(folder + "/main.py")
      return folder
    except OSError:
      pass
def go(folder):
  text = ""
  if folder:
    with open(folder + "/main.py") as file:
      text = file.read()
  if "def self_test(" not in text:
    print("${MARK} none")
    return
  names = {"__name__": "${SELF_TEST_NAME}"}
  exec(text, names)
  del text
  names["self_test"](folder)
go(look())`;
