import { examineBackend } from './examine-backend';

const effort = { side: 32, pictures: 2, runs: 1, examples: 8, epochs: 2, units: [8, 4] };

test('an examination tells the back end, the reason, the places that were looked at, and speeds', async () => {
  const { backend, looked, forward, headExamplesPerSecond } = await examineBackend('wasm', { effort });
  expect(backend).toMatchObject({ name: 'wasm', reason: 'it was asked for' });
  expect(looked).toHaveLength(2);
  looked.forEach(({ path, found }) => expect([path, found]).not.toContain(''));
  expect(forward.map(({ alpha }) => alpha)).toEqual([1, 0.25]);
  for (const rate of [...forward.map(({ picturesPerSecond }) => picturesPerSecond), headExamplesPerSecond])
    expect(rate).toBeGreaterThan(0);
});

test('an examination can be broken off', async () => {
  const signal = AbortSignal.abort(new Error('enough'));
  await expect(examineBackend('wasm', { effort, signal })).rejects.toThrow('enough');
});
