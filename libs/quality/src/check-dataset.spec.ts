import fc from 'fast-check';
import sharp from 'sharp';
import type { ChecksSection } from '@graft/spec';
import { checkDataset } from './check-dataset';
import { keyOf } from './errors';
import { datasetOf, IGNORE_ALL, recordOf, scene } from './pictures.fixture';
import type { Dataset } from './subject';

const check = (dataset: Dataset, checks: Partial<ChecksSection>) => checkDataset(dataset, { ...IGNORE_ALL, ...checks });

const paths = (records: readonly { path: string }[]): string[] => records.map(({ path }) => path);

const jpeg = (seed: number): Promise<Buffer> => scene(seed).jpeg({ quality: 90 }).toBuffer();

interface Case {
  readonly check: keyof ChecksSection;
  readonly codes: readonly [error: string, warning: string];
  /** Bad ones are called `…bad…`; a good one is always there. */
  readonly files: () => Promise<Record<string, Uint8Array>>;
  /** What stays when the action is drop. */
  readonly kept: readonly string[];
  readonly details: readonly string[];
}

const GOOD = { '0/blue/good.jpg': jpeg(1), '0/red/good.jpg': jpeg(2) };
const KEPT = ['0/blue/good.jpg', '0/red/good.jpg'];

async function withGood(files: Record<string, Promise<Uint8Array>>): Promise<Record<string, Uint8Array>> {
  const all = Object.entries({ ...GOOD, ...files });
  return Object.fromEntries(await Promise.all(all.map(async ([path, bytes]) => [path, await bytes] as const)));
}

const one = (name: string, bytes: () => Promise<Uint8Array>) => () => withGood({ [`0/red/${name}`]: bytes() });

const CASES: readonly Case[] = [
  {
    check: 'unreadable',
    codes: ['E212', 'W212'],
    files: one('bad.jpg', async () => (await jpeg(3)).subarray(0, 3000)),
    kept: KEPT,
    details: [expect.stringMatching(/^images\/red\/bad\.jpg {3}ends early or is damaged \(JPEG: /)],
  },
  {
    check: 'wrongExtension',
    codes: ['E214', 'W214'],
    files: one('bad.jpg', () => scene(3).webp().toBuffer()),
    kept: KEPT,
    details: ['images/red/bad.jpg   is webp'],
  },
  {
    check: 'exactDuplicate',
    codes: ['E215', 'W215'],
    files: one('same.jpg', () => jpeg(2)),
    kept: KEPT,
    details: ['images/red/good.jpg  =  images/red/same.jpg   (identical bytes)'],
  },
  {
    check: 'labelConflict',
    codes: ['E221', 'W221'],
    files: async () => withGood({ '0/red/twin.jpg': jpeg(4), '0/blue/twin.jpg': jpeg(4) }),
    kept: KEPT,
    details: ['images/blue/twin.jpg  =  images/red/twin.jpg   (identical bytes)'],
  },
  {
    check: 'nearDuplicate',
    codes: ['E270', 'W270'],
    files: one('small.jpg', async () =>
      sharp(await jpeg(2))
        .resize(120)
        .jpeg({ quality: 60 })
        .toBuffer(),
    ),
    kept: KEPT,
    details: [expect.stringMatching(/^images\/red\/good\.jpg {2}= {2}images\/red\/small\.jpg {3}\(likeness 9\d %\)$/)],
  },
  {
    check: 'nearLabelConflict',
    codes: ['E271', 'W271'],
    files: one('moved.jpg', async () =>
      sharp(await jpeg(1))
        .flop()
        .resize(120)
        .jpeg()
        .toBuffer(),
    ),
    kept: ['0/red/good.jpg'],
    details: [expect.stringContaining('images/blue/good.jpg  =  images/red/moved.jpg')],
  },
  {
    check: 'nameMentionsOtherClass',
    codes: ['E272', 'W272'],
    files: one('a-Navy_one.jpg', () => jpeg(3)),
    kept: KEPT,
    details: ['images/red/a-Navy_one.jpg   mentions blue and not its own class'],
  },
  {
    check: 'tooSmall',
    codes: ['E273', 'W273'],
    files: one('bad.jpg', () => scene(3, { width: 95, height: 120 }).jpeg().toBuffer()),
    kept: KEPT,
    details: ['images/red/bad.jpg   is 95 × 120 pixels'],
  },
  {
    check: 'extremeAspectRatio',
    codes: ['E274', 'W274'],
    files: one('bad.jpg', () => scene(3, { width: 400, height: 100 }).jpeg().toBuffer()),
    kept: KEPT,
    details: ['images/red/bad.jpg   is 400 × 100 pixels, 4.0 : 1'],
  },
  {
    check: 'blank',
    codes: ['E275', 'W275'],
    files: one('bad.jpg', () =>
      sharp({ create: { width: 200, height: 200, channels: 3, background: '#c0c0c4' } })
        .jpeg()
        .toBuffer(),
    ),
    kept: KEPT,
    details: ['images/red/bad.jpg   is of one colour'],
  },
  {
    check: 'blurred',
    codes: ['E276', 'W276'],
    files: one('bad.jpg', async () =>
      sharp(await jpeg(3))
        .blur(3)
        .jpeg()
        .toBuffer(),
    ),
    kept: KEPT,
    details: [expect.stringMatching(/^images\/red\/bad\.jpg {3}has sharpness 0\.\d\d$/)],
  },
  {
    check: 'fourComponents',
    codes: ['E277', 'W277'],
    files: one('bad.jpg', async () =>
      sharp(await jpeg(3))
        .toColourspace('cmyk')
        .jpeg()
        .toBuffer(),
    ),
    kept: KEPT,
    details: ['images/red/bad.jpg   is CMYK'],
  },
  {
    check: 'exifRotated',
    codes: ['E278', 'W278'],
    files: one('bad.jpg', async () =>
      sharp(await jpeg(3))
        .withMetadata({ orientation: 6 })
        .jpeg()
        .toBuffer(),
    ),
    kept: KEPT,
    details: ['images/red/bad.jpg   is stored on its side, turned left (Exif orientation 6)'],
  },
  {
    check: 'likelyLabelError',
    codes: ['E279', 'W279'],
    files: async () => {
      const of = (label: string, hue: number) =>
        Array.from({ length: 14 }, (_, at) => [
          `0/${label}/${at}.jpg`,
          scene(hue + at, { hue })
            .jpeg()
            .toBuffer(),
        ]);
      const files = Object.fromEntries([...of('blue', 220), ...of('red', 0)]);
      return withGood({ ...files, '0/red/bad.jpg': scene(500, { hue: 220 }).jpeg().toBuffer() });
    },
    kept: [],
    details: expect.arrayContaining(['images/red/bad.jpg   looks like blue']),
  },
  {
    check: 'unknownLicense',
    codes: ['E282', 'W282'],
    files: async () => withGood({ '0/red/unlicensed.jpg': jpeg(3), '0/red/unlicensed-2.jpg': jpeg(4) }),
    kept: KEPT,
    details: ['directory:./images states no licence for 2 pictures'],
  },
  {
    check: 'classImbalance',
    codes: ['E280', 'W280'],
    files: async () => withGood(Object.fromEntries([3, 4, 5, 6].map((seed) => [`0/red/${seed}.jpg`, jpeg(seed)]))),
    kept: [],
    details: ['red has 5 pictures, the smallest class 1'],
  },
];

describe.each(CASES)('$check', ({ check: name, codes: [error, warning], files, kept, details }) => {
  let dataset: Dataset;
  beforeAll(async () => {
    dataset = await datasetOf(await files());
  });

  test(`can be an error (${error}) that names every one`, () => {
    const { diagnostics } = check(dataset, { [name]: 'error' });
    expect(diagnostics).toMatchObject([{ code: error, severity: 'error', details }]);
    expect(diagnostics[0].hint).toContain(`dataset.checks.${keyOf(name)}`);
  });

  test(`can be a warning (${warning}) after which nothing is missing`, () => {
    const result = check(dataset, { [name]: 'warn' });
    expect([...result.diagnostics, ...result.remarks]).toMatchObject([{ code: warning, severity: 'warning', details }]);
    if (name !== 'unreadable') expect(result.kept).toHaveLength(dataset.list.pictures.length);
  });

  test('can leave out what it finds, or be ignored', () => {
    const dropped = check(dataset, { [name]: 'drop' });
    const surplus = dropped.outcomes.flatMap(({ findings }) => findings.flatMap((finding) => paths(finding.surplus)));
    expect(surplus.length).toBeGreaterThan(0);
    expect(paths(dropped.kept)).toEqual(
      paths(dataset.list.pictures)
        .sort()
        .filter((path) => !surplus.includes(path)),
    );
    if (kept.length > 0) expect(paths(dropped.kept)).toEqual(kept);
    const ignored = check(dataset, {});
    expect([ignored.diagnostics, ignored.remarks, ignored.outcomes]).toEqual([[], [], []]);
  });

  test('finds nothing among good pictures', async () => {
    const good = await datasetOf(await withGood({}));
    expect(check(good, { [name]: 'error' }).outcomes).toEqual([{ name, action: 'error', findings: [] }]);
  });
});

describe('files that are no pictures', () => {
  const refused = [
    { path: 'images/red/page.jpg', reason: 'is an HTML page, not a picture (a failed download?)', label: 'red' },
    { path: 'images/red/empty.jpg', reason: 'is empty', label: 'red' },
  ];
  const spoilt = async (): Promise<Dataset> => {
    const dataset = await datasetOf(await withGood({ '0/red/cut.jpg': jpeg(3).then((b) => b.subarray(0, 2000)) }));
    return { ...dataset, list: { ...dataset.list, refused } };
  };

  test('are told together with those that cannot be decoded (E212)', async () => {
    const [diagnostic] = check(await spoilt(), { unreadable: 'error' }).diagnostics;
    expect(diagnostic.message).toBe('3 pictures cannot be read');
    expect(diagnostic.details?.map((line) => line.split('   ')[0])).toEqual([
      'images/red/cut.jpg',
      'images/red/empty.jpg',
      'images/red/page.jpg',
    ]);
  });

  test('are left out whatever the action, and a class of which nothing is left is E281', async () => {
    const dataset = await spoilt();
    expect(paths(check(dataset, { unreadable: 'ignore' }).kept)).toEqual(KEPT);
    const cut = { '0/red/cut.jpg': (await jpeg(3)).subarray(0, 2000), '0/blue/good.jpg': await jpeg(1) };
    expect(check(await datasetOf(cut), { unreadable: 'drop' }).diagnostics).toMatchObject([
      { code: 'W212' },
      { code: 'E281', message: 'the checks leave no picture of class "red"' },
    ]);
  });

  test('that promise more pixels than are decoded are among them', async () => {
    const small = await sharp({ create: { width: 8, height: 8, channels: 3, background: '#fff' } })
      .png()
      .toBuffer();
    // The sizes in the header of a PNG, with the checksum that decoders compare.
    const header = Buffer.from(small.subarray(12, 29));
    header.writeUInt32BE(60_000, 4);
    header.writeUInt32BE(60_000, 8);
    const { crc32 } = await import('node:zlib');
    const check32 = Buffer.alloc(4);
    check32.writeUInt32BE(crc32(header));
    const bomb = Buffer.concat([small.subarray(0, 12), header, check32, small.subarray(33)]);
    const dataset = await datasetOf(await withGood({ '0/red/bomb.png': Promise.resolve(bomb) }));
    expect(check(dataset, { unreadable: 'error' }).diagnostics[0].details?.[0]).toContain('is 60000 × 60000 pixels');
  });
});

describe('what does not count', () => {
  test('a small figure on transparency is neither too small nor too long', async () => {
    const figure = { create: { width: 20, height: 90, channels: 4, background: '#ff000080' } } as const;
    const dataset = await datasetOf(await withGood({ '0/red/figure.png': sharp(figure).png().toBuffer() }));
    const { remarks } = check(dataset, { tooSmall: 'warn', extremeAspectRatio: 'warn' });
    expect(remarks).toEqual([]);
  });

  test('an address is no file name, so that its ending promises nothing', async () => {
    const dataset = await datasetOf(await withGood({ '0/red/a.jpg': scene(3).png().toBuffer() }));
    const pictures = dataset.list.pictures.map((record) => ({ ...record, source: 'http:./urls.csv' }));
    const { remarks } = check({ ...dataset, list: { ...dataset.list, pictures } }, { wrongExtension: 'warn' });
    expect(remarks).toEqual([]);
  });

  test('copies that stay are judged once', async () => {
    const small = scene(3, { width: 60, height: 60 }).jpeg().toBuffer();
    const dataset = await datasetOf(await withGood({ '0/red/a.jpg': small, '0/red/b.jpg': small }));
    expect(check(dataset, { tooSmall: 'warn' }).remarks).toMatchObject([
      { details: ['images/red/a.jpg   is 60 × 60 pixels'] },
    ]);
  });

  test('what one check leaves out, the next does not see', async () => {
    const dataset = await datasetOf(await withGood({ '0/red/b-blue.jpg': jpeg(2), '0/red/a-blue.jpg': jpeg(2) }));
    const { kept, remarks } = check(dataset, { exactDuplicate: 'drop', nameMentionsOtherClass: 'warn' });
    expect(paths(kept)).toEqual(['0/blue/good.jpg', '0/red/a-blue.jpg']);
    expect(remarks).toMatchObject([{ details: ['images/red/a-blue.jpg   mentions blue and not its own class'] }]);
  });

  test('of look-alikes the one with most pixels is kept', async () => {
    const large = sharp(await jpeg(2))
      .resize(480)
      .jpeg()
      .toBuffer();
    const dataset = await datasetOf(await withGood({ '0/red/large.jpg': large }));
    expect(paths(check(dataset, { nearDuplicate: 'drop' }).kept)).toEqual(['0/blue/good.jpg', '0/red/large.jpg']);
  });
});

test('after dropping copies no content is there twice, nothing is lost, and the order of the list does not matter', async () => {
  const contents = await Promise.all([1, 2, 3].map((seed) => scene(seed, { width: 50, height: 40 }).png().toBuffer()));
  const { measured, ...rest } = await datasetOf(
    Object.fromEntries(contents.map((bytes, at) => [`0/red/${at}`, bytes])),
  );
  const entry = fc.record({ label: fc.constantFrom('blue', 'red'), content: fc.constantFrom(...contents) });
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 20 }), (entries) => {
      const pictures = entries.map(({ label, content }, index) => recordOf(`0/${label}/${index}`, content));
      const drop = { exactDuplicate: 'drop', labelConflict: 'drop' } as const;
      const judge = (list: typeof pictures) =>
        check({ ...rest, measured, list: { version: 1, pictures: list, recorded: [], refused: [] } }, drop);
      const { kept, outcomes } = judge(pictures);
      const surplus = outcomes.flatMap(({ findings }) => findings.flatMap((finding) => finding.surplus));
      expect(new Set(kept.map((record) => record.sha256)).size).toBe(kept.length);
      expect(kept.length + surplus.length).toBe(pictures.length);
      expect(judge([...pictures].reverse()).kept).toEqual(kept);
    }),
  );
});
