/** A feature map in KPU RAM, in lines of 64 bytes. */
export interface KpuMap {
  readonly name: string;
  readonly line: number;
  readonly lines: number;
}

/** A piece of main memory and the steps (see {@link MemoryPlan}) from its writing to its last reading. */
export interface MainBuffer {
  readonly name: string;
  /** Multiple of 8. */
  readonly address: number;
  readonly bytes: number;
  readonly firstStep: number;
  /** Infinite for an output. */
  readonly lastStep: number;
}

/** A map in KPU RAM behind the convolutions, and the steps (see {@link MemoryPlan}) that it is there. */
export interface LaterMap extends KpuMap {
  readonly firstStep: number;
  readonly lastStep: number;
}

/**
 * Where everything lies. Main memory counts its steps from the last convolution (step 0), which is the first one to
 * write there; each layer behind it is one step more.
 */
export interface MemoryPlan {
  /** The picture, then every layer's output: all runs of layer i read map i, and together they write map i + 1. */
  readonly kpuMaps: readonly KpuMap[];
  /** Where dense layers run on the KPU: the padded vector, then each one's output. KPU RAM is free again by then. */
  readonly denseMaps: readonly LaterMap[];
  /** Most lines in use at a time. */
  readonly kpuPeakLines: number;
  /** Names of the layers from the last convolution on: of the steps. */
  readonly steps: readonly string[];
  /** The last convolution's bytes, their real values, then one buffer for each step that leaves something there. */
  readonly mainBuffers: readonly MainBuffer[];
  /** Multiple of 8. */
  readonly mainBytes: number;
}
