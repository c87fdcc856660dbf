import { canonicalJson, sha256, type Report } from '@graft/foundation';
import { writeGraph, type Graph, type Pooling } from '@graft/model';

import type { FeatureStore } from '../feature-store';
import { nextTurn } from '../next-turn';
import type { TrainingExample } from '../training-example';
import { PictureNetwork } from '../threads/picture-network';
import type { Threads } from '../threads/threads';
import { cutWidths } from './pooled-cuts';

export interface CutFeaturesOptions {
  readonly backbone: Graph;
  /** Names of nodes, from the front to the back. */
  readonly cuts: readonly string[];
  readonly pooling: Pooling;
  /** Name and version of the back end: features differ in the last bits. */
  readonly backend: string;
  readonly featureCache: FeatureStore;
  readonly threads?: Threads;
  readonly report: Report;
  readonly signal?: AbortSignal;
}

/** The pooled maps of all cuts, for each example: views of `rows`, by cut. */
export interface CutFeatures {
  /** [cut][example] */
  readonly byCut: readonly (readonly Float32Array[])[];
  readonly extracted: number;
  readonly reused: number;
}

/** Runs each picture through the backbone once ever; the store remembers what all cuts answered. */
export async function cutFeatures(
  examples: readonly TrainingExample[],
  options: CutFeaturesOptions,
): Promise<CutFeatures> {
  const { featureCache, report, signal } = options;
  const { backbone, cuts, pooling } = options;
  const network = new PictureNetwork({ graph: backbone, cuts: { names: cuts, pooling } }, options.threads);
  const keyOf = keysOf(options);
  const widths = cutWidths(backbone, cuts, pooling);
  const total = widths.reduce((sum, width) => sum + width, 0);
  const rows: Float32Array[] = [];
  let extracted = 0;
  try {
    for (let start = 0, done = 0; start < examples.length; start = done) {
      await nextTurn(signal);
      done = Math.min(examples.length, start + network.atATime);
      const part = examples.slice(start, done);
      const found = await Promise.all(part.map((example) => featureCache.get(keyOf(example))));
      // A foreign length can only come from a store that was written by another hand.
      const missing = part.filter((_, index) => found[index]?.length !== total);
      const answers = await network.run(missing.map((example) => example.pixels()));
      await Promise.all(missing.map((example, index) => featureCache.put(keyOf(example), answers[index])));
      extracted += missing.length;
      rows.push(...part.map((example, index) => answers[missing.indexOf(example)] ?? found[index]));
      report({
        type: 'progress',
        task: 'computing features of all cuts',
        done,
        total: examples.length,
        unit: 'picture',
      });
    }
  } finally {
    network.dispose();
  }
  return { byCut: viewsOf(rows, widths), extracted, reused: examples.length - extracted };
}

/** Digests of everything that a picture's features depend on. */
function keysOf({ backbone, cuts, pooling, backend }: CutFeaturesOptions): (example: TrainingExample) => string {
  const { json, bin } = writeGraph(backbone);
  const prefix = canonicalJson({ network: sha256(json), weights: sha256(bin), backend, cuts, pooling });
  return ({ digest }) => sha256(`${prefix}${digest}`);
}

function viewsOf(rows: readonly Float32Array[], widths: readonly number[]): Float32Array[][] {
  let start = 0;
  return widths.map((width) => {
    const [from, to] = [start, (start += width)];
    return rows.map((row) => row.subarray(from, to));
  });
}
