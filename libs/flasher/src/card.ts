import { sha256 } from '@graft/foundation';
import { modelFileName } from './card-name';
import type { BoardFile, FlashOptions } from './flash-plan';
import { renderModelDescription } from './model-description';
import { renderScript } from './render-script';

/** What the script gives to the loader. */
export function modelReference({ name, flash }: Pick<FlashOptions, 'name' | 'flash'>): string | number {
  return flash.modelFrom === 'flash' ? flash.address : `/sd/${modelFileName(name)}`;
}

/** Every file of the card, sorted by name, with the list of their digests at the end. */
export function cardFiles(options: FlashOptions, kmodelVersion: number): BoardFile[] {
  const { classes, imageSize, flash, kmodel } = options;
  const modelFile = modelFileName(options.name);
  const modelSha256 = sha256(kmodel);
  const model = modelReference(options);
  const script = renderScript({ classes, imageSize, model, modelSha256, kmodelVersion, flash });
  const files = [
    boardFile('labels.txt', classes.map((label) => `${label}\n`).join('')),
    boardFile('main.py', script),
    boardFile('model.json', renderModelDescription(options, modelFile, modelSha256, kmodelVersion)),
    boardFile(modelFile, kmodel),
  ].sort((a, b) => (a.name < b.name ? -1 : 1));
  const sums = files.map((file) => `${file.sha256}  ${file.name}\n`).join('');
  return [...files, boardFile('SHA256SUMS', sums)];
}

function boardFile(name: string, content: string | Uint8Array): BoardFile {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  return { name, bytes, sha256: sha256(bytes) };
}
