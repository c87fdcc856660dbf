/** What is known of the file and its place on the board. */
export interface ModelFacts {
  readonly kmodelBytes: number;
  /** Feature-map memory that the layers use, of 2 MiB. */
  readonly kpuRamBytes: number;
  readonly mainMemoryBytes: number;
  readonly speed: EstimatedSpeed;
}

/** Milliseconds for one picture, worked out from published figures and measured on no board. */
export interface EstimatedSpeed {
  readonly estimatedMs: number;
  /** The true time should lie between these two. */
  readonly lowMs: number;
  readonly highMs: number;
}
