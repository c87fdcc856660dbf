/** RGB after RGB to three planes, red, green, blue, each row by row: the order in which the KPU reads a picture. */
export function planarFromInterleaved(hwc: Uint8Array, height: number, width: number): Uint8Array {
  const area = height * width;
  if (hwc.length !== area * 3) throw new Error(`internal: ${hwc.length} bytes are not ${height} × ${width} RGB pixels`);
  const planes = new Uint8Array(area * 3);
  for (let pixel = 0, from = 0; pixel < area; pixel++, from += 3) {
    planes[pixel] = hwc[from];
    planes[area + pixel] = hwc[from + 1];
    planes[2 * area + pixel] = hwc[from + 2];
  }
  return planes;
}
