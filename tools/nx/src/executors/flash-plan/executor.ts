import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { flash, NO_KIT } from '@graft/flasher';
import { DEVICES } from '@graft/k210';
import type { FlashPlanSettings } from '@graft/pipeline';
import { stageExecutor } from '../../shared/stage-executor';

export default stageExecutor<FlashPlanSettings>('flash-plan', async (job) => {
  const { name, classes, preprocess, target, flash: section } = job.settings;
  const { plan, files } = await flash(
    {
      name,
      classes,
      ...preprocess,
      kmodel: await readFile(join(job.input('export-kmodel'), `${name}.kmodel`)),
      flash: section,
      device: DEVICES[target.device],
      firmware: target.firmware,
      selfTest: NO_KIT,
    },
    { outputFolder: job.folder, report: job.report, signal: job.signal },
  );
  job.say(`plan for ${plan.device} with firmware ${plan.firmware}, engine ${plan.engine}: ${files.length} files`);
});
