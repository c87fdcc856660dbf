import { cutSection } from './render-cuts';

const cut = (output: string, accuracy: number, chosen: boolean) => ({
  ...{ output, accuracy, low: accuracy - 0.02, high: accuracy + 0.01, chosen },
  ...{ kmodelBytes: 153_600, estimatedMs: 12.345 },
});

test('each cut is a row, and the chosen one stands out', () => {
  const facts = {
    cuts: [cut('conv_pw_5_relu', 0.9, true), cut('conv_pw_6_relu', 0.91, false)],
    pictures: 84,
    trials: 28.57,
  };
  const [title, words, table] = cutSection(facts);
  expect(title).toBe('## Where the backbone ends');
  expect(words).toContain('on 84 training pictures (which count as 28.6 independent ones)');
  expect(table.split('\n').slice(2)).toEqual([
    '| **conv\\_pw\\_5\\_relu** | 90.00 % | 88.00 % to 91.00 % | 150.0 KB | 12.3 ms |',
    '| conv\\_pw\\_6\\_relu | 91.00 % | 89.00 % to 92.00 % | 150.0 KB | 12.3 ms |',
  ]);
});

test('nothing is told where nothing was compared', () => {
  expect(cutSection(undefined)).toEqual([]);
  expect(cutSection({ cuts: [], pictures: 0, trials: 0 })).toEqual([]);
});
