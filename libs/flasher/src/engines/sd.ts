import { randomBytes } from 'node:crypto';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256File, writeFileAtomic } from '@graft/foundation';
import { judgeCard, type CardJudgement } from '../card-filesystem';
import { copyCard } from '../copy-card';
import { cardNotFat, flashAborted, verificationFailed } from '../errors';
import type { BoardFile, FlashPlan } from '../flash-plan';
import type { DeliveryContext, FlashContext, FlashEngine, WrittenFile } from './engine';

const FOLDER = 'sd';

/** Prepares the folder `sd`, and copies its files to the root of a FAT32 card. */
export const sdEngine: FlashEngine = {
  name: 'sd',
  summary: 'writes the files of a card',
  uses: ['card', 'cardFilesystem'],
  prepare: writeCard,
  deliver,
};

export async function writeCard(plan: FlashPlan, context: FlashContext): Promise<readonly WrittenFile[]> {
  const mark = randomBytes(6).toString('hex');
  const staging = join(context.outputFolder, `.sd.${mark}.tmp`);
  const folder = join(context.outputFolder, FOLDER);
  try {
    await writeFiles(staging, plan.card, context);
    await verifyFiles(staging, plan.card);
    await replaceFolder(staging, folder, join(context.outputFolder, `.sd.${mark}.old`));
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
  return plan.card.map(({ name, bytes, sha256 }) => ({ path: join(folder, name), bytes: bytes.length, sha256 }));
}

async function writeFiles(
  folder: string,
  files: readonly BoardFile[],
  { report, signal }: FlashContext,
): Promise<void> {
  for (const [index, file] of files.entries()) {
    if (signal?.aborted === true) throw flashAborted();
    await writeFileAtomic(join(folder, file.name), file.bytes);
    report({ type: 'progress', task: 'writing the card', done: index + 1, total: files.length, unit: 'file' });
  }
}

/**
 * Reads every file again and compares digests.
 * @throws GraftError E411 at the first file that differs.
 */
export async function verifyFiles(folder: string, files: readonly BoardFile[]): Promise<void> {
  for (const { name, sha256 } of files) {
    const path = join(folder, name);
    const found = await sha256File(path);
    if (found !== sha256) throw verificationFailed(path, sha256, found);
  }
}

/** A folder that is not empty cannot be renamed over; the old one steps aside and comes back if that fails. */
async function replaceFolder(fresh: string, folder: string, aside: string): Promise<void> {
  const hadOld = await rename(folder, aside).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return false;
      throw error;
    },
  );
  try {
    await rename(fresh, folder);
  } catch (error) {
    if (hadOld) await rename(aside, folder);
    throw error;
  }
  await rm(aside, { recursive: true, force: true });
}

async function deliver(context: DeliveryContext): Promise<readonly string[]> {
  const folder = join(context.planFolder, FOLDER);
  const { card, cardFilesystem = 'fat' } = context.wish;
  if (card === undefined) {
    return [
      `card folder: ${folder}`,
      'copy its files to the root of a FAT32 card, or run this again with --card <folder where the card is mounted>',
    ];
  }
  const judgement = cardFilesystem === 'any' ? null : await judge(card, context.mounts);
  if (judgement?.kind === 'other') throw cardNotFat(card, judgement);
  const files = await copyCard(folder, card, context);
  return [
    ...(judgement?.kind === 'unknown'
      ? [
          'this system does not tell whether the card is FAT32, which it must be (with an MBR partition table; no exFAT)',
        ]
      : []),
    `${files.length} files copied to ${card} and read back`,
    'eject the card before you take it out; the board starts main.py from it',
  ];
}

/** What is no folder has complaints of its own. */
const judge = (card: string, mounts: string | undefined): Promise<CardJudgement> =>
  judgeCard(card, mounts).catch(() => ({ kind: 'unknown' }));
