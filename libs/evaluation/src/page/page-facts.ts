import type { MemoryOverLayers } from '@graft/compiler';
import type { CutFacts } from '../cut-facts';
import type { ModelFacts } from '../facts';
import type { Gate } from '../gates';
import type { HealthFacts, SplitCounts } from '../health-facts';
import type { QuantizationFacts } from '../quantization-facts';
import type { TrainingFacts } from '../training-facts';
import type { UnknownThreshold } from '../unknown-threshold';

/** Where the model comes from, as its `provenance.json` has it. */
export interface ProvenanceFacts {
  readonly model: { readonly bytes: number; readonly sha256: string };
  readonly settingsSha256: string;
  readonly lockSha256: string;
  readonly tools: Readonly<Record<string, string>>;
}

/** All that the page tells beside what was counted. */
export interface PageFacts extends ModelFacts {
  /** The experiment. */
  readonly name: string;
  readonly memory: MemoryOverLayers;
  readonly quantization: QuantizationFacts;
  readonly cuts: CutFacts;
  readonly training: TrainingFacts;
  /** Null where none is asked for. */
  readonly unknown: UnknownThreshold | null;
  /** Empty where nothing is required. */
  readonly gates: readonly Gate[];
  readonly health: HealthFacts;
  readonly split: SplitCounts;
  readonly provenance: ProvenanceFacts;
  /** The merged experiment as YAML. */
  readonly config: string;
  /** What the network saw of pictures that are shown, WebP by the id of an example; without one there is a blank. */
  readonly thumbnails: ReadonlyMap<string, Uint8Array>;
}
