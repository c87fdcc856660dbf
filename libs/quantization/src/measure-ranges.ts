import { setImmediate } from 'node:timers/promises';

import type { Report } from '@graft/foundation';
import type { InputEncoding } from '@graft/model';

import type { FloatConvolution } from './chain';
import { activate, decodePicture, preActivation } from './float-convolution';
import { RangeObserver } from './range-observer';

export interface Progress {
  readonly report: Report;
  readonly signal: AbortSignal;
}

/** Runs the float network on every picture and watches each layer's output after activation. */
export async function measureRanges(
  layers: readonly FloatConvolution[],
  pictures: readonly Uint8Array[],
  encoding: InputEncoding,
  { report, signal }: Progress,
): Promise<RangeObserver[]> {
  const observers = layers.map((layer) => new RangeObserver(layer.name));
  for (const [index, picture] of pictures.entries()) {
    await breathe(signal);
    let values = decodePicture(picture, encoding);
    layers.forEach((layer, at) => {
      values = activate(layer, preActivation(layer, values));
      observers[at].add(values);
    });
    report({ type: 'progress', task: 'measuring ranges', done: index + 1, total: pictures.length, unit: 'picture' });
  }
  return observers;
}

/** Lets timers and signals through between two pieces of work. */
export async function breathe(signal: AbortSignal): Promise<void> {
  await setImmediate();
  signal.throwIfAborted();
}
