import { checks } from './dataset-schema';

/** A key under `dataset.checks`. */
export interface CheckDescription {
  readonly key: string;
  /** What it does where the experiment says nothing. */
  readonly action: string;
  /** What it finds, in a sentence. */
  readonly finds: string;
}

/** All checks, in the order of the schema. */
export function describeChecks(): CheckDescription[] {
  return Object.entries(checks.properties ?? {}).map(([key, { default: action, description }]) => ({
    key,
    action: String(action),
    finds: description ?? '',
  }));
}
