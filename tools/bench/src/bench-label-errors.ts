import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { sniffPicture } from '@graft/dataset';
import type { PictureRecord } from '@graft/dataset';
import { Random, sha256 } from '@graft/foundation';
import { measurePicture } from '@graft/image';
import type { MeasuredPicture } from '@graft/image';
import { doubtDataset } from '@graft/quality';
import type { Dataset } from '@graft/quality';

/** What the check of labels says when so many labels are wrong; means over the rounds. */
export interface PlantedErrors {
  readonly planted: number;
  readonly rounds: number;
  /** Of the planted errors, those that are named. */
  readonly found: number;
  /** Pictures that are named, planted or not. */
  readonly named: number;
}

export interface LabelErrorBench {
  readonly pictures: number;
  /** Share of right answers with the labels as they are, the mean of the classes; null: too few pictures to tell. */
  readonly accuracy: number | null;
  /** Named with the labels as they are. */
  readonly namedAsTheyAre: readonly string[];
  readonly results: readonly PlantedErrors[];
}

/**
 * Gives random pictures of a folder with a sub-folder for each class a wrong label, and counts how many of them the check
 * names. The picks follow from the round's number alone. Copies count once.
 */
export async function benchLabelErrors(
  folder: string,
  counts: readonly number[],
  rounds: number,
): Promise<LabelErrorBench> {
  const dataset = await readFolder(folder);
  const { accuracy, doubts } = doubtDataset(dataset);
  const results = counts.map((planted): PlantedErrors => {
    const each = Array.from({ length: rounds }, (_, round) => plantAndCount(dataset, planted, round));
    const mean = (of: 'found' | 'named') => each.reduce((sum, one) => sum + one[of], 0) / rounds;
    return { planted, rounds, found: mean('found'), named: mean('named') };
  });
  return {
    pictures: dataset.list.pictures.length,
    accuracy,
    namedAsTheyAre: doubts.map(({ record }) => record.path.slice(2)),
    results,
  };
}

function plantAndCount(dataset: Dataset, planted: number, round: number): { found: number; named: number } {
  const { pictures } = dataset.list;
  const labels = dataset.classes.map(({ key }) => key);
  const random = Random.of(round, 'planted label errors', planted);
  const wrong = new Set(random.shuffled(pictures.map(({ sha256: content }) => content)).slice(0, planted));
  const labelled = pictures.map((record) => {
    if (!wrong.has(record.sha256)) return record;
    const others = labels.filter((label) => label !== record.label);
    return { ...record, label: others[random.integer(others.length)] };
  });
  const { doubts } = doubtDataset({ ...dataset, list: { ...dataset.list, pictures: labelled } });
  return { found: doubts.filter(({ record }) => wrong.has(record.sha256)).length, named: doubts.length };
}

async function readFolder(folder: string): Promise<Dataset> {
  const labels = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();
  const pictures = new Map<string, PictureRecord>();
  const measured = new Map<string, MeasuredPicture>();
  for (const label of labels) {
    for (const file of readdirSync(join(folder, label)).sort()) {
      const bytes = readFileSync(join(folder, label, file));
      const sniffed = sniffPicture(bytes);
      const content = sha256(bytes);
      if (!sniffed.ok || measured.has(content)) continue;
      measured.set(content, { ok: true, traits: await measurePicture(bytes, sniffed.format) });
      pictures.set(content, {
        ...{ path: `0/${label}/${file}`, sha256: content, size: bytes.length, format: sniffed.format, label },
        ...{ source: `directory:${basename(folder)}`, license: null, attribution: null, group: null },
      });
    }
  }
  return {
    list: { version: 1, pictures: [...pictures.values()], recorded: [], refused: [] },
    measured,
    classes: labels.map((key) => ({ key, folders: [key] })),
    imageSize: { height: 1, width: 1 },
  };
}

/** A table for the page about data sets. */
export function renderLabelErrors({ pictures, accuracy, namedAsTheyAre, results }: LabelErrorBench): string {
  const right = accuracy === null ? 'too few to tell' : `right in ${(100 * accuracy).toFixed(1)} %`;
  const rows = results.map(({ planted, rounds, found, named }) => {
    const precision = named === 0 ? 'none named' : `${((100 * found) / named).toFixed(0)} %`;
    return `| ${planted} | ${found.toFixed(1)} (${((100 * found) / planted).toFixed(0)} %) | ${named.toFixed(1)} | ${precision} | ${rounds} |`;
  });
  return [
    `${pictures} distinct pictures; with the labels as they are ${right}, named: ${namedAsTheyAre.join(', ') || 'none'}`,
    '',
    '| wrong labels | of them named | named in all | of these wrong | rounds |',
    '| --- | --- | --- | --- | --- |',
    ...rows,
  ].join('\n');
}
