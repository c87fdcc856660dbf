import { checkFit, suggestNetworks } from '@graft/compiler';
import { DEVICES } from '@graft/k210';
import type { MobilenetConfig } from '@graft/model';
import { networkShape } from '@graft/model';
import { measure } from './measure';
import type { Runs } from './measure';
import type { Result } from './result';

/** Fits nowhere, so that pairs of changes are tried: the longest search there is. */
export const WORKSHOP: MobilenetConfig = {
  alpha: 1,
  output: 'conv_pw_13_relu',
  input: { height: 224, width: 224 },
  encoding: { scale: 1, offset: 0 },
  pooling: 'avg',
  head: [1024, 1024, 512].map((units) => ({ type: 'dense', units, activation: 'relu' })),
  classes: 2,
};

/** What the target `fit` computes, from the shapes to the last suggestion. */
export async function benchFit(config: MobilenetConfig, runs: Runs): Promise<Result> {
  const device = DEVICES['maix-bit'];
  const firmware = device.firmware[device.defaultFirmware];
  const ours = await measure(runs, () => {
    const options = { layers: networkShape(config), device, firmware };
    return [checkFit(options), suggestNetworks(options)];
  });
  return { what: `fit alpha ${config.alpha} ${config.input.height}`, ours, amount: 1, unit: 'ms/network', peer: null };
}
