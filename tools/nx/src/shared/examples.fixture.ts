import type { ExampleRecord, Examples } from '@graft/image';
import type { AugmentSection } from '@graft/spec';

const SIDE = 8;

/** Examples in memory, for tests: opaque, 8 × 8 pixels, each with bytes of its own. */
export function exampleDouble(records: readonly Pick<ExampleRecord, 'id' | 'label' | 'split'>[]): Examples {
  const examples = records.map((record): ExampleRecord => {
    const [group] = record.id.split('#');
    return { ...record, group, path: `pictures/${group}.png`, cutout: null };
  });
  return {
    index: { version: 1, height: SIDE, width: SIDE, examples },
    pixels: (i) => Uint8Array.from({ length: SIDE * SIDE * 3 }, (_, at) => (at * 7 + i * 50) % 256),
    cutout: () => null,
    close: () => undefined,
  };
}

export const AUGMENT: AugmentSection = {
  flip: 'none',
  rotationDegrees: 15,
  zoom: 0,
  translation: 0,
  brightness: 0.3,
  contrast: 0,
  saturation: 0,
  composite: null,
  blur: null,
  erasing: null,
  camera: 'maix-bit',
  repeats: 3,
  redraw: 'every_epoch',
};
