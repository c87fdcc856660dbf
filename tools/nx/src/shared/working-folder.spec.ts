import { workingFolder } from './working-folder';

test.each([
  ['without npm it is the folder of the process', '/work', undefined, '/work'],
  ['npx in a folder of a package leaves it in a variable', '/work/libs/kmodel', '/work/libs/kmodel/src', '/work/libs/kmodel/src'], // prettier-ignore
  ['npx at the root changes nothing', '/work', '/work', '/work'],
  ['npm further out, which started something elsewhere, is not asked', '/tmp/other', '/work', '/tmp/other'],
  ['npm further out, in a folder above, is not asked', '/work/libs', '/work', '/work/libs'],
])('%s', (_, cwd, initial, expected) => {
  expect(workingFolder(cwd, initial)).toBe(expected);
});
