import { choiceIn, choiceVariables, readChoice } from './choice';

const words = (text: string): string[] => ['/usr/bin/node', '/w/node_modules/.bin/nx', ...text.split(' ')];

test.each([
  ['run pokedex:train --configuration=tiny', 'tiny'],
  ['run pokedex:train --configuration tiny', 'tiny'],
  ['run pokedex:train -c tiny', 'tiny'],
  ['run pokedex:train -c=tiny', 'tiny'],
  ['run pokedex:train:tiny', 'tiny'],
  ['run pokedex:train:tiny --configuration=other', 'other'],
  ['run-many -t train export-kmodel -p pokedex -c tiny', 'tiny'],
  ['run pokedex:train', ''],
  ['run pokedex:flash --port=/dev/ttyUSB0 --card C:/a:b', ''],
  ['run pokedex:train -- --configuration=tiny', ''],
])('%s asks for the variant "%s"', (text, variant) => {
  expect(choiceIn(words(text)).variant).toBe(variant);
});

test('every --set counts, in order', () => {
  const argv = ['node', 'nx', 'run', 'p:train', '--set', 'train.epochs=5', '--set=model.head=[{ dense: 8 }]', '--set'];
  expect(choiceIn(argv).settings).toEqual(['train.epochs=5', 'model.head=[{ dense: 8 }]']);
});

test('what is asked for survives the environment, and nothing is left of an earlier run', () => {
  const choice = { variant: 'tiny', settings: ['a.b=[1, "x"]', 'c=2'] };
  expect(readChoice(choiceVariables(choice))).toEqual(choice);
  const none = { variant: '', settings: [] };
  expect(readChoice({ ...choiceVariables(choice), ...choiceVariables(none) })).toEqual(none);
  expect(readChoice({})).toEqual(none);
});
