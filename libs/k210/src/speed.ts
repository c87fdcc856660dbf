/**
 * What the chip needs for its work, processor and KPU at 400 MHz. Nothing here was measured on a board by us: sources
 * and checks stand in docs/speed-model.md.
 *
 * [nncase 77]: "KPU debug output", issue 77 of kendryte/nncase (2020): times of the 24 layers of Sipeed's face detection,
 * read as a MobileNet v1 of width 0.5 on 320×240 pixels, cut after pair 10. A least-squares fit of relative errors.
 * [nncase 95]: "Keras to TFLite to Kmodel convolution execution time", issue 95 there.
 */
export const SPEED = {
  clockHz: 400e6,
  /**
   * Cycles for one line of the input (64 bytes: up to 64 pixels, whatever the kernel) and one output channel. The
   * fit of [nncase 77]; 1.03 in Sipeed's "MAIX performance and limit for AI models" for 3×3 on large maps.
   */
  convolutionCyclesPerLine: 1.13,
  /** Cycles for one line of a depthwise layer, which reads and writes it. The fit of [nncase 77]. */
  depthwiseCyclesPerLine: 2.26,
  /** Weights, batch norm and activation table to the KPU, not hidden behind the computation. The fit of [nncase 77]. */
  parameterBytesPerSecond: 535e6,
  /** To start one run and learn of its end. The fit of [nncase 77]. */
  runSeconds: 6.6e-6,
  /** The last run's result to main memory: 9000 bytes of the last convolution of [nncase 77]. */
  resultBytesPerSecond: 63e6,
  /** The picture to KPU RAM: 230,400 bytes in 329 µs, [nncase 95]. */
  pictureBytesPerSecond: 700e6,
  /** Processor, one float32 value made from a byte: 9000 in 404 µs, [nncase 77]. */
  dequantizeSeconds: 45e-9,
  /** Processor, one value added to a sum in order: 8 cycles. An assumption. */
  sumSeconds: 20e-9,
  /** Processor, one multiplication of a dense layer in order, weights from main memory: 10 cycles. An assumption. */
  denseMacSeconds: 25e-9,
  /** Processor, an exponential and a division: 300 cycles. An assumption. */
  exponentialSeconds: 750e-9,
  /** Processor, one value moved or added: 4 cycles. An assumption. */
  moveSeconds: 10e-9,
  /** A figure may be wrong by this factor either way. */
  errorFactor: 1.4,
} as const;
