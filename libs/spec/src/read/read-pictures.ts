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
    blur: readBlur(augment.at('random_blur')),
    erasing: readErasing(augment.at('random_erasing')),
    camera: augment.at('camera').word('maix-bit', 'none') === 'none' ? null : ('maix-bit' as const),
  };
  // Without anything random all copies would be the same picture.
  const repeats = isRandom(changes) ? augment.at('repeats').number() : 0;
  const redraw = augment.at('redraw').word('once', 'every_epoch');
  return { ...changes, repeats, redraw: repeats === 0 ? 'once' : redraw };
}

function readComposite(composite: Reader): AugmentSection['composite'] {
  if (composite.is('none')) return null;
  const [minScale, maxScale] = composite
    .at('scale')
    .list()
    .map((end) => end.quantity('share'));
  return { minScale, maxScale };
}

function readBlur(blur: Reader): AugmentSection['blur'] {
  if (blur.is('none')) return null;
  return { sigma: blur.at('sigma').number(), probability: blur.at('probability').quantity('share') };
}

function readErasing(erasing: Reader): AugmentSection['erasing'] {
  if (erasing.is('none')) return null;
  return { area: erasing.at('area').quantity('share'), probability: erasing.at('probability').quantity('share') };
}

export function isRandom(augment: Omit<AugmentSection, 'repeats' | 'redraw'>): boolean {
  const { flip, composite, blur, erasing, camera } = augment;
  const { rotationDegrees, zoom, translation, brightness, contrast, saturation } = augment;
  const amounts = [rotationDegrees, zoom, translation, brightness, contrast, saturation];
  const drawn = [composite, blur, erasing, camera];
  return flip !== 'none' || drawn.some((each) => each !== null) || amounts.some((amount) => amount > 0);
}
