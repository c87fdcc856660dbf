interface Tokens {
  readonly ground: string;
  readonly card: string;
  readonly text: string;
  readonly muted: string;
  readonly line: string;
  readonly link: string;
  /** Where something asks for attention. */
  readonly strong: string;
  readonly good: string;
  readonly bad: string;
  /** The series that charts tell apart; with a dash, a mark or a word beside the colour. */
  readonly first: string;
  readonly second: string;
  readonly third: string;
  readonly fourth: string;
}

/** Each colour of a text reaches 4.5 : 1 on `ground` and on `card` (WCAG AA). */
export const COLOURS: Readonly<Record<'light' | 'dark', Tokens>> = {
  light: {
    ground: '#f7f7f5',
    card: '#ffffff',
    text: '#1c2126',
    muted: '#57606b',
    line: '#d5d8dc',
    link: '#0b57b0',
    strong: '#8a3d00',
    good: '#14652f',
    bad: '#b3261e',
    first: '#0a5cc2',
    second: '#ad4a00',
    third: '#1a7037',
    fourth: '#7040c0',
  },
  dark: {
    ground: '#121518',
    card: '#1b2025',
    text: '#e8ebee',
    muted: '#a3adb9',
    line: '#39414a',
    link: '#8cbcff',
    strong: '#ffb77a',
    good: '#7ddc94',
    bad: '#ff9d92',
    first: '#6fb1ff',
    second: '#ffad66',
    third: '#6bd486',
    fourth: '#c4a0ff',
  },
};

const variables = (tokens: Tokens): string =>
  Object.entries(tokens)
    .map(([name, colour]) => `--${name}: ${colour};`)
    .join(' ');

/** What all pages share: colours as variables, type, tables, cards, and how it looks on a phone and on paper. */
export const PAGE_STYLE = `
:root { color-scheme: light; ${variables(COLOURS.light)} }
@media screen and (prefers-color-scheme: dark) { :root { color-scheme: dark; ${variables(COLOURS.dark)} } }
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body { margin: 0; background: var(--ground); color: var(--text); font: 16px/1.5 system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif; overflow-wrap: anywhere; }
main { max-width: 76rem; margin: 0 auto; padding: 2rem clamp(1rem, 4vw, 2.5rem) 4rem; }
a { color: var(--link); }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
h1, h2, h3 { line-height: 1.2; text-wrap: balance; }
h1 { font-size: clamp(1.6rem, 5vw, 2.25rem); letter-spacing: -0.02em; margin: 0 0 0.75rem; }
h2 { font-size: 1.35rem; letter-spacing: -0.01em; margin: 3rem 0 0.75rem; }
h3 { font-size: 1rem; margin: 1.5rem 0 0.5rem; }
h2 small { font-weight: normal; font-size: 0.8rem; letter-spacing: 0; }
p, ul { max-width: 48rem; }
.kicker { margin: 0 0 0.25rem; color: var(--muted); font-size: 0.85rem; font-weight: 600; letter-spacing: 0.06em; text-transform: uppercase; }
.muted, caption, small { color: var(--muted); }
.note, .action { color: var(--strong); }
.good { color: var(--good); }
.bad { color: var(--bad); }
code, pre { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; font-size: 0.875em; }
nav ul { list-style: none; margin: 1rem 0; padding: 0; display: flex; flex-wrap: wrap; gap: 0.4rem 1.1rem; max-width: none; }
.panel, figure.card, .findings > li { background: var(--card); border: 1px solid var(--line); border-radius: 10px; }
.panel { padding: 1rem 1.25rem; }
.pair { display: grid; gap: 1.25rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem), 1fr)); align-items: start; }
.pair > * { min-width: 0; }
.wide { overflow-x: auto; max-width: 100%; }
table { border-collapse: collapse; font-size: 0.9rem; overflow-wrap: break-word; }
caption { text-align: start; padding-bottom: 0.5rem; }
caption > span { display: inline-block; position: sticky; inset-inline-start: 0; max-width: min(48rem, calc(100vw - 4.5rem)); }
th, td { padding: 0.35rem 0.75rem 0.35rem 0; text-align: start; vertical-align: top; }
thead th { color: var(--muted); font-weight: 600; border-bottom: 1px solid var(--line); vertical-align: bottom; }
tbody th { font-weight: 500; min-width: 7rem; max-width: 22rem; overflow-wrap: anywhere; }
tbody tr + tr > * { border-top: 1px solid var(--line); }
.number { text-align: end; white-space: nowrap; font-variant-numeric: tabular-nums; overflow-wrap: normal; }
thead th.number { white-space: normal; min-width: 4.5rem; }
.cards { display: flex; flex-wrap: wrap; gap: 0.75rem; }
figure { margin: 0; }
figcaption { font-size: 0.8rem; margin-top: 0.35rem; }
img, svg { max-width: 100%; }
pre { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 1rem 1.25rem; line-height: 1.45; overflow-x: auto; }
@media print {
  body { background: none; font-size: 10pt; }
  main { max-width: none; padding: 0; }
  nav { display: none; }
  h2, h3 { break-after: avoid; }
  .panel, figure, tr, svg { break-inside: avoid; }
  .wide, pre { overflow: visible; }
  pre { white-space: pre-wrap; }
  a { color: inherit; }
}
`;
