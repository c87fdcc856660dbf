import { compareText } from '@graft/dataset';
import { count } from './errors';
import { aboutOne, groupBy } from './finding';
import type { Finding } from './finding';
import { doubtLabels } from './label-doubts';
import type { LabelDoubts } from './label-doubts';
import { findMentions } from './name-mentions';
import { distinct, resemblance, traitsOf } from './subject';
import type { Dataset, Subject } from './subject';

const MOST_IMBALANCE = 3;

export function findNameMentions({ pictures, classes }: Subject): Finding[] {
  return findMentions(distinct(pictures), classes).map(({ record, mentions, mentionsOwn }) =>
    aboutOne(
      record,
      `mentions ${mentions.join(', ')}${mentionsOwn ? ' beside its own class' : ' and not its own class'}`,
    ),
  );
}

export function findLikelyLabelErrors(subject: Subject): Finding[] {
  return doubtsOf(subject).doubts.map(({ record, looksLike }) => aboutOne(record, `looks like ${looksLike}`));
}

/** What the check of labels says of a whole data set, and how often it is right there: to measure it. All must be readable. */
export function doubtDataset({ list: { pictures }, measured }: Dataset): LabelDoubts {
  return doubtsOf({ pictures, measured, lookAlikes: resemblance(measured) });
}

function doubtsOf(subject: Pick<Subject, 'pictures' | 'measured' | 'lookAlikes'>): LabelDoubts {
  const { groups } = subject.lookAlikes();
  const pictures = distinct(subject.pictures).map((record) => ({
    record,
    traits: traitsOf(subject, record),
    group: groups.get(record.sha256) ?? record.sha256,
  }));
  return doubtLabels(pictures);
}

/** One finding for each source, since it is the source that has to be asked; all of its pictures without a licence are surplus. */
export function findUnknownLicenses({ pictures }: Subject): Finding[] {
  return groupBy(
    pictures.filter(({ license }) => license === null),
    ({ source }) => source,
  ).map((records) => ({
    pictures: [],
    reason: `${records[0].source} states no licence for ${count(records.length, 'picture')}`,
    surplus: records,
  }));
}

/** One finding for each class that is too large beside the smallest; what it has too many of is surplus, by content. */
export function findClassImbalance({ pictures }: Subject): Finding[] {
  const classes = groupBy(distinct(pictures), ({ label }) => label);
  const fewest = Math.min(...classes.map(({ length }) => length));
  return classes
    .filter(({ length }) => length > MOST_IMBALANCE * fewest)
    .map((records) => {
      const [{ label }] = records;
      const ranked = [...records].sort((a, b) => compareText(a.sha256, b.sha256));
      return {
        pictures: [],
        reason: `${label} has ${records.length} pictures, the smallest class ${fewest}`,
        surplus: ranked.slice(MOST_IMBALANCE * fewest),
      };
    });
}
