import sharp from 'sharp';

/** What the network sees of an example as a small WebP for people: its longer side at most `longerSide`. */
export async function examplePicture(
  pixels: Uint8Array,
  { height, width }: Readonly<Record<'height' | 'width', number>>,
  longerSide: number,
): Promise<Uint8Array> {
  return sharp(pixels, { raw: { height, width, channels: 3 } })
    .resize({ width: longerSide, height: longerSide, fit: 'inside', withoutEnlargement: true })
    .webp({ quality: 75 })
    .toBuffer();
}
