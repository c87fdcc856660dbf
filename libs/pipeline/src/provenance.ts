import { canonicalJson, sha256 } from '@graft/foundation';
import type { FetchSettings } from './slices';
import type { StageName } from './stage';

/** The stages from which the bytes of a kmodel follow, in the order of the data. */
export const MAKERS = ['fetch', 'preprocess', 'probe', 'train', 'quantize', 'compile'] as const satisfies StageName[];

/** The settings that shape a model: the slices of its makers, as `stageSettings` gives them. */
export type MakerSettings = Readonly<Record<(typeof MAKERS)[number], unknown>>;

/** Where a model comes from. Equal inputs give equal values: no time, no path, no machine. */
export interface Provenance {
  readonly version: 1;
  /** `name` in the experiment. */
  readonly experiment: string;
  readonly model: { readonly bytes: number; readonly sha256: string };
  /** Digest of the settings that shape the model; spelling, comments and board do not count. */
  readonly settingsSha256: string;
  /** Digest of the lock that accepts exactly the pictures and weights that were used. */
  readonly lockSha256: string;
  /** Packages by version, `back end`, and `graft sources`, one digest of all libraries that make a model. */
  readonly tools: Readonly<Record<string, string>>;
}

/** What only says where and how strictly things are fetched is left out: it changes no byte. */
export function makerSettings(slices: Readonly<Record<(typeof MAKERS)[number], unknown>>): MakerSettings {
  const { mirrors: _mirrors, lock: _lock, ...fetch } = slices.fetch as FetchSettings;
  const { preprocess, probe, train, quantize, compile } = slices;
  return { fetch, preprocess, probe, train, quantize, compile };
}

export const settingsDigest = (settings: MakerSettings): string => sha256(canonicalJson(settings));

/** JSON in plain ASCII, which every place that carries it keeps as it is. */
export function renderProvenance(provenance: Provenance): string {
  const escape = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return canonicalJson(provenance).replace(/[^\x00-\x7e]/g, escape);
}

/** Null where the text is no provenance. */
export function parseProvenance(text: string): Provenance | null {
  try {
    const value: unknown = JSON.parse(text);
    return isProvenance(value) ? value : null;
  } catch {
    return null;
  }
}

export function isProvenance(value: unknown): value is Provenance {
  if (typeof value !== 'object' || value === null) return false;
  const { version, experiment, model, settingsSha256, lockSha256, tools } = value as Partial<Provenance>;
  return (
    version === 1 &&
    [experiment, model?.sha256, settingsSha256, lockSha256].every((text) => typeof text === 'string') &&
    typeof model?.bytes === 'number' &&
    typeof tools === 'object'
  );
}
