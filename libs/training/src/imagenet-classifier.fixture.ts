/** RGB after RGB to three planes. */
export function planarOf(pixels: Uint8Array): Uint8Array {
  const area = pixels.length / 3;
  return Uint8Array.from(pixels, (_, at) => pixels[(at % area) * 3 + Math.floor(at / area)]);
}
