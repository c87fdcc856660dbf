import { GraftError } from '@graft/foundation';

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

export const replStopped = (): GraftError =>
  new GraftError('E412', {
    message: 'stopped before the board was through',
    hint: 'start it again; every file on the board is whole, old or new. RESET starts its script',
  });
