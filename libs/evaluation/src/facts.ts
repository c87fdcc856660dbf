/** What is known of the file and its place on the board. Bytes. */
export interface ModelFacts {
  readonly kmodelBytes: number;
  /** Feature-map memory that the layers use, of 2 MiB. */
  readonly kpuRamBytes: number;
  readonly mainMemoryBytes: number;
}
