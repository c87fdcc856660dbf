import { readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { ExecutorContext } from '@nx/devkit';
import { writeFileAtomic } from '@graft/foundation';
import { openExamples, renderContactPage, renderContactSheet } from '@graft/image';
import { verifyLineage, verifyOutputs } from '@graft/pipeline';
import type { TrainSettings } from '@graft/pipeline';
import { experimentOf, guarded, say } from '../../shared/stage-executor';
import { sampleSheet } from './sample-sheet';

export interface ContactSheetOptions {
  readonly pictures: number;
  readonly copies: number;
}

export default function contactSheetExecutor({ pictures, copies }: ContactSheetOptions, context: ExecutorContext) {
  return guarded(async () => {
    const { projectName, projectFolder } = experimentOf(context);
    const outFolder = join(projectFolder, 'out');
    await verifyOutputs('resolve', join(outFolder, 'resolve'), [{ stage: 'resolve', files: 'train.json' }]);
    await verifyOutputs('preprocess', join(outFolder, 'preprocess'), [{ stage: 'preprocess', files: 'examples/**/*' }]);
    await verifyLineage(['preprocess'], outFolder);
    // Written by `resolve`, whose manifest was verified a moment ago.
    const settings: TrainSettings = JSON.parse(await readFile(join(outFolder, 'resolve', 'train.json'), 'utf8'));
    const examples = await openExamples(join(outFolder, 'preprocess', 'examples'));
    try {
      const { sheet, shown, all } = sampleSheet(projectName, examples, settings, { pictures, copies });
      const folder = join(outFolder, 'contact-sheet');
      await writeFileAtomic(join(folder, 'contact-sheet.png'), await renderContactSheet(sheet));
      await writeFileAtomic(join(folder, 'contact-sheet.html'), await renderContactPage(sheet));
      say(`${shown} of ${all} training examples, each ${sheet.columns.length} times`);
      for (const file of ['png', 'html'])
        say(`written: ${relative(context.root, join(folder, `contact-sheet.${file}`))}`);
    } finally {
      examples.close();
    }
  });
}
