import { canonicalJson } from '@graft/foundation';
import type { Graph } from '@graft/model';

/** Which network a file was made from. Equal inputs give equal values: no time, no path, no machine. */
export interface CardProvenance {
  /** Digest of the trained network, the text and the arrays of its graph. */
  readonly networkSha256: string;
  /** Digest of the settings that shape the network, as in the provenance of a kmodel. */
  readonly settingsSha256: string;
  /** Digest of the lock that accepts exactly the pictures and weights that were used. */
  readonly lockSha256: string;
  /** Packages by version, `back end`, and `graft sources`. */
  readonly tools: Readonly<Record<string, string>>;
}

/**
 * What every exported file says about itself, in the place that its format has for that. There is one rule for all formats:
 * the file takes pixel values as a picture has them, 0 … 255, rows of RGB, and normalizes inside.
 */
export interface ModelCard {
  readonly version: 1;
  /** `name` in the experiment. */
  readonly experiment: string;
  /** Names of the classes in the order of the outputs. */
  readonly labels: readonly string[];
  readonly input: {
    readonly height: number;
    readonly width: number;
    readonly channels: 'RGB';
    /** [picture][row][column][channel] */
    readonly layout: 'NHWC';
    readonly range: readonly [0, 255];
    /** What the file itself does first: real = pixel · scale + offset. */
    readonly normalize: { readonly inside: true; readonly scale: number; readonly offset: number };
  };
  readonly output: { readonly kind: 'probabilities'; readonly count: number };
  /** Absent where the experiment asks for files that carry none. */
  readonly provenance?: CardProvenance;
}

export interface CardOptions {
  readonly experiment: string;
  readonly labels: readonly string[];
  readonly provenance?: CardProvenance;
}

export function modelCard({ input }: Pick<Graph, 'input'>, options: CardOptions): ModelCard {
  const { height, width, encoding } = input;
  return {
    version: 1,
    ...options,
    input: {
      ...{ height, width, channels: 'RGB', layout: 'NHWC', range: [0, 255] },
      normalize: { inside: true, scale: encoding.scale, offset: encoding.offset },
    },
    output: { kind: 'probabilities', count: options.labels.length },
  };
}

/** The card in one text, for formats whose metadata are texts by name. */
export const renderCard = (card: ModelCard): string => canonicalJson(card);
