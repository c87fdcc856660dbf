import { workingFolder } from './working-folder';

test.each([
  ['without npm it is the folder of the process', '/graft', undefined, '/graft'],
  ['npx in a folder of a package leaves it in a variable', '/graft/libs/kmodel', '/graft/libs/kmodel/src', '/graft/libs/kmodel/src'], // prettier-ignore
  ['npx at the root changes nothing', '/graft', '/graft', '/graft'],
  ['npm further out, which started something elsewhere, is not asked', '/tmp/other', '/graft', '/tmp/other'],
  ['npm further out, in a folder above, is not asked', '/graft/libs', '/graft', '/graft/libs'],
])('%s', (_, cwd, initial, expected) => {
  expect(workingFolder(cwd, { INIT_CWD: initial })).toBe(expected);
});
