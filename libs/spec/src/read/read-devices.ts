import { DEVICES } from '@graft/k210';
import type { Diagnostic } from '@graft/foundation';
import * as problem from '../errors';
import type { BenchDevice } from '../experiment';
import { placeOfOrigin } from '../schema/validate';
import type { Tree } from '../tree';
import { Reader } from './reader';

/** What project.yaml says of the boards on this bench; absent: nothing. */
export function readDevices(devices: Tree | undefined): readonly BenchDevice[] {
  if (devices?.kind !== 'map') return [];
  return new Reader(devices).entries().map(([name, device]) => {
    const textAt = (key: string): string | null => {
      const text = device.maybe(key)?.text() ?? 'auto';
      return text === 'auto' ? null : text;
    };
    const baudRate = textAt('baud_rate');
    return {
      name,
      profile: device.at('profile').text(),
      port: textAt('port'),
      serial: device.maybe('serial')?.text() ?? null,
      baudRate: baudRate === null ? null : Number(baudRate),
      engine: device.maybe('engine')?.word('auto', 'builtin', 'kflash') ?? 'auto',
    };
  });
}

/** A name of the bench must not hide a built-in board: experiments of others mean that one. */
export function deviceProblems(devices: Tree | undefined): Diagnostic[] {
  if (devices?.kind !== 'map') return [];
  return [...devices.entries]
    .filter(([name]) => Object.hasOwn(DEVICES, name))
    .map(([name, { keyOrigin }]) => problem.deviceHidesProfile(name, placeOfOrigin(keyOrigin)));
}

/** The profile of a board of the bench; any other name as it is. */
export const profileOf = (name: string, devices: readonly BenchDevice[]): string =>
  devices.find((device) => device.name === name)?.profile ?? name;
