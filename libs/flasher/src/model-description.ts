import { canonicalJson } from '@graft/foundation';
import type { FlashOptions } from './flash-plan';

/** `model.json`: what a program beside ours must know to feed the model and to read its answer. */
export function renderModelDescription(
  options: FlashOptions,
  file: string,
  digest: string,
  kmodelVersion: number,
): string {
  const { imageSize, normalize } = options;
  return canonicalJson({
    version: 1,
    experiment: options.name,
    kmodel: { file, version: kmodelVersion, bytes: options.kmodel.length, sha256: digest },
    labels: options.classes,
    input: {
      width: imageSize.width,
      height: imageSize.height,
      channels: 3,
      layout: 'planes: red, green, blue; rows from the top; one byte a value, 0 to 255',
      /** real = byte · scale + offset, already inside the first layer. */
      normalization: { foldedIntoModel: true, scale: normalize.scale, offset: normalize.offset },
      resize: options.resize,
      camera: 'the script takes the middle of the camera picture without scaling where the size allows',
    },
    threshold: options.flash.threshold,
  });
}
