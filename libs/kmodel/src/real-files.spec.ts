import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { readKModel } from './read';
import { writeKModel } from './write';

const FOLDER = join(__dirname, '../../../../shared/fixtures/kmodel');

/** A test on a file that is not part of the repository. */
function testFile(file: string, title: string, check: (bytes: Uint8Array) => void): void {
  const path = join(FOLDER, file);
  if (existsSync(path)) test(`${file}: ${title}`, () => check(readFileSync(path)));
  else test.skip(`${file}: ${title} (skipped: the shared fixture is absent)`, () => undefined);
}

describe('files of other tools', () => {
  testFile('poke_model.kmodel', 'is written again byte by byte', (bytes) => {
    const model = readKModel(bytes);
    expect(model.layers).toHaveLength(37);
    expect(model.layers.filter(({ kind }) => kind === 'convolution')).toHaveLength(30);
    expect(Buffer.compare(writeKModel(model), bytes)).toBe(0);
  });

  testFile('mnist.kmodel', 'is written again byte by byte', (bytes) => {
    const model = readKModel(bytes);
    expect(model.layers.map(({ kind }) => kind)).toEqual([
      ...['convolution', 'convolution', 'dequantize', 'flatten', 'fullyConnected', 'quantize'],
      ...['addPadding', 'convolution', 'removePadding', 'dequantize', 'softmax'],
    ]);
    expect(Buffer.compare(writeKModel(model), bytes)).toBe(0);
  });

  testFile('iris.kmodel', 'is written again with the padding it lacks', (bytes) => {
    const written = writeKModel(readKModel(bytes));
    expect(written).toHaveLength(bytes.length + 4);
    expect(Buffer.compare(written.subarray(0, bytes.length), bytes)).toBe(0);
    expect([...written.subarray(bytes.length)]).toEqual([0, 0, 0, 0]);
  });
});
