import { pageOf } from './page-facts.fixture';
import type { PageCase } from './page-facts.fixture';
import { renderPage } from './render-page';

const TWO: PageCase = { classes: ['charizard', 'pikachu'], pictures: 20, wrongEvery: 10, name: 'pokedex', folder: '0' };
const page = (changes: Partial<PageCase> = {}): string => {
  const { metrics, facts } = pageOf({ ...TWO, ...changes });
  return renderPage(metrics, facts);
};
const count = (text: string, part: string): number => text.split(part).length - 1;

test('begins with the answer in a sentence, its interval, and what is required', () => {
  const text = page();
  expect(text).toContain('The chip answers <strong>36 of 40</strong> test pictures right: <strong>90.00 %</strong>');
  expect(text).toContain('95 % interval 76.95 % to 96.04 %');
  expect(text).toContain('1 of 2 requirements are missed.');
  expect(text).toContain('<dd>about 28.2</dd>');
  expect(text).toContain('20.2 to 39.5 a second; estimated, not measured');
});

test('has every section, each reachable from the top', () => {
  const text = page();
  const links = [...text.matchAll(/<a href="#([a-z]+)">/g)].map(([, id]) => id);
  expect(links).toEqual([
    ...['confusion', 'classes', 'wrong', 'flipped', 'calibration', 'training', 'cuts', 'quantization', 'memory'],
    ...['pictures', 'provenance', 'settings'],
  ]);
  for (const id of links) expect(count(text, `<h2 id="${id}">`)).toBe(1);
});

test('no id is given twice, and nothing points outside', () => {
  const text = page();
  const ids = [...text.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
  expect(new Set(ids).size).toBe(ids.length);
  expect(text).not.toMatch(/(?:src|href)="(?!data:|#)/);
  expect(text).not.toMatch(/<script|url\(|@import/);
});

test('names of classes, files and values are text, whatever they hold', () => {
  const text = page({ classes: ['<script>x</script>', '"&'], name: '<b>', folder: '<img src=x>' });
  expect(text).not.toContain('<script');
  expect(text).not.toContain('<img src=x>');
  expect(text).toContain('&#60;script&#62;alert(1)');
  expect(text).toContain('<title>&#60;b&#62;</title>');
});

test('says so where nothing went wrong', () => {
  const text = page({ wrongEvery: 0 });
  expect(text).toContain('The chip answers every test picture right.');
  expect(text).toContain('Float and chip give the same answer to every test picture.');
  expect(text).not.toContain('<figure');
});

test('shows the first of many pictures that went wrong, and says how many there are', () => {
  const text = page({ pictures: 500, wrongEvery: 2, thumbnail: Uint8Array.of(1) });
  expect(text).toContain('500 pictures; these are 24 of them, the surest first.');
  expect(count(text, 'src="data:image/webp;base64,AQ=="')).toBe(24);
});

test('a matrix of forty classes takes the whole width, with a row for each', () => {
  const classes = Array.from({ length: 40 }, (_, index) => `class ${index}`);
  const text = page({ classes, pictures: 3 });
  expect(text).toContain('<div class="stack">');
  expect(count(text, '<table class="confusion dense">')).toBe(2);
  expect(count(text, '<th scope="row"><span>class 39</span></th>')).toBe(2);
});

test('equal facts give equal text', () => {
  expect(page()).toBe(page());
});
