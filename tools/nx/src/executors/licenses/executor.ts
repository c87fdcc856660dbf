import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { renderCredits } from '@graft/dataset';
import type { PictureList, PictureRecord } from '@graft/dataset';
import { writeFileAtomic } from '@graft/foundation';
import { verifyOutputs } from '@graft/pipeline';
import type { ExecutorContext } from '@nx/devkit';
import { experimentOf, guarded, say } from '../../shared/stage-executor';

const CREDITS_FILE = 'ATTRIBUTION.md';

export default function licensesExecutor(_options: unknown, context: ExecutorContext) {
  return guarded(async () => {
    const { projectName, projectFolder } = experimentOf(context);
    const fetched = join(projectFolder, 'out', 'fetch');
    const lists = ['pictures/pictures.json', 'unknown/pictures.json'];
    await verifyOutputs(
      'fetch',
      fetched,
      lists.map((files) => ({ stage: 'fetch', files })),
    );
    const pictures: PictureRecord[] = [];
    for (const file of lists) {
      // Written by `fetch`, whose manifest was verified a moment ago.
      const list: PictureList = JSON.parse(await readFile(join(fetched, file), 'utf8'));
      pictures.push(...list.pictures);
    }
    const { text, sources, withoutLicense } = renderCredits(projectName, pictures);
    await writeFileAtomic(join(projectFolder, CREDITS_FILE), text);
    say(
      `${pictures.length} pictures of ${sources} sources, ${withoutLicense} without a licence; ${CREDITS_FILE} written`,
    );
  });
}
