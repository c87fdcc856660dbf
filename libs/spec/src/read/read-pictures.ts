import type { AugmentSection, PreprocessSection } from '../experiment';
import type { Reader } from './reader';

/** real = byte · scale + offset */
const NORMALIZE = {
  '-1..1': { scale: 1 / 127.5, offset: -1 },
  '0..1': { scale: 1 / 255, offset: 0 },
  '0..255': { scale: 1, offset: 0 },
} as const;

export function readPreprocess(preprocess: Reader): PreprocessSection {
  const frames = preprocess.at('frames').at('max');
  return {
    imageSize: readSize(preprocess.at('image_size')),
    resize: preprocess.at('resize').word('crop', 'pad', 'squash'),
    interpolation: preprocess.at('interpolation').word('nearest', 'bilinear', 'lanczos'),
    background: preprocess.at('background').text().toLowerCase(),
    maxFrames: frames.is('all') ? null : frames.number(),
    normalize: NORMALIZE[preprocess.at('normalize').word('-1..1', '0..1', '0..255')],
  };
}

function readSize(size: Reader): PreprocessSection['imageSize'] {
  if (!size.isList) return { height: size.number(), width: size.number() };
  return { height: size.at(0).number(), width: size.at(1).number() };
}

export function readAugment(augment: Reader): AugmentSection {
  const strength = (key: string) => augment.at(`random_${key}`).quantity('share');
  const changes = {
    flip: augment.at('random_flip').word('horizontal', 'vertical', 'both', 'none'),
    rotationDegrees: augment.at('random_rotation').quantity('degrees'),
    zoom: strength('zoom'),
    translation: strength('translation'),
    brightness: strength('brightness'),
    contrast: strength('contrast'),
    saturation: strength('saturation'),
    composite: readComposite(augment.at('composite')),
  };
  // Without anything random all copies would be the same picture.
  return { ...changes, repeats: isRandom(changes) ? augment.at('repeats').number() : 0 };
}

function readComposite(composite: Reader): AugmentSection['composite'] {
  if (composite.is('none')) return null;
  const [minScale, maxScale] = composite
    .at('scale')
    .list()
    .map((end) => end.quantity('share'));
  return { minScale, maxScale };
}

export function isRandom({ flip, composite, ...amounts }: Omit<AugmentSection, 'repeats'>): boolean {
  return flip !== 'none' || composite !== null || Object.values(amounts).some((amount) => amount > 0);
}
