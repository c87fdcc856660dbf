import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { flash } from '@graft/flasher';
import { DEVICES } from '@graft/k210';
import { renderProvenance } from '@graft/pipeline';
import type { FlashPlanSettings } from '@graft/pipeline';
import { provenanceOf } from '../../shared/provenance';
import { readKit } from '../../shared/self-test-kit';
import { thresholdOf } from '../../shared/threshold';
import { stageExecutor } from '../../shared/stage-executor';

export default stageExecutor<FlashPlanSettings>('flash-plan', async (job) => {
  const { name, classes, preprocess, target, flash: section, settingsSha256 } = job.settings;
  const kmodel = await readFile(join(job.input('export-kmodel'), `${name}.kmodel`));
  const origin = {
    experiment: name,
    settingsSha256,
    fetchFolder: job.input('fetch'),
    workspaceFolder: job.workspaceFolder,
  };
  const { plan, files } = await flash(
    {
      name,
      classes,
      ...preprocess,
      kmodel,
      provenance: renderProvenance(await provenanceOf(kmodel, origin)),
      flash: { ...section, threshold: await thresholdOf(section, job.input('threshold')) },
      device: DEVICES[target.device],
      firmware: target.firmware,
      selfTest: await readKit(join(job.input('self-test'), 'kit')),
    },
    { outputFolder: job.folder, report: job.report, signal: job.signal },
  );
  job.say(`plan for ${plan.device} with firmware ${plan.firmware}, engine ${plan.engine}: ${files.length} files`);
});
