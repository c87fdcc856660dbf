import type { FoundPicture } from '@graft/dataset';
import { unanswered } from '@graft/evaluation';
import type { UnansweredPicture } from '@graft/evaluation';
import { halfTurn } from '@graft/model';
import { openRunner } from '@graft/training';
import { readMirrors } from '../../shared/load-experiment';
import { say } from '../../shared/stage-executor';
import { trainingThreads } from '../../shared/training-threads';
import { readAsked } from './answer-all';
import { imagenetClassNames } from './class-names';
import type { Surroundings } from './open-experiment';
import { IMAGENET_SIZE, openImagenet } from './open-imagenet';

const TOP = 5;
const LIMITS: Parameters<typeof readAsked>[1] = {
  maxFileBytes: 64 * 1024 * 1024,
  preprocess: {
    imageSize: { height: IMAGENET_SIZE, width: IMAGENET_SIZE },
    resize: 'crop',
    interpolation: 'bilinear',
    background: '#ffffff',
    maxFrames: 1,
  },
};

/** Prints what the pretrained network sees in each picture, in float: it was never quantized. */
export async function answerAsImagenet(
  files: readonly FoundPicture[],
  alpha: number,
  { workspaceFolder, cacheFolder, report, signal }: Surroundings,
): Promise<void> {
  const mirrors = readMirrors(workspaceFolder);
  const graph = await openImagenet({ alpha, cacheFolder, workspaceFolder, mirrors, report, signal });
  const names = await imagenetClassNames(cacheFolder, { report, signal });
  const runner = await openRunner(graph, { threads: trainingThreads() });
  const failed: UnansweredPicture[] = [];
  try {
    for (const file of files) {
      const read = await readAsked(file, LIMITS);
      if (!read.ok) {
        failed.push({ ok: false, picture: file.shown, reason: read.reason });
        continue;
      }
      const [{ pixels }] = read.picture.examples;
      const [answer] = await runner.predict([halfTurn(pixels, 3)], signal);
      topLines(file.shown, answer, names).forEach(say);
      read.remarks.forEach((remark) => say(`  ${remark}`));
    }
  } finally {
    runner.dispose();
  }
  say(`MobileNet v1 ${alpha} with the 1000 classes of ImageNet, in float; no page is written`);
  if (failed.length > 0) throw unanswered(failed, files.length);
}

/** The likeliest classes, a line each, aligned. */
export function topLines(picture: string, answer: ArrayLike<number>, names: readonly string[]): string[] {
  const ranked = Array.from(answer, (share, index) => ({ share, name: names[index] }));
  ranked.sort((a, b) => b.share - a.share);
  const lines = ranked.slice(0, TOP).map(({ share, name }, at) => {
    return `  ${at + 1}.  ${(share * 100).toFixed(2).padStart(6)} %  ${name}`;
  });
  return [`${picture}:`, ...lines];
}
