import { checkSpec } from './check-spec';
import { loaded, MINIMAL } from './testing/load-files';

test('E135: a firmware that the board does not have', () => {
  const { spec, merged } = loaded(`${MINIMAL}target: { device: maix-go, firmware: full }\n`);
  const other = { ...spec, target: { ...spec.target, firmware: 'other' } };
  expect(checkSpec(other, merged, [])).toMatchObject([{ code: 'E135', place: { line: 4 } }]);
  expect(checkSpec(other, merged, ['target.firmware'])).toEqual([]);
});
