import { dataUri, escapeHtml, htmlPage, htmlTable, scrolling } from './html';
import { COLOURS } from './html-style';

test('nothing in a text can end a tag, an attribute or begin an entity', () => {
  expect(escapeHtml(`<b title="x" class='y'> &amp; é`)).toBe(
    '&#60;b title=&#34;x&#34; class=&#39;y&#39;&#62; &#38;amp; é',
  );
});

test('a page may show its own pictures and styles, and nothing from anywhere else', () => {
  const page = htmlPage({ title: '<x>', kicker: 'a & b', style: '.own {}', body: '<p>text</p>\n' });
  expect(page).toContain(`content="default-src 'none'; img-src data:; style-src 'unsafe-inline';`);
  expect(page).toContain('<p class="kicker">a &#38; b</p>\n<h1>&#60;x&#62;</h1>\n<p>text</p>\n</main>');
  expect(page).toContain('.own {}</style>');
  expect(htmlPage({ title: 'x', style: '', body: '' })).not.toContain('<p class="kicker">');
});

test('a table has a caption, headings with a scope, and scrolls by keyboard', () => {
  const html = htmlTable({ caption: 'What <is>', columns: ['class', { number: 'n' }], rows: [['<b>a</b>', '1']] });
  expect(html).toContain('<caption><span>What &#60;is&#62;</span></caption>');
  expect(html).toContain('<th scope="col" class="number">n</th>');
  expect(html).toContain('<tr><th scope="row"><b>a</b></th><td class="number">1</td></tr>');
  expect(html).toBe(scrolling('What <is>', html.slice(html.indexOf('<table>'), html.lastIndexOf('</div>'))));
  expect(html).toContain('<div class="wide" role="region" aria-label="What &#60;is&#62;" tabindex="0">');
});

test('a picture is written into the page', () => {
  expect(dataUri('image/webp', Uint8Array.of(1, 2, 3))).toBe('data:image/webp;base64,AQID');
});

/** WCAG 2.2: relative luminance and contrast. */
const channel = (value: number): number => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
const luminance = (colour: string): number =>
  [0.2126, 0.7152, 0.0722].reduce(
    (sum, weight, index) => sum + weight * channel(parseInt(colour.slice(1 + 2 * index, 3 + 2 * index), 16) / 255),
    0,
  );
const contrast = (a: string, b: string): number => {
  const [dark, light] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (light + 0.05) / (dark + 0.05);
};

test.each(['light', 'dark'] as const)('every colour of a text can be read in %s', (theme) => {
  const { ground, card, line: _, ...texts } = COLOURS[theme];
  const low = Object.entries(texts).filter(([, text]) => [ground, card].some((below) => contrast(text, below) < 4.5));
  expect(low).toEqual([]);
});
