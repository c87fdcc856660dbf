import { readKModel, writeKModel } from '@graft/kmodel';
import type { ModelFile } from './bench-simulator';
import { measure } from './measure';
import type { Runs } from './measure';
import type { Result } from './result';

/** A small file takes less than the clock shows; it is read and written often enough to take some milliseconds. */
const BYTES_A_RUN = 16e6;

/** Reads and writes the bytes of a model, in memory. */
export async function benchKModel({ name, bytes }: ModelFile, runs: Runs, bytesARun = BYTES_A_RUN): Promise<Result[]> {
  const model = readKModel(bytes);
  const times = Math.max(1, Math.round(bytesARun / bytes.length));
  const repeat = (work: () => unknown) => (): void => {
    for (let time = 0; time < times; time++) work();
  };
  const common = { amount: (times * bytes.length) / 1e6, unit: 'MB/s', peer: null } as const;
  return [
    {
      what: `read ${name}`,
      ours: await measure(
        runs,
        repeat(() => readKModel(bytes)),
      ),
      ...common,
    },
    {
      what: `write ${name}`,
      ours: await measure(
        runs,
        repeat(() => writeKModel(model)),
      ),
      ...common,
    },
  ];
}
