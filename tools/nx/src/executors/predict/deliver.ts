import { rm } from 'node:fs/promises';
import { basename, join, relative, resolve } from 'node:path';
import {
  answerLines,
  nameOf,
  renderAnswersCsv,
  renderAnswersJsonl,
  renderAnswersPage,
  shownClasses,
  verdictOf,
} from '@graft/evaluation';
import type { AskedPicture, PictureAnswer } from '@graft/evaluation';
import { writeFileAtomic } from '@graft/foundation';
import { encodePng, renderAnswerPicture } from '@graft/image';
import { say } from '../../shared/stage-executor';
import type { PredictOptions } from './executor';
import type { OpenExperiment } from './open-experiment';

export interface Delivery {
  readonly asked: readonly AskedPicture[];
  readonly pictures: ReadonlyMap<string, Uint8Array>;
  readonly network: OpenExperiment;
  /** Of page and pictures, absolute. */
  readonly folder: string;
  /** Where the person stands. */
  readonly here: string;
  readonly options: Pick<PredictOptions, 'output' | 'csv' | 'jsonl'>;
  readonly workspaceFolder: string;
}

/** More answers than this get a line each, without bars. */
const MOST_WITH_BARS = 20;
const MOST_CLASSES = 5;

/** Prints the answers and writes them out: a picture each, the page, and the tables that are asked for. */
export async function deliver(delivery: Delivery): Promise<void> {
  const { asked, network, folder, here, options, workspaceFolder } = delivery;
  const answers = asked.filter((one) => one.ok);
  for (const answer of answers) {
    answerLines(answer, network, answers.length <= MOST_WITH_BARS).forEach(say);
  }
  const written = [await writePictures(delivery, answers)];
  const tables = [
    { file: 'predict.csv', wanted: options.csv, render: renderAnswersCsv },
    { file: 'predict.jsonl', wanted: options.jsonl, render: renderAnswersJsonl },
  ];
  for (const { file, wanted, render } of tables) {
    if (wanted === undefined || wanted === false || wanted === 'false') continue;
    const named = typeof wanted === 'string' && wanted !== '' && wanted !== 'true';
    const path = named ? resolve(here, wanted) : join(folder, file);
    await writeFileAtomic(path, render(asked, network));
    written.push(path);
  }
  for (const path of written) {
    const inside = relative(workspaceFolder, path);
    say(`written: ${inside.startsWith('..') ? path : inside}`);
  }
}

/** @returns the path of the page */
async function writePictures(
  { asked, pictures, network, folder, options }: Delivery,
  answers: readonly PictureAnswer[],
): Promise<string> {
  const { height, width } = network.preprocess.imageSize;
  const size = { height, width };
  // In a folder of ours nothing of an earlier run shall lie beside the page; in another one nothing is deleted.
  if (options.output === undefined) await rm(folder, { recursive: true, force: true });
  const shown = new Map<string, Uint8Array>();
  for (const answer of answers) {
    const name = nameOf(answer);
    const pixels = pictures.get(name);
    if (pixels === undefined) continue;
    shown.set(name, await encodePng(pixels, size));
    const number = String(shown.size).padStart(3, '0');
    const file = `${number}-${basename(name).replace(/[^\p{L}\p{N}._-]+/gu, '-')}.png`;
    await writeFileAtomic(
      join(folder, 'pictures', file),
      await renderAnswerPicture({ size, pixels, ...captionOf(answer, network) }),
    );
  }
  const page = join(folder, 'predict.html');
  await writeFileAtomic(page, renderAnswersPage({ ...network, asked, pictures: shown }));
  return page;
}

function captionOf(answer: PictureAnswer, network: OpenExperiment) {
  const device = verdictOf(answer.device, network);
  const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
  return {
    title: device.answer,
    subtitle:
      device.answer === device.label
        ? `${percent(device.score)} on the chip`
        : `likeliest: ${device.label}, ${percent(device.score)}`,
    rows: shownClasses(answer, MOST_CLASSES).map((index) => ({
      label: network.classes[index],
      bars: [
        { name: 'chip', share: answer.device[index] },
        { name: 'float', share: answer.float[index] },
      ],
    })),
  };
}
