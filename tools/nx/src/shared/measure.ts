import { estimateTime } from '@graft/compiler';
import type { Report } from '@graft/foundation';
import type { ModelFacts, Prediction } from '@graft/evaluation';
import type { Examples } from '@graft/image';
import { KPU } from '@graft/k210';
import type { KModel } from '@graft/kmodel';
import type { Graph } from '@graft/model';
import { openRunner } from '@graft/training';
import { planes } from './examples';
import { simulateAll } from './simulate';
import { trainingThreads } from './training-threads';

export interface Measurement {
  readonly examples: Examples;
  readonly indices: readonly number[];
  /** Class keys in output order. */
  readonly classes: readonly string[];
  readonly graph: Graph;
  readonly kmodel: Uint8Array;
  readonly report: Report;
  readonly signal: AbortSignal;
}

/** What the float network and the chip answer to the same pictures. */
export async function predict(measurement: Measurement): Promise<Prediction[]> {
  const { examples, indices, classes, kmodel, report, signal } = measurement;
  const float = await predictFloat(measurement);
  const device = await simulateAll({
    kmodel,
    count: indices.length,
    planes: (position) => planes(examples, indices[position]),
    report,
    signal,
  });
  return indices.map((index, position) => {
    const { id, path, label } = examples.index.examples[index];
    return {
      id,
      path,
      label: classes.indexOf(label),
      float: Array.from(float[position]),
      device: Array.from(device[position]),
    };
  });
}

/** Size, memory and estimated time of a compiled model. */
export function factsOf(model: KModel, bytes: Uint8Array): ModelFacts {
  const { totalMs, lowMs, highMs } = estimateTime(model);
  return {
    kmodelBytes: bytes.length,
    kpuRamBytes: (KPU.lines - model.maxStartAddress) * KPU.lineBytes,
    mainMemoryBytes: model.mainMemoryBytes,
    speed: { estimatedMs: totalMs, lowMs, highMs },
  };
}

async function predictFloat({ graph, examples, indices, report, signal }: Measurement): Promise<Float32Array[]> {
  const runner = await openRunner(graph, { threads: trainingThreads() });
  try {
    const outputs: Float32Array[] = [];
    while (outputs.length < indices.length) {
      const batch = indices.slice(outputs.length, outputs.length + runner.atATime);
      outputs.push(
        ...(await runner.predict(
          batch.map((index) => examples.pixels(index)),
          signal,
        )),
      );
      report({
        type: 'progress',
        task: 'running the float network',
        done: outputs.length,
        total: indices.length,
        unit: 'picture',
      });
    }
    return outputs;
  } finally {
    runner.dispose();
  }
}
