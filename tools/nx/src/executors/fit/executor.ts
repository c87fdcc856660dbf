import { fitsFirmware, printFitPage, suggestNetworks } from '@graft/compiler';
import { DiagnosticsError } from '@graft/foundation';
import type { ExecutorContext } from '@nx/devkit';
import { fitOnDevice } from '../../shared/fit';
import { readExperiment } from '../../shared/load-experiment';
import { experimentOf, guarded, say } from '../../shared/stage-executor';

export interface FitOptions {
  readonly json: boolean;
}

export default function fitExecutor({ json }: FitOptions, context: ExecutorContext) {
  return guarded(async () => {
    const { projectFolder } = experimentOf(context);
    const experiment = readExperiment(context.root, projectFolder, json ? () => undefined : say);
    const { report, options, cuts, diagnostics } = fitOnDevice(experiment);
    if (report !== null && options !== null) {
      const page = {
        cuts,
        report,
        firmware: fitsFirmware(report, options.device),
        suggestions: suggestNetworks(options),
      };
      say(json ? JSON.stringify(page, null, 2) : printFitPage(page));
    }
    if (diagnostics.length > 0) throw new DiagnosticsError(diagnostics);
  });
}
