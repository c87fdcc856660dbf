import { findMentions } from './name-mentions';
import { recordOf } from './pictures.fixture';

const CLASSES = [
  { key: 'charizard', folders: ['charizard', 'mega-charizard'] },
  { key: 'pikachu', folders: ['pikachu'] },
  { key: 'cat', folders: ['cat'] },
];

const mentionsIn = (label: string, name: string) => {
  const [found] = findMentions([recordOf(`0/${label}/${name}`, Buffer.from(name))], CLASSES);
  return found === undefined ? null : [...found.mentions, ...(found.mentionsOwn ? ['and its own'] : [])];
};

test.each([
  ['charizard', 'pikachu-25.jpg', ['pikachu']],
  ['charizard', 'Pikachu_vs_Charizard.jpg', ['pikachu', 'and its own']],
  ['pikachu', 'mega charizard.png', ['charizard']],
  ['pikachu', 'xcharizardx.png', ['charizard']],
  ['pikachu', 'my-cat.png', ['cat']],
  ['charizard', 'charizard.png', null],
  ['charizard', '0017.jpg', null],
])('in the folder %s the name %s mentions %j', (label, name, expected) => {
  expect(mentionsIn(label, name)).toEqual(expected);
});

test('a short name counts as a whole word only', () => {
  expect(mentionsIn('pikachu', 'category.png')).toBeNull();
  expect(mentionsIn('pikachu', 'concat-1.png')).toBeNull();
});

test('folders are no file names', () => {
  expect(findMentions([recordOf('0/charizard/pikachu/1.jpg', Buffer.from('x'))], CLASSES)).toEqual([]);
});
