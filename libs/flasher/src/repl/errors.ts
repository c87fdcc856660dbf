import { GraftError, type StageEvent } from '@graft/foundation';
import { hex } from '../errors';

export const noRepl = (attempts: number): GraftError =>
  new GraftError('E432', {
    message: `the board's interpreter does not answer (${attempts === 1 ? 'a command' : `${attempts} attempts`}, 115200 baud)`,
    hint: 'is MaixPy on the board, is it the right port, does another program hold a terminal on it? Press RESET and try again',
  });

/** @param traceback as the board printed it */
export function boardRaised(traceback: string): GraftError {
  const lines = traceback.split(/\r?\n/).filter((line) => line !== '');
  return new GraftError('E433', {
    message: `a command failed on the board: ${lines.at(-1) ?? 'no reason given'}`,
    details: lines.slice(0, -1),
    hint: 'restart the board and try again; a full or damaged file system is the usual cause',
  });
}

export const fileDamaged = (path: string, attempts: number): GraftError =>
  new GraftError('E434', {
    message: `${path} arrived damaged ${attempts} times; the file that was there before is untouched`,
    hint: 'try another cable or port, or flash.engine: sd',
  });

export const noRoom = (folder: string, reason: string): GraftError =>
  new GraftError('E435', {
    message: `the files cannot go to ${folder} of the board: ${reason}`,
    hint: 'put a card in for flash.model_from: sd; a model in the flash chip (model_from: flash, engine isp) leaves small files only',
  });

export const boardSilent = (silenceMs: number): GraftError =>
  new GraftError('E443', {
    message: `the board has said nothing for ${Math.round(silenceMs / 1000)} s in the middle of a program`,
    hint: 'press RESET and try again; if it stops at the same place, take a firmware of the table, and a cable that gives enough power',
  });

/** @param state what the board holds and does now */
export const replStopped = (state: readonly string[] = []): GraftError =>
  new GraftError('E412', { message: 'stopped before the board was through', details: state, hint: 'start it again' });

export const noKpuModule = (name: string): StageEvent => ({
  type: 'warning',
  code: 'W430',
  message: `what runs on the board (${name}) has no module KPU, so it cannot run the script: write MaixPy v1 to it, for example with --firmware`,
});

export const chipHoldsAnother = (name: string, address: number): GraftError =>
  new GraftError('E445', {
    message: `the flash chip does not hold ${name} at ${hex(address)}, though the board has confirmed every block`,
    hint: 'flash again with a lower --baud; if it stays so, the flash chip fails',
  });

/** @param cause what the interpreter did instead */
export const noMaixPy = (cause: GraftError): GraftError =>
  new GraftError('E446', {
    message: `the flash chip is written and confirmed; what was to follow did not work: ${cause.message}`,
    details: cause.details,
    hint: 'reading back and sending the script need MaixPy v1 on the board: write it with --firmware, or leave out --readBack and --sendScript',
    cause,
  });
