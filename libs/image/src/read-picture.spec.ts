import { sha256 } from '@graft/foundation';
import type { PictureFormat } from '@graft/dataset';
import sharp from 'sharp';
import { preparePicture } from './prepare';
import type { PixelSection } from './preprocessed';
import { readPicture } from './read-picture';

const section: PixelSection = {
  imageSize: { height: 16, width: 16 },
  resize: 'squash',
  interpolation: 'bilinear',
  background: '#ffffff',
  maxFrames: 2,
};

const photograph = () => sharp({ create: { width: 40, height: 20, channels: 3, background: '#884422' } });

const read = (bytes: Uint8Array, format: PictureFormat) =>
  readPicture({ bytes, sha256: sha256(bytes), format, section });

test('a picture gets the pixels that it would have in training', async () => {
  const bytes = await photograph().jpeg().toBuffer();
  const trained = await preparePicture({ bytes, sha256: sha256(bytes), format: 'jpeg', section });
  expect(await read(bytes, 'jpeg')).toMatchObject({ ok: true, picture: trained, remarks: [] });
});

test('what was done to a picture is said', async () => {
  const turned = await photograph().withMetadata({ orientation: 6 }).jpeg().toBuffer();
  expect(await read(turned, 'jpeg')).toMatchObject({ remarks: ['is put upright (Exif orientation 6)'] });
  const printed = await photograph().toColourspace('cmyk').jpeg().toBuffer();
  expect(await read(printed, 'jpeg')).toMatchObject({ remarks: [expect.stringContaining('CMYK')] });
  const frames = Buffer.concat([0, 90, 180, 255].map((value) => Buffer.alloc(8 * 8 * 3, value)));
  const raw = { width: 8, height: 32, channels: 3, pageHeight: 8 } as const;
  const animation = await sharp(frames, { raw }).gif().toBuffer();
  expect(await read(animation, 'gif')).toMatchObject({
    remarks: ['is an animation, of which 2 frames are taken'],
    picture: { examples: [{ frame: 0 }, { frame: 2 }] },
  });
});

test('what cannot be read has a reason', async () => {
  const bytes = await photograph().png().toBuffer();
  expect(await read(bytes.subarray(0, 60), 'png')).toMatchObject({ ok: false, reason: expect.any(String) });
  expect(await read(new Uint8Array(), 'png')).toEqual({ ok: false, reason: 'is empty' });
});
