import { DEVICES } from '@graft/k210';
import type { HeadShape, MobilenetConfig } from '@graft/model';
import { networkShape } from '@graft/model';

import { checkFit } from './check-fit';
import { fitsFirmware } from './fits-firmware';
import { printFitPage } from './print-fit-page';
import { suggestNetworks } from './suggest-networks';

const device = DEVICES['maix-bit'];
const { full, minimum, 'minimum-v4': withV4 } = device.firmware;

function mobilenet(changes: Partial<MobilenetConfig> = {}): MobilenetConfig {
  const input = { height: 224, width: 224 };
  return {
    alpha: 1,
    output: 'conv_pw_13_relu',
    input,
    encoding: { scale: 1, offset: 0 },
    pooling: 'avg',
    head: [],
    classes: 2,
    ...changes,
  };
}

const dense = (...units: readonly number[]): HeadShape[] =>
  units.map((count) => ({ type: 'dense', units: count, activation: 'relu' }));

const asked = (config: MobilenetConfig, firmware = full) => ({ layers: networkShape(config), device, firmware });

const changesOf = (config: MobilenetConfig, firmware = full) =>
  suggestNetworks(asked(config, firmware)).map(({ change }) => change);

describe('for a network that does not fit', () => {
  test('the ways to make it fit are ranked by the work that they keep', () => {
    const suggestions = suggestNetworks(asked(mobilenet()));
    expect(suggestions.map(({ change }) => change)).toEqual([
      'model.output conv_pw_9_relu',
      'model.output conv_pw_8_relu',
      'model.output conv_pw_7_relu',
      'model.alpha 0.5',
      'model.alpha 0.25',
    ]);
    const work = suggestions.map(({ macs }) => macs);
    expect(work).toEqual([...work].sort((a, b) => b - a));
  });

  test.each(['avg', 'avg_max'] as const)(
    'every one carries the figures that its own check gives, and fits: pooling %s',
    (pooling) => {
      const [first] = suggestNetworks(asked(mobilenet({ pooling })));
      const report = checkFit(asked(mobilenet({ output: 'conv_pw_9_relu', pooling })));
      expect(report.fits).toBe(true);
      const { kmodelBytes, mainMemoryBytes, neededBytes, kpuPeakLines, macs, time } = report;
      expect(first).toMatchObject({ kmodelBytes, mainMemoryBytes, neededBytes, kpuPeakLines, macs, time });
      for (const { neededBytes: needed } of suggestNetworks(asked(mobilenet({ pooling }))))
        expect(needed).toBeLessThanOrEqual(full.freeBytes);
    },
  );

  test('two changes are proposed together where none alone is enough', () => {
    const changes = changesOf(mobilenet({ head: dense(1024, 1024, 512) }));
    expect(changes).not.toEqual([]);
    for (const change of changes) expect(change).toMatch(/^(model|preprocess)\.\w+ \S+, (model|preprocess)\./);
  });

  test('what is given up is said, with published figures for the whole network', () => {
    const costs = new Map(suggestNetworks(asked(mobilenet())).map(({ change, cost }) => [change, cost]));
    expect(costs.get('model.output conv_pw_9_relu')).toBe('4 blocks less');
    expect(costs.get('model.alpha 0.5')).toBe(
      'other pretrained weights (whole network on ImageNet: 63.7 % right, not 70.6 %)',
    );
  });

  test('a width without weights is not proposed', () => {
    const changes = suggestNetworks({ ...asked(mobilenet()), alphas: [1] });
    expect(changes.map(({ change }) => change).join()).not.toContain('alpha');
  });
});

describe('for a network that fits', () => {
  test('everything proposed is clearly faster or clearly smaller', () => {
    const config = mobilenet({ output: 'conv_pw_7_relu' });
    const report = checkFit(asked(config));
    const suggestions = suggestNetworks(asked(config));
    expect(suggestions.length).toBeGreaterThan(3);
    for (const { time, neededBytes } of suggestions) {
      const faster = time.totalMs < 0.9 * report.time.totalMs;
      const smaller = neededBytes - device.reservedBytes < 0.9 * (report.neededBytes - device.reservedBytes);
      expect(faster || smaller).toBe(true);
    }
  });
});

test('a firmware that does not load kmodel v3 is not helped by another network', () => {
  expect(changesOf(mobilenet(), { ...full, kmodelVersions: [4] })).toEqual([]);
});

test('every firmware build of the board is looked at', () => {
  const report = checkFit(asked(mobilenet()));
  const builds = fitsFirmware(report, device);
  expect(builds).toMatchObject([
    { key: 'full', fits: false, leftBytes: full.freeBytes - report.neededBytes },
    { key: 'minimum', fits: true, leftBytes: minimum.freeBytes - report.neededBytes },
    { key: 'minimum-v4', fits: false, leftBytes: withV4.freeBytes - report.neededBytes },
  ]);
  const newer = { ...device, firmware: { newer: { ...full, kmodelVersions: [4] } } };
  expect(fitsFirmware(report, newer)).toMatchObject([{ key: 'newer', loadsVersion3: false, fits: false }]);
});

test('the page shows layers, sums, builds and other networks', () => {
  const options = asked(mobilenet());
  const report = checkFit(options);
  const text = printFitPage({
    ...{ cuts: [], report, firmware: fitsFirmware(report, device) },
    suggestions: suggestNetworks(options),
  });
  expect(text).toMatch(/^conv_dw_2 +64×112×112 +14336 \+ 14336 +0\.88 MiB \+ 0\.88 MiB /m);
  expect(text).toMatch(/^time +about \d+ ms \(\d+ to \d+ ms\) a picture, [\d.]+ a second; estimated, not measured$/m);
  expect(text).toMatch(/^full +2\.40 MiB +1\.58 MiB missing +does not fit$/m);
  expect(text).toMatch(/^minimum +4\.20 MiB +0\.22 MiB left +fits$/m);
  expect(text).toContain('What would fit, most work kept first');
  expect(text).toMatch(
    /^model\.alpha 0\.5 +[\d.]+ MiB +[\d.]+ MiB +\d+ +about \d+ \([\d.]+ to \d+\) +other pretrained/m,
  );
});
