import type { Diagnostic } from '@graft/foundation';
import { checkFit } from '@graft/compiler';
import type { FitReport } from '@graft/compiler';
import { DEVICES } from '@graft/k210';
import { networkShape } from '@graft/model';
import { placeOf } from '@graft/spec';
import type { Experiment } from '@graft/spec';

/** Checks the network against the board before anything is fetched or trained; complaints point into the YAML. */
export function fitOnDevice(experiment: Experiment): { report: FitReport; diagnostics: Diagnostic[] } {
  const { model, preprocess, classes, target } = experiment.spec;
  const device = DEVICES[target.device];
  const report = checkFit({
    layers: networkShape({
      alpha: model.alpha,
      output: model.output,
      input: preprocess.imageSize,
      encoding: preprocess.normalize,
      head: model.head,
      classes: classes.length,
    }),
    device,
    firmware: device.firmware[target.firmware],
    head: model.head,
    // The npm trunk exists for one width only; another would be no help.
    ...(model.weights.type === 'npm' ? { alphas: [model.alpha] } : {}),
  });
  const diagnostics = report.findings.map(({ code, keyPath, message, note, hint }): Diagnostic => {
    const place = placeOf(experiment, keyPath);
    return { code, severity: 'error', message, hint, note, ...(place === null ? {} : { place }) };
  });
  return { report, diagnostics };
}
