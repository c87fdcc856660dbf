import type { TemporaryWorkspace } from './temporary-workspace';

/** An experiment that runs through every stage in seconds: two colours, 32 × 32 pixels, three blocks of the network. */
export const TINY_EXPERIMENT = `version: 1
name: tiny
description: Tell blue from red
seed: 1
extends: [quick]
classes:
  - name: blue
    folders: [blue]
  - name: red
    folders: [red]
dataset:
  sources:
    - type: directory
      path: ./images
  limits: { max_file_size: 2 MiB }
  split: { train: 60%, validation: 20%, test: 20% }
preprocess:
  image_size: 32
augment: { repeats: 0 }
model:
  weights: none
  alpha: 0.25
  output: conv_pw_3_relu
train:
  epochs: 2
  learning_rate: 0.01
quantize:
  calibration: { samples: 4 }
flash:
  engine: sd
  threshold: 0.5
`;

/** What the tiny experiment shares with others. */
export const TINY_PROJECT = `version: 1
defaults:
  train: { epochs: 9, batch_size: 4 }
presets:
  quick:
    evaluate: { confidence_interval: 90% }
    require: { agreement: ">= 0%", device_accuracy: ">= 0%" }
`;

export const TINY_PICTURES_PER_CLASS = 14;

/**
 * One picture as raw RGB: mostly its class's colour, with noise of its own so that no two are equal.
 * @returns 40 · 40 · 3 bytes
 */
export function tinyPicture(label: 'blue' | 'red', number: number): Uint8Array {
  const side = 40;
  const pixels = new Uint8Array(side * side * 3);
  let state = (number + 1) * (label === 'red' ? 7919 : 104729);
  for (let index = 0; index < pixels.length; index++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const channel = index % 3;
    const strong = label === 'red' ? channel === 0 : channel === 2;
    pixels[index] = (strong ? 160 : 30) + (state >>> 26);
  }
  return pixels;
}

/** Writes the tiny experiment; the caller encodes pictures, since this library has no codec. */
export async function writeTinyExperiment(
  workspace: TemporaryWorkspace,
  encode: (pixels: Uint8Array) => Promise<Uint8Array>,
): Promise<void> {
  workspace.write('project.yaml', TINY_PROJECT);
  workspace.write('apps/tiny/experiment.yaml', TINY_EXPERIMENT);
  for (const label of ['blue', 'red'] as const) {
    for (let number = 0; number < TINY_PICTURES_PER_CLASS; number++) {
      workspace.write(`apps/tiny/images/${label}/${number}.png`, await encode(tinyPicture(label, number)));
    }
  }
}
