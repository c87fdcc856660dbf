import { sha256 } from '@graft/foundation';
import { modelFileName } from './card-name';
import type { BoardFile, FlashOptions } from './flash-plan';
import { loadersOf } from './firmware';
import type { KmodelHeader } from './kmodel-header';
import { renderModelDescription } from './model-description';
import { renderScript } from './script/render-script';
import { KIT_FILE, renderKitIndex } from './self-test/kit';

export const PROVENANCE_FILE = 'provenance.json';

/** What the script gives to the loader. */
export function modelReference({ name, flash }: Pick<FlashOptions, 'name' | 'flash'>): string | number {
  return flash.modelFrom === 'flash' ? flash.address : `/sd/${modelFileName(name)}`;
}

/** Every file of the card, sorted by name, with the list of their digests at the end. */
export function cardFiles(options: FlashOptions, header: KmodelHeader): BoardFile[] {
  const { classes, imageSize, flash, kmodel, selfTest } = options;
  const modelFile = modelFileName(options.name);
  const modelSha256 = sha256(kmodel);
  const model = modelReference(options);
  const script = renderScript({
    ...{ classes, imageSize, model, modelSha256, flash },
    kmodelVersion: header.version,
    modelMemoryBytes: kmodel.length + header.mainMemoryBytes,
    loaders: loadersOf(options.device, header.version)
      .map(({ name }) => name)
      .join(', '),
    selfTest: selfTest.pictures.length > 0,
  });
  const files = [
    boardFile('labels.txt', classes.map((label) => `${label}\n`).join('')),
    boardFile('main.py', script),
    boardFile('model.json', renderModelDescription(options, modelFile, modelSha256, header.version)),
    boardFile(PROVENANCE_FILE, options.provenance),
    boardFile(modelFile, kmodel),
    ...kitFiles(options),
  ].sort((a, b) => (a.name < b.name ? -1 : 1));
  const sums = files.map((file) => `${file.sha256}  ${file.name}\n`).join('');
  return [...files, boardFile('SHA256SUMS', sums)];
}

function kitFiles({ selfTest, kmodel }: FlashOptions): BoardFile[] {
  if (selfTest.pictures.length === 0) return [];
  const pictures = selfTest.pictures.map(({ name, bitmap }) => boardFile(name, bitmap));
  return [...pictures, boardFile(KIT_FILE, renderKitIndex(selfTest, kmodel))];
}

function boardFile(name: string, content: string | Uint8Array): BoardFile {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  return { name, bytes, sha256: sha256(bytes) };
}
