import { renderCredits } from './licenses';
import { record } from './testing/pictures';

test('pictures are credited source by source, those from addresses by name, whatever their order', () => {
  const http = { source: 'http:./urls.csv', license: 'CC-BY-4.0' };
  const pictures = [
    record('1/a.org/p/1.jpg', { ...http, attribution: 'A. Person' }),
    record('1/a.org/p/2.jpg', { ...http, attribution: 'A. Person' }),
    record('1/b.org/3.jpg', { ...http, attribution: 'B. Person' }),
    record('0/pikachu/1.png'),
    record('0/pikachu/2.png', { license: 'CC0-1.0' }),
  ];
  const { text, sources, withoutLicense } = renderCredits('pokedex', pictures);
  expect(text).toBe(`# Pictures of pokedex

Written by \`npx nx run pokedex:licenses\` from what the sources in experiment.yaml state.

## directory:./images

- CC0-1.0: 1 picture
- no licence stated: 1 picture

## http:./urls.csv

- CC-BY-4.0, A. Person: 2 pictures
  - a.org/p/1.jpg
  - a.org/p/2.jpg
- CC-BY-4.0, B. Person: 1 picture
  - b.org/3.jpg
`);
  expect([sources, withoutLicense]).toEqual([2, 1]);
});
