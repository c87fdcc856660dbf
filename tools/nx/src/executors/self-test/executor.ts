import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { chooseGolden } from '@graft/evaluation';
import { tooFewPictures, TOLERANCE } from '@graft/flasher';
import { encodeBitmap, openExamples, planarFromInterleaved } from '@graft/image';
import type { SelfTestSettings } from '@graft/pipeline';
import { readMeasured } from '../../shared/measured';
import { writeKit } from '../../shared/self-test-kit';
import { simulateAll } from '../../shared/simulate';
import { stageExecutor } from '../../shared/stage-executor';

export default stageExecutor<SelfTestSettings>('self-test', async (job) => {
  const { report, signal, settings } = job;
  const { predictions } = await readMeasured(job.input('compile'));
  const chosen = chooseGolden(predictions, settings.pictures);
  const examples = await openExamples(join(job.input('preprocess'), 'examples'));
  const { height, width } = examples.index;
  const places = new Map(examples.index.examples.map(({ id }, index) => [id, index]));
  const bitmaps = chosen.map(({ id }) => encodeBitmap(examples.pixels(places.get(id) ?? -1), height, width));
  examples.close();
  // The board sees what its 16 bits a pixel leave of the picture, and that is what it has to answer to.
  const answers = await simulateAll({
    kmodel: await readFile(join(job.input('compile'), 'model', 'model.kmodel')),
    count: bitmaps.length,
    planes: (index) => planarFromInterleaved(bitmaps[index].pixels, height, width),
    report,
    signal,
  });
  const pictures = bitmaps.map(({ file }, index) => ({
    name: `golden-${index}.bmp`,
    bitmap: file,
    expected: Array.from(answers[index]),
  }));
  await writeKit(
    join(job.folder, 'kit'),
    { tolerance: TOLERANCE, pictures },
    chosen.map(({ path }) => path),
  );
  if (pictures.length < settings.pictures) report(tooFewPictures(pictures.length, settings.pictures));
  job.say(
    pictures.length === 0 ? 'no self-test is asked for' : `${pictures.length} pictures with the answers of the chip`,
  );
});
