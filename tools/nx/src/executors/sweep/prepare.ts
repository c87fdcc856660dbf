import { canonicalJson, DiagnosticsError, formatError } from '@graft/foundation';
import type { Diagnostic } from '@graft/foundation';
import type { SweepPointResult } from '@graft/evaluation';
import { pointsDoNotFit, stageKeys, stageSettings } from '@graft/pipeline';
import type { PlannedPoint } from '@graft/pipeline';
import { expandSweep } from '@graft/spec';
import type { Experiment, Sweep, SweepPoint } from '@graft/spec';
import { fitOnDevice, resolvedBy } from '../../shared/fit';

/** A point that can be run: checked, and known to fit the board. */
export interface SweepJob extends PlannedPoint {
  readonly point: SweepPoint;
  readonly experiment: Experiment;
  readonly slices: ReturnType<typeof stageSettings>;
}

export interface PreparedSweep {
  readonly jobs: readonly SweepJob[];
  /** Points that do not fit the board. */
  readonly skipped: readonly SweepPointResult[];
}

/**
 * Checks every point of the grid before the first one runs.
 * @param load an experiment with the values of a point on top; it may throw diagnostics
 * @throws DiagnosticsError with what is wrong in any point; GraftError E522
 */
export function prepareSweep(sweep: Sweep, load: (point: SweepPoint) => Experiment): PreparedSweep {
  const points = expandSweep(sweep);
  const loaded = points.map((point) => ({ point, ...attempt(() => load(point)) }));
  const complaints = gathered(loaded);
  if (complaints.length > 0) throw new DiagnosticsError(complaints);
  const jobs: SweepJob[] = [];
  const skipped: SweepPointResult[] = [];
  for (const { point, value: experiment } of loaded) {
    if (experiment === null) continue;
    const fit = fitOnDevice(experiment);
    if (fit.report === null || fit.diagnostics.length > 0) {
      skipped.push(resultOf(point, 'skipped', formatted(fit.diagnostics)));
      continue;
    }
    const slices = stageSettings(experiment.spec, resolvedBy(experiment, fit));
    jobs.push({ point, experiment, slices, keys: stageKeys(slices) });
  }
  if (sweep.keep === 'all' && skipped.length > 0)
    throw pointsDoNotFit(skipped.map(({ label, reason }) => `${label}: ${reason}`));
  return { jobs, skipped };
}

/** A point without figures. */
export function resultOf(point: SweepPoint, status: SweepPointResult['status'], reason: string): SweepPointResult {
  const { id, label, yaml } = point;
  return { id, label, yaml, status, reason, figures: null };
}

const formatted = (diagnostics: readonly Diagnostic[]): string =>
  diagnostics.map(({ code, message }) => `${code}: ${message}`).join('; ');

interface Attempt<T> {
  readonly value: T | null;
  readonly diagnostics: readonly Diagnostic[];
}

function attempt<T>(action: () => T): Attempt<T> {
  try {
    return { value: action(), diagnostics: [] };
  } catch (error) {
    if (error instanceof DiagnosticsError) return { value: null, diagnostics: error.diagnostics };
    throw new Error(`internal: a point cannot be read: ${formatError(error)}`, { cause: error });
  }
}

const MOST_NAMED = 3;

/** Each complaint once, with the points that have it. */
function gathered(loaded: readonly (Attempt<Experiment> & { readonly point: SweepPoint })[]): Diagnostic[] {
  const byText = new Map<string, { diagnostic: Diagnostic; labels: string[] }>();
  for (const { point, diagnostics } of loaded) {
    for (const diagnostic of diagnostics.filter(({ severity }) => severity === 'error')) {
      const known = byText.get(canonicalJson(diagnostic)) ?? { diagnostic, labels: [] };
      known.labels.push(point.label);
      byText.set(canonicalJson(diagnostic), known);
    }
  }
  return [...byText.values()].map(({ diagnostic, labels }) => ({
    ...diagnostic,
    details: [
      ...(diagnostic.details ?? []),
      ...labels.slice(0, MOST_NAMED).map((label) => `in point ${label}`),
      ...(labels.length > MOST_NAMED ? [`and in ${labels.length - MOST_NAMED} more points`] : []),
    ],
  }));
}
