import type { PlacedPicture, SplitPart } from '@graft/dataset';
import sharp from 'sharp';
import { checkDataset } from './check-dataset';
import { datasetOf, IGNORE_ALL, scene } from './pictures.fixture';
import { renderCheckPage } from './render-page';
import { checkReport, renderCheckJson, shownContents, summaryLines } from './report';
import type { CheckReport } from './report';

const EVIL = `0/red/a blue "<img src=x onerror=alert(1)>" & 'b'.jpg`;
const checks = {
  ...IGNORE_ALL,
  exactDuplicate: 'drop',
  nearDuplicate: 'warn',
  nameMentionsOtherClass: 'warn',
  blank: 'warn',
} as const;

let report: CheckReport;
let thumbnails: Map<string, Uint8Array>;

beforeAll(async () => {
  const [one, two, three] = await Promise.all([1, 2, 3].map((seed) => scene(seed).jpeg().toBuffer()));
  const files = {
    '0/blue/one.jpg': one,
    '0/blue/copy.jpg': one,
    '0/red/two.jpg': two,
    '0/red/like-two.jpg': await sharp(two).resize(150).jpeg().toBuffer(),
    [EVIL]: three,
  };
  const dataset = await datasetOf(files);
  const result = checkDataset(dataset, checks);
  const side = (path: string): SplitPart => (path.includes('like') ? 'test' : 'train');
  const placed = result.kept.map((record): PlacedPicture => ({ record, group: '', split: side(record.path) }));
  report = checkReport('pokedex & <friends>', dataset, result, placed);
  thumbnails = new Map(shownContents(report).map((content) => [content, Buffer.from('bytes')]));
});

describe('the lines for a terminal', () => {
  test('count, name the first, and say where to look', () => {
    const lines = summaryLines(report, 'out/check/check.html').join('\n');
    expect(lines).toContain('5 pictures, 4 kept (blue 1, red 3)');
    expect(lines).toMatch(/^exact_duplicate +2 {3}1 left out$/m);
    expect(lines).toContain('    images/blue/copy.jpg  =  images/blue/one.jpg   identical bytes');
    expect(lines).toMatch(/^near_duplicate +2 {3}warn$/m);
    expect(lines).toContain('1 group of look-alikes lies on more than one side of the split');
    expect(lines).not.toContain('blank');
    expect(lines).toMatch(/look at them: out\/check\/check\.html$/);
  });

  test('say so where nothing was found', () => {
    const clean = { ...report, straddling: 0, outcomes: [] };
    expect(summaryLines(clean, 'page').at(-1)).toBe('nothing was found');
  });
});

test('the JSON has every finding, with the side of each picture and what is left out', () => {
  const json = JSON.parse(renderCheckJson(report));
  expect(json).toMatchObject({ version: 1, experiment: 'pokedex & <friends>', straddlingGroups: 1 });
  expect(json.classes).toEqual([
    { label: 'blue', fetched: 2, kept: 1 },
    { label: 'red', fetched: 3, kept: 3 },
  ]);
  expect(json.checks.map(({ check }: { check: string }) => check)).toEqual([
    'exact_duplicate',
    'near_duplicate',
    'name_mentions_other_class',
    'blank',
  ]);
  const [copies, alike, , blank] = json.checks;
  expect(copies.findings).toMatchObject([
    { surplus: ['0/blue/one.jpg'], pictures: [{ split: 'train' }, { split: null }] },
  ]);
  expect(alike.findings[0].pictures).toMatchObject([
    { path: '0/red/like-two.jpg', split: 'test' },
    { path: '0/red/two.jpg', split: 'train' },
  ]);
  expect(blank.findings).toEqual([]);
});

describe('the page', () => {
  const page = (): string => renderCheckPage(report, thumbnails);

  test('shows a thumbnail with a text for each picture that it names, and what was left out', () => {
    const images = [...page().matchAll(/<img [^>]*alt="([^"]+)"/g)].map(([, alt]) => alt);
    expect(images).toHaveLength(5);
    expect(images).toContain('images/red/like-two.jpg');
    expect(page()).toContain(`src="data:image/webp;base64,${Buffer.from('bytes').toString('base64')}"`);
    expect(page()).toContain('blue · left out');
    expect(page()).toContain('red · test');
  });

  test('takes names for text, and has no script and no address', () => {
    expect(page()).toContain('<h1>Pictures of pokedex &#38; &#60;friends&#62;</h1>');
    expect(page()).not.toContain('<img src=x');
    expect(page()).not.toMatch(/<script|https?:\/\/|onerror="|@import|url\(/);
    const attributes = [...page().matchAll(/<img ([^>]*)>/g)].map(([, text]) => text);
    for (const text of attributes)
      expect(text).toMatch(/^loading="lazy" alt="[^"]*" src="data:image\/webp;base64,[\w+/=]*"$/);
  });

  test('has a language, headings in order, and a link to each section', () => {
    expect(page()).toMatch(/^<!doctype html>\n<html lang="en">/);
    const targets = [...page().matchAll(/href="#(\w+)"/g)].map(([, id]) => id);
    expect(targets).toEqual(['exact_duplicate', 'near_duplicate', 'name_mentions_other_class']);
    for (const id of targets) expect(page()).toContain(`<h2 id="${id}">`);
    expect([...page().matchAll(/<h(\d)/g)].map(([, level]) => level)).toEqual(['1', '2', '2', '2']);
    expect(page()).toContain('prefers-color-scheme: dark');
  });

  test('names a picture without a thumbnail, and stays short for many findings', () => {
    const many = {
      ...report,
      outcomes: [{ ...report.outcomes[0], findings: Array(500).fill(report.outcomes[0].findings[0]) }],
    };
    const html = renderCheckPage(many, new Map());
    expect(html).toContain('<div class="missing">no picture</div>');
    expect(html).toContain('440 more in check.json.');
  });
});
