import { GraftError } from '@graft/foundation';
import type { Diagnostic } from '@graft/foundation';
import { checkFit, formatMs, suggestNetworks } from '@graft/compiler';
import { checkLatency } from '@graft/evaluation';
import type { CheckFitOptions, FitReport } from '@graft/compiler';
import { DEVICES } from '@graft/k210';
import { frozenLayers, networkShape } from '@graft/model';
import type { LayerShape } from '@graft/model';
import { placeOf } from '@graft/spec';
import type { Experiment } from '@graft/spec';

/** The key that settles what the model library complains about. */
const KEY_OF: Readonly<Record<string, string>> = {
  E601: 'model.output',
  E603: 'model.freeze',
  E605: 'preprocess.image_size',
};

export interface Fit {
  /** Null: there is no such network. */
  readonly report: FitReport | null;
  /** What the report is about. */
  readonly options: CheckFitOptions | null;
  readonly diagnostics: readonly Diagnostic[];
}

/** Checks the network, and it against the board, before anything is fetched or trained; complaints point into the YAML. */
export function fitOnDevice(experiment: Experiment): Fit {
  const diagnostics: Diagnostic[] = [];
  const { model } = experiment.spec;
  attempt(experiment, diagnostics, () => frozenLayers(model.freeze, model));
  const layers = attempt(experiment, diagnostics, () => shapeOf(experiment));
  if (layers === null) return { report: null, options: null, diagnostics };
  const options = fitOptions(experiment, layers);
  const report = checkFit(options);
  for (const { code, keyPath, message, note, hint } of report.findings) {
    diagnostics.push({ code, severity: 'error', message, hint, note, ...placed(experiment, keyPath) });
  }
  diagnostics.push(...latencyFindings(experiment, options, report.time));
  return { report, options, diagnostics };
}

/** With the fastest enough networks as a hint, where there are some that fit. */
function latencyFindings(experiment: Experiment, options: CheckFitOptions, time: FitReport['time']): Diagnostic[] {
  const { maxLatencyMs } = experiment.spec.require;
  const speed = { estimatedMs: time.totalMs, lowMs: time.lowMs, highMs: time.highMs };
  return checkLatency(speed, { maxLatencyMs }).map((finding) => {
    const faster = suggestNetworks(options)
      .filter((suggestion) => suggestion.time.totalMs <= (maxLatencyMs ?? 0))
      .map((suggestion) => `${suggestion.change} takes about ${formatMs(suggestion.time.totalMs)} ms`);
    return {
      ...finding,
      ...placed(experiment, 'require.latency'),
      ...(faster.length === 0 ? {} : { hint: faster.slice(0, MOST_PROPOSALS).join('; ') }),
    };
  });
}

const MOST_PROPOSALS = 3;

function shapeOf({ spec: { model, preprocess, classes } }: Experiment): readonly LayerShape[] {
  return networkShape({
    alpha: model.alpha,
    output: model.output,
    input: preprocess.imageSize,
    encoding: preprocess.normalize,
    head: model.head,
    classes: classes.length,
  });
}

function fitOptions({ spec: { model, target } }: Experiment, layers: readonly LayerShape[]): CheckFitOptions {
  const device = DEVICES[target.device];
  return {
    layers,
    device,
    firmware: device.firmware[target.firmware],
    head: model.head,
    // The npm trunk exists for one width only; another would be no help.
    ...(model.weights.type === 'npm' ? { alphas: [model.alpha] } : {}),
  };
}

function attempt<T>(experiment: Experiment, diagnostics: Diagnostic[], action: () => T): T | null {
  try {
    return action();
  } catch (error) {
    if (!(error instanceof GraftError)) throw error;
    diagnostics.push({ ...error.toDiagnostic(), ...placed(experiment, KEY_OF[error.code] ?? '') });
    return null;
  }
}

function placed(experiment: Experiment, keyPath: string): Pick<Diagnostic, 'place'> {
  const place = placeOf(experiment, keyPath);
  return place === null ? {} : { place };
}
