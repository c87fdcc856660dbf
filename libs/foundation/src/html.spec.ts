import { escapeHtml } from './html';

test('nothing in a text can end a tag, an attribute or begin an entity', () => {
  expect(escapeHtml(`<b title="x" class='y'> &amp; é`)).toBe(
    '&#60;b title=&#34;x&#34; class=&#39;y&#39;&#62; &#38;amp; é',
  );
});
