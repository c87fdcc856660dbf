import { GraftError, reasonOf } from '@graft/foundation';
import { hex } from '../errors';
import { describeCode } from './packet';

export const noBoard = (attempts: number): GraftError =>
  new GraftError('E421', {
    message: `no board answered: ${attempts} resets, each followed by a greeting at 115200 baud`,
    hint:
      'is this the right port (a board with two shows the other one for something else), does the cable carry data, does ' +
      'another program hold the port? With flash reset "manual": hold BOOT, press RESET, release both',
  });

export const writeFailed = (what: string, address: number, code: number | null, attempts: number): GraftError =>
  new GraftError('E422', {
    message: `${what} could not be written at ${hex(address)}: ${
      code === null ? `no valid answer in ${attempts} attempts` : `the board answers ${describeCode(code)}`
    }`,
    hint: 'try a lower baud rate, a shorter cable or another USB port; the flash chip holds a part of the file until then',
  });

export const portLost = (details: readonly string[], cause: unknown): GraftError =>
  new GraftError('E423', {
    message: `the serial port stopped working (${reasonOf(cause)})`,
    details,
    hint: 'plug the board in again and run this once more',
    cause,
  });

export const stubNotLoaded = (reason: string): GraftError =>
  new GraftError('E424', {
    message: `the flashing stub could not be started: ${reason}`,
    hint: 'reset the board and try again; if it stays so, name another stub',
  });

export const noModemLines = (cause: unknown): GraftError =>
  new GraftError('E425', {
    message: 'this port has no DTR and RTS lines, so the board cannot be reset through it',
    hint: 'put the board into ISP mode by hand (hold BOOT, press RESET, release both) and use reset "manual", or "none" where it is in it already',
    cause,
  });

export const flashChipNotReady = (code: number | null): GraftError =>
  new GraftError('E426', {
    message: `the board's flash chip does not get ready${code === null ? '' : `: ${describeCode(code)}`}`,
    hint: 'power the board off and on, and try again',
  });

/** The same complaint, where another port leads to the same adapter. */
export const withOtherPort = ({ message }: GraftError, port: string, other: string): GraftError =>
  new GraftError('E421', {
    message: `${message} on ${port}`,
    hint: `${other} belongs to the same USB device: use it with --port=${other} (a board that shows two ports answers on one of them)`,
  });

/** The same complaint, with what the chip holds now. */
export const withState = ({ code, message, hint }: GraftError, details: readonly string[]): GraftError =>
  new GraftError(code, { message, details, ...(hint === undefined ? {} : { hint }) });

export const noStub = (pythons: readonly string[]): GraftError =>
  new GraftError('E427', {
    message: `no flashing stub: kflash is not installed for ${pythons.join(' or ')}, and none was named`,
    details: [
      'only a program on the board can write its flash chip; the license of the known ones leaves them where they are',
    ],
    hint: 'pip install kflash==1.1.6, or name a stub or a kflash.py with --stub, or use flash.engine: kfpkg or sd',
  });

export const stubUnusable = (path: string, reason: string): GraftError =>
  new GraftError('E428', {
    message: `${path} cannot be used as a flashing stub: ${reason}`,
    hint: 'pip install kflash==1.1.6, or name the stub itself with --stub',
  });
