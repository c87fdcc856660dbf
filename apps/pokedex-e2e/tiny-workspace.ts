import { resolve } from 'node:path';
import { TemporaryWorkspace, writeTinyExperiment } from '@graft/testkit';
import sharp from 'sharp';

export const REPOSITORY = resolve(__dirname, '../..');

/** A fresh workspace with the tiny experiment in it. */
export async function tinyWorkspace(surroundings?: NodeJS.ProcessEnv): Promise<TemporaryWorkspace> {
  const workspace = TemporaryWorkspace.create(REPOSITORY, surroundings);
  await writeTinyExperiment(workspace, encodePng);
  return workspace;
}

/** 40 · 40 · 3 bytes to a PNG file. */
export function encodePng(pixels: Uint8Array): Promise<Uint8Array> {
  return sharp(pixels, { raw: { width: 40, height: 40, channels: 3 } })
    .png()
    .toBuffer();
}
