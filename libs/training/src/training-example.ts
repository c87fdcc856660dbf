/** A picture with its class. */
export interface TrainingExample {
  /** Unique; examples are put in the order of their ids before anything is drawn. */
  readonly id: string;
  /** Stands for the pixels: equal digests mean equal pixels. */
  readonly digest: string;
  /** Index of the class. */
  readonly label: number;
  /** Bytes [row][column][RGB] of the input's size; asked for only where they are needed. */
  pixels(): Uint8Array;
}
