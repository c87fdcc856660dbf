import { firmwareNotes } from './firmware-notes';

test.each([
  ['MaixPy MaixPy 1.9.4 v0.3.2-20-gabc on 2019-06-01 Sipeed_M1', /^it is older than 0\.4/],
  ['MaixPy MaixPy 1.12.0 v0.6.2-84-g8fcd84a58 on 2022-01-01 Sipeed_M1', /main\.py/],
  ['MaixPy MaixPy 1.12.0 v0.6.3 on 2022-01-01 Sipeed_M1', /main\.py/],
])('of %s something is known', (firmware, note) => {
  expect(firmwareNotes(firmware)).toEqual([expect.stringMatching(note)]);
});

test.each(['v0.4.0', 'v0.5.1-13-gabc', 'v0.6.2', 'v0.6.2-75-g973361c0f', 'v0.6.2_75', 'unknown', '3.4.0'])(
  'of %s nothing is said',
  (firmware) => expect(firmwareNotes(firmware)).toEqual([]),
);
