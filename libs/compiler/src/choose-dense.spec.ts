import { DEVICES } from '@graft/k210';
import type { HeadShape, MobilenetConfig } from '@graft/model';
import { networkShape } from '@graft/model';

import { checkFit } from './check-fit';
import { chooseDense } from './choose-dense';
import type { DensePolicy } from './choose-dense';
import { networkNeeds } from './network-needs';
import { printFit } from './print-fit';
import { suggestNetworks } from './suggest-networks';

const device = DEVICES['maix-bit'];
const { full } = device.firmware;
const ROOM = full.freeBytes - device.reservedBytes;

function shapes(alpha: number, output: string, ...units: readonly number[]) {
  const head = units.map((count): HeadShape => ({ type: 'dense', units: count, activation: 'relu' }));
  const input = { height: 224, width: 224 };
  const encoding = { scale: 1, offset: 0 };
  const config: MobilenetConfig = { alpha, output, input, encoding, pooling: 'avg', head, classes: 2 };
  return networkShape(config);
}

const choiceOf = (layers: ReturnType<typeof shapes>, policy: DensePolicy = 'auto', room = ROOM) =>
  chooseDense(layers, policy, room).choice;

describe('auto', () => {
  // 512 · 64 = 32,768 weights.
  test('keeps a small head in float', () => {
    expect(choiceOf(shapes(1, 'conv_pw_7_relu', 64))).toEqual({
      onKpu: 0,
      hidden: 1,
      hiddenWeights: 32_768,
      reason: 'few weights',
      floatFits: true,
    });
  });

  test('moves hidden layers with more than 65,536 weights, and leaves the last one', () => {
    expect(choiceOf(shapes(1, 'conv_pw_7_relu', 128))).toMatchObject({ onKpu: 0, hiddenWeights: 65_536 });
    expect(choiceOf(shapes(1, 'conv_pw_7_relu', 129))).toMatchObject({ onKpu: 1, reason: 'many weights' });
    expect(choiceOf(shapes(1, 'conv_pw_7_relu', 100, 160))).toMatchObject({ onKpu: 2, hidden: 2 });
  });

  test('moves a smaller head where the network fits only so', () => {
    const layers = shapes(1, 'conv_pw_7_relu', 64);
    const [inFloat, inBytes] = [0, 1].map((onKpu) => {
      const { kmodelBytes, mainMemoryBytes } = networkNeeds(layers, onKpu);
      return kmodelBytes + mainMemoryBytes;
    });
    expect(inBytes).toBeLessThan(inFloat);
    expect(choiceOf(layers, 'auto', inFloat)).toMatchObject({ onKpu: 0, floatFits: true });
    expect(choiceOf(layers, 'auto', inFloat - 1)).toMatchObject({
      onKpu: 1,
      reason: 'only this fits',
      floatFits: false,
    });
    expect(choiceOf(layers, 'auto', inBytes - 1)).toMatchObject({ onKpu: 0, reason: 'few weights' });
  });

  test('keeps layers in float that the KPU cannot run', () => {
    expect(choiceOf(shapes(0.25, 'conv_pw_7_relu', 1100, 1200))).toMatchObject({
      onKpu: 0,
      reason: 'limits of the KPU',
    });
  });

  test('has nothing to move without a hidden layer', () => {
    expect(choiceOf(shapes(1, 'conv_pw_13_relu'))).toMatchObject({ onKpu: 0, hidden: 0 });
  });
});

test('what the experiment asks for is done', () => {
  const layers = shapes(1, 'conv_pw_7_relu', 512, 64);
  expect(choiceOf(layers, 'cpu')).toMatchObject({ onKpu: 0, reason: 'asked' });
  expect(choiceOf(layers, 'kpu')).toMatchObject({ onKpu: 2, reason: 'asked' });
  expect(choiceOf(layers, 'kpu-all')).toMatchObject({ onKpu: 3, reason: 'asked' });
  expect(choiceOf(shapes(1, 'conv_pw_7_relu'), 'kpu')).toMatchObject({ onKpu: 0 });
});

test('a head that was kept from the KPU is offered it where that helps', () => {
  // 1.75 MiB of floats; bytes fit.
  const options = { layers: shapes(0.5, 'conv_pw_13_relu', 512, 384), device, firmware: full };
  expect(checkFit(options)).toMatchObject({ fits: true, dense: { onKpu: 2 } });
  const report = checkFit({ ...options, dense: 'cpu' });
  expect(report.fits).toBe(false);
  expect(report.findings[0].hint).toContain('quantize.dense kpu gives');
  const suggestion = suggestNetworks({ ...options, dense: 'cpu' }).find(
    ({ change }) => change === 'quantize.dense kpu',
  );
  expect(suggestion?.neededBytes).toBe(checkFit({ ...options, dense: 'kpu' }).neededBytes);
  expect(suggestNetworks(options).map(({ change }) => change)).not.toContain('quantize.dense kpu');
});

test('a layer that the KPU cannot run points at its entry of the head', () => {
  const layers = shapes(0.25, 'conv_pw_7_relu', 1100, 20);
  const { findings } = checkFit({ layers, device, firmware: full, dense: 'kpu' });
  expect(findings).toMatchObject([{ code: 'E302', keyPath: 'model.head[1].dense' }]);
});

test('the fit table says where dense layers run, and why', () => {
  const text = (policy?: DensePolicy) =>
    printFit(
      checkFit({
        layers: shapes(1, 'conv_pw_7_relu', 512),
        device,
        firmware: full,
        ...(policy === undefined ? {} : { dense: policy }),
      }),
    );
  expect(text()).toContain('dense layers     KPU, 8 bits: 262144 hidden weights, too many weights for floats\n');
  expect(text('cpu')).toContain('dense layers     CPU, float: 262144 hidden weights, as quantize.dense asks\n');
  expect(text('kpu-all')).toContain('dense layers     KPU, 8 bits, the last one as well: ');
  expect(text()).toMatch(/^dense_1_add_padding +512 /m);
  expect(printFit(checkFit({ layers: shapes(1, 'conv_pw_7_relu'), device, firmware: full }))).not.toContain(
    'dense layers',
  );
});
