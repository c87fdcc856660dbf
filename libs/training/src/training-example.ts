/** A picture with its class. */
export interface TrainingExample {
  /** Unique; examples are put in the order of their ids before anything is drawn. */
  readonly id: string;
  /** Stands for the pixels: equal digests mean equal pixels. */
  readonly digest: string;
  /** Copies of one picture have the same; default: the id. */
  readonly picture?: string;
  /** Index of the class. */
  readonly label: number;
  /** Bytes [row][column][RGB] of the input's size; asked for only where they are needed. */
  pixels(): Uint8Array;
  /** What stands for it in an epoch (from 1), with another digest and pixels of its own; absent: itself in all of them. */
  inEpoch?(epoch: number): TrainingExample;
  /** Seen in one epoch only: what frozen layers answer to it is not kept. */
  readonly fleeting?: true;
}
