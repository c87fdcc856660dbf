import { UnreadableError } from './errors';
import { preparePicture } from './prepare';
import type { PreparedPicture, PrepareOptions } from './prepare';
import { measurePicture } from './traits';
import type { PictureTraits } from './traits';

export interface ReadPicture {
  readonly ok: true;
  readonly picture: PreparedPicture;
  readonly traits: PictureTraits;
  /** What was done about it, where a person may wonder: "is upright now (Exif orientation 6)". Predicates. */
  readonly remarks: readonly string[];
}

/** One picture as `preprocessPictures` would prepare it; where it cannot be used, why. */
export async function readPicture(
  options: PrepareOptions,
): Promise<ReadPicture | { readonly ok: false; readonly reason: string }> {
  try {
    const traits = await measurePicture(options.bytes, options.format);
    const picture = await preparePicture(options);
    return { ok: true, picture, traits, remarks: remarksOn(picture, traits) };
  } catch (error) {
    if (error instanceof UnreadableError) return { ok: false, reason: error.reason };
    throw error;
  }
}

function remarksOn({ examples, blankFrames, pages }: PreparedPicture, traits: PictureTraits): string[] {
  const { orientation, fourComponents } = traits;
  const frames = examples.filter(({ frame }) => frame !== null).length;
  return [
    ...(orientation === 1 ? [] : [`is put upright (Exif orientation ${orientation})`]),
    ...(fourComponents ? ['is in the four colours of printing (CMYK), which are converted'] : []),
    ...(frames > 0
      ? [`is an animation, of which ${frames === 1 ? 'one frame is' : `${frames} frames are`} taken`]
      : []),
    ...(blankFrames.length > 0 ? [`has nothing on ${blankFrames.length} of the frames`] : []),
    ...(pages > 1 ? [`has ${pages} pages, of which the first is taken`] : []),
  ];
}
