import { withBlankLines } from './executor';

test('blank lines are printed so that the build tool does not drop them', () => {
  expect(withBlankLines('## a\n\n| b |\n\n- c\n')).toBe('## a\n \n| b |\n \n- c\n');
});
