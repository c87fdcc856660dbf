/** [outer][channel][tap] to [outer][tap][channel], as TFLite orders kernels. @param into an array of the same length */
export function channelsLast<T extends Float32Array | Int8Array>(
  values: ArrayLike<number>,
  into: T,
  channels: number,
  taps: number,
): T {
  const size = channels * taps;
  for (let start = 0; start < values.length; start += size)
    for (let channel = 0; channel < channels; channel++)
      for (let tap = 0; tap < taps; tap++)
        into[start + tap * channels + channel] = values[start + channel * taps + tap];
  return into;
}
