import { DEVICES } from '@graft/k210';
import type { BenchDevice } from '../experiment';
import { profileOf } from '../read/read-devices';
import { experimentSchema } from '../schema/schemas';
import { childOf, DEFAULT_ORIGIN, scalarTree, withEntry, withoutKeys } from '../tree';
import type { MapTree, Tree } from '../tree';
import { complete } from './complete';
import { APART } from './layers';
import { normalise } from './normalise';

/** Fills in every default, those that depend on other values last. */
export function settle(merged: MapTree, defaultName: string, devices: readonly BenchDevice[]): MapTree {
  // Defaults may be written in their short form, too; their long form has defaults of its own.
  const long = normalise(complete(experimentSchema, merged), (path) => path);
  let tree = withoutKeys(complete(experimentSchema, long), APART);
  if (childOf(tree, 'name') === undefined) tree = withEntry(tree, 'name', scalarTree(defaultName, DEFAULT_ORIGIN));
  return automatic(tree, ['target', 'firmware'], firmwareFor(childOf(tree, 'target'), devices));
}

function automatic(tree: MapTree, [section, key]: readonly [string, string], value: string): MapTree {
  const map = childOf(tree, section);
  const current = map === undefined ? undefined : childOf(map, key);
  if (map?.kind !== 'map' || current?.kind !== 'scalar' || current.value !== 'auto') return tree;
  return withEntry(tree, section, withEntry(map, key, scalarTree(value, current.origin)));
}

function firmwareFor(target: Tree | undefined, devices: readonly BenchDevice[]): string {
  const device = target === undefined ? undefined : childOf(target, 'device');
  const name = device?.kind === 'scalar' ? profileOf(device.text, devices) : '';
  return Object.hasOwn(DEVICES, name) ? DEVICES[name].defaultFirmware : 'auto';
}
