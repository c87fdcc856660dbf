import { GraftError } from '@graft/foundation';
import type { Diagnostic } from '@graft/foundation';
import { checkFit, formatMs, suggestNetworks } from '@graft/compiler';
import type { CutFit } from '@graft/compiler';
import { checkKmodelSize, checkLatency } from '@graft/evaluation';
import type { CheckFitOptions, DenseChoice, FitReport } from '@graft/compiler';
import { DEVICES } from '@graft/k210';
import { frozenLayers, MOBILENET_OUTPUTS, mobilenetV1, networkShape } from '@graft/model';
import type { LayerShape } from '@graft/model';
import type { DenseOnKpu, Resolved } from '@graft/pipeline';
import { placeOf, settingLines } from '@graft/spec';
import type { Experiment, ExperimentSpec } from '@graft/spec';

/** The key that settles what the model library complains about. */
const KEY_OF: Readonly<Record<string, string>> = {
  E601: 'model.output',
  E603: 'model.freeze',
  E605: 'preprocess.image_size',
};

export interface Fit {
  /** Null: there is no such network. Of cuts that are compared: the largest, or where none fits, the nearest. */
  readonly report: FitReport | null;
  /** What the report is about. */
  readonly options: CheckFitOptions | null;
  readonly diagnostics: readonly Diagnostic[];
  /** Every cut that was looked at; empty where the experiment names one. */
  readonly cuts: readonly CutFit[];
}

interface PhasesSpec {
  readonly model: Pick<ExperimentSpec['model'], 'alpha'>;
  readonly train: Pick<ExperimentSpec['train'], 'fineTune'>;
  readonly quantize: Pick<ExperimentSpec['quantize'], 'awareTraining'>;
}

/** What `resolve` hands on beside the spec. */
export function resolvedBy(experiment: Experiment, { cuts, report }: Pick<Fit, 'cuts' | 'report'>): Resolved {
  const compared = cuts.flatMap(({ output, report: found, complaint }) =>
    found === null || complaint !== null ? [] : [{ output, found }],
  );
  const reports = compared.length > 0 ? compared.map(({ found }) => found) : report === null ? [] : [report];
  return {
    title: experiment.title,
    mirrors: experiment.project.mirrors,
    config: settingLines(experiment),
    cuts: compared.map(({ output, found: { kmodelBytes, time } }) => ({
      output,
      kmodelBytes,
      estimatedMs: Number(time.totalMs.toFixed(3)),
    })),
    denseOnKpu: denseOnKpu(reports.map(({ dense }) => dense)),
  };
}

/**
 * One answer for all cuts that are compared, since bytes fit wherever floats do: dense layers run on the KPU when they
 * do so behind any cut. Those that are there for their size alone may go back to the CPU, where they fit.
 */
export function denseOnKpu(choices: readonly DenseChoice[]): DenseOnKpu {
  const onKpu = choices.filter(({ onKpu: layers }) => layers > 0);
  return {
    layers: Math.max(0, ...onKpu.map(({ onKpu: layers }) => layers)),
    mayFallBack: onKpu.length > 0 && onKpu.every(({ reason, floatFits }) => reason === 'many weights' && floatFits),
  };
}

/** Checks the network, and it against the board, before anything is fetched or trained; complaints point into the YAML. */
export function fitOnDevice(experiment: Experiment): Fit {
  const { output } = experiment.spec.model;
  return output === 'auto' ? fitCuts(experiment) : { ...fitNetwork(experiment, output), cuts: [] };
}

/** Fits when any cut does: only those are compared. */
function fitCuts(experiment: Experiment): Fit {
  const tried = possibleCuts(experiment.spec).map((output) => ({ output, ...fitNetwork(experiment, output) }));
  const fitting = tried.filter(({ diagnostics }) => diagnostics.length === 0);
  const sizeFindings = ({ report }: Pick<Fit, 'report'>): Diagnostic[] =>
    report === null ? [] : checkKmodelSize(report.kmodelBytes, experiment.spec.require);
  const small = fitting.filter((cut) => sizeFindings(cut).length === 0);
  // Where every file is too large, as many are compared as without the limit: export says by how much it is missed.
  const compared = small.length > 0 ? small : fitting;
  const cuts = tried.map((cut): CutFit => {
    const [complaint] = compared.includes(cut) ? [] : [...cut.diagnostics, ...sizeFindings(cut)];
    return { output: cut.output, report: cut.report, complaint: complaint?.code ?? null };
  });
  const largest = compared.at(-1);
  if (largest !== undefined) return { ...largest, cuts };
  const nearest = tried.reduce((best, cut) => (distance(cut) < distance(best) ? cut : best));
  const which = `no cut of the backbone will do; this is about ${nearest.output}, which comes nearest`;
  const diagnostics = nearest.diagnostics.map((one) => ({ ...one, details: [...(one.details ?? []), which] }));
  return { ...nearest, diagnostics, cuts };
}

/** Those that keep the layers with which fine-tuning and training in 8 bits begin. */
export function possibleCuts({ model, train, quantize }: PhasesSpec): readonly string[] {
  const firstLayers = [train.fineTune?.unfreezeFrom, quantize.awareTraining?.unfreezeFrom];
  return MOBILENET_OUTPUTS.filter((output) => {
    const names = new Set(mobilenetV1({ alpha: model.alpha, output }).map(({ name }) => name));
    return firstLayers.every((name) => name === undefined || name === null || names.has(name));
  });
}

/** A network that fits and is too slow is nearer than one that does not fit, and the less is missing the nearer. */
function distance({ report }: Pick<Fit, 'report'>): number {
  if (report === null) return Infinity;
  return report.fits ? report.time.totalMs - Number.MAX_SAFE_INTEGER : report.neededBytes;
}

function fitNetwork(experiment: Experiment, output: string): Omit<Fit, 'cuts'> {
  const diagnostics: Diagnostic[] = [];
  const { model } = experiment.spec;
  attempt(experiment, diagnostics, () => frozenLayers(model.freeze, { ...model, output }));
  const layers = attempt(experiment, diagnostics, () => shapeOf(experiment, output));
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
  const { maxLatencyMs, strict } = experiment.spec.require;
  const speed = { estimatedMs: time.totalMs, lowMs: time.lowMs, highMs: time.highMs };
  return checkLatency(speed, { maxLatencyMs, strict }).map((finding) => {
    const faster = suggestNetworks(options)
      .filter(({ time: { totalMs, highMs } }) => (strict.includes('latency') ? highMs : totalMs) <= (maxLatencyMs ?? 0))
      .map((suggestion) => `${suggestion.change} takes about ${formatMs(suggestion.time.totalMs)} ms`);
    return {
      ...finding,
      ...placed(experiment, 'require.latency'),
      ...(faster.length === 0 ? {} : { hint: faster.slice(0, MOST_PROPOSALS).join('; ') }),
    };
  });
}

const MOST_PROPOSALS = 3;

function shapeOf({ spec: { model, preprocess, classes } }: Experiment, output: string): readonly LayerShape[] {
  return networkShape({
    alpha: model.alpha,
    output,
    input: preprocess.imageSize,
    encoding: preprocess.normalize,
    pooling: model.pooling,
    head: model.head,
    classes: classes.length,
  });
}

function fitOptions({ spec: { model, target, quantize } }: Experiment, layers: readonly LayerShape[]): CheckFitOptions {
  const device = DEVICES[target.device];
  return {
    layers,
    device,
    firmware: device.firmware[target.firmware],
    head: model.head,
    dense: quantize.dense,
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
