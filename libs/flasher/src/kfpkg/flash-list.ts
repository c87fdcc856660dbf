import { reasonOf } from '@graft/foundation';
import { FLASH } from '@graft/k210';

/** One file of a package and where it goes. */
export interface PackedFile {
  /** Flat, lower-case ASCII. */
  readonly name: string;
  readonly address: number;
  /** A boot image gets flags, length and digest from the tool that writes it; everything else goes as it is. */
  readonly isBootImage: boolean;
}

export const FLASH_LIST = 'flash-list.json';

/** Versions that readers in use accept. */
const VERSIONS = ['0.1.0', '0.1.1'];

/**
 * The list at the root of a package. Readers in use are particular: one key a line, `address` first in its object and
 * in decimal, since one of them changes the text by a pattern before it parses it; `version` is needed.
 */
export function renderFlashList(files: readonly PackedFile[]): string {
  const list = {
    version: VERSIONS[0],
    files: files.map(({ name, address, isBootImage }) => ({ address, bin: name, sha256Prefix: isBootImage })),
  };
  return `${JSON.stringify(list, null, 2)}\n`;
}

/** Everything that is wrong with a list, or its files. Packages of other tools lack the version; that is no fault. */
export function parseFlashList(text: string): { files: readonly PackedFile[]; complaints: readonly string[] } {
  let list: unknown;
  try {
    list = JSON.parse(text);
  } catch (error) {
    return {
      files: [],
      complaints: [`${FLASH_LIST} is no JSON: ${reasonOf(error)}`],
    };
  }
  const entries = isRecord(list) ? list['files'] : undefined;
  if (!Array.isArray(entries)) return { files: [], complaints: [`${FLASH_LIST} has no list "files"`] };
  const complaints: string[] = [];
  const { version } = list as { version?: unknown };
  if (version !== undefined && !VERSIONS.some((known) => known === version)) {
    complaints.push(`version ${JSON.stringify(version)} is not known: ${VERSIONS.join(' or ')}`);
  }
  const files = entries.flatMap((entry: unknown, index) => parseEntry(entry, `file ${index + 1}`, complaints));
  complaints.push(...repeated(files.map(({ name }) => name)).map((name) => `${name} is listed twice`));
  complaints.push(
    ...repeated(files.map(({ address }) => `0x${address.toString(16)}`)).map((at) => `two files go to ${at}`),
  );
  return { files, complaints };
}

function parseEntry(entry: unknown, which: string, complaints: string[]): PackedFile[] {
  const { address, bin, sha256Prefix = false, reverse4Bytes, swap } = isRecord(entry) ? entry : {};
  const found = complaints.length;
  if (typeof bin !== 'string' || !/^[\x21-\x7e]+$/.test(bin) || /[/\\]/.test(bin) || /^\.+$/.test(bin)) {
    complaints.push(`${which}: "bin" is no plain file name`);
  }
  if (typeof address !== 'number' || !Number.isInteger(address) || address < 0 || address % FLASH.sectorBytes !== 0) {
    complaints.push(`${which}: "address" is no multiple of ${FLASH.sectorBytes}`);
  }
  if (typeof sha256Prefix !== 'boolean') complaints.push(`${which}: "sha256Prefix" is neither true nor false`);
  if (reverse4Bytes === true || swap === true) complaints.push(`${which}: swapped bytes are not supported`);
  const isGood = complaints.length === found && typeof bin === 'string' && typeof address === 'number';
  return isGood ? [{ name: bin, address, isBootImage: sha256Prefix === true }] : [];
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

function repeated<T>(values: readonly T[]): T[] {
  return [...new Set(values.filter((value, index) => values.indexOf(value) !== index))];
}
