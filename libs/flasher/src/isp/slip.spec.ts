import fc from 'fast-check';

import { encodeFrame, FrameDecoder } from './slip';

const bytes = fc.uint8Array({ maxLength: 60 });
/** Many of the bytes that need care. */
const tricky = fc
  .array(fc.constantFrom(0xc0, 0xdb, 0xdc, 0xdd, 0x00, 0x41), { maxLength: 40 })
  .map(Uint8Array.from.bind(Uint8Array));

test('a frame worked out by hand', () => {
  expect([...encodeFrame(Uint8Array.of(1, 0xc0, 2, 0xdb, 3))]).toEqual([0xc0, 1, 0xdb, 0xdc, 2, 0xdb, 0xdd, 3, 0xc0]);
});

test('bodies come back, however the stream is cut', () => {
  const bodies = fc.array(
    fc.oneof(bytes, tricky).filter(({ length }) => length > 0),
    { maxLength: 6 },
  );
  fc.assert(
    fc.property(bodies, fc.array(fc.nat(400)), (sent, cuts) => {
      const stream = Buffer.concat(sent.map(encodeFrame));
      const decoder = new FrameDecoder();
      const places = [0, ...cuts.map((cut) => cut % (stream.length + 1)).sort((a, b) => a - b), stream.length];
      const received = places.slice(1).flatMap((end, index) => decoder.feed(stream.subarray(places[index], end)));
      expect(received).toEqual(sent.map((body) => Uint8Array.from(body)));
    }),
  );
});

test('bytes outside a frame are skipped', () => {
  const stream = Buffer.concat([Buffer.from('hello'), encodeFrame(Uint8Array.of(7))]);
  expect(new FrameDecoder().feed(stream)).toEqual([Uint8Array.of(7)]);
});

test('a frame whose start was lost costs only itself: two delimiters in a row start anew', () => {
  const decoder = new FrameDecoder();
  const [, ...headless] = encodeFrame(Uint8Array.of(1, 2));
  expect(decoder.feed(Uint8Array.from(headless))).toEqual([]);
  expect(decoder.feed(encodeFrame(Uint8Array.of(3)))).toEqual([Uint8Array.of(3)]);
});

test.each([
  ['an escape of nothing known', [0xc0, 1, 0xdb, 0x41, 0xc0]],
  ['an escape at the very end', [0xc0, 1, 0xdb, 0xc0]],
])('%s breaks the frame, and the next one is read', (_, stream) => {
  const decoder = new FrameDecoder();
  expect(decoder.feed(Uint8Array.from(stream))).toEqual([null]);
  expect(decoder.feed(encodeFrame(Uint8Array.of(5)))).toEqual([Uint8Array.of(5)]);
});

test('after a reset an unfinished frame is forgotten', () => {
  const decoder = new FrameDecoder();
  decoder.feed(Uint8Array.of(0xc0, 9, 9));
  decoder.reset();
  expect(decoder.feed(encodeFrame(Uint8Array.of(1)))).toEqual([Uint8Array.of(1)]);
});
