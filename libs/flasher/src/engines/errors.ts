import { GraftError } from '@graft/foundation';

export const firmwareUnusable = (path: string, reason: string): GraftError =>
  new GraftError('E436', {
    message: `${path} cannot be written as the board's firmware: ${reason}`,
    hint: 'name the plain program of a firmware build, such as maixpy_v0.6.2.bin',
  });
