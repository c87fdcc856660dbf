import { quantizeGraph } from './quantize-graph';
import type { QuantizedGraphFile } from './quantized-graph-file';
import { readQuantizedGraph, writeQuantizedGraph } from './quantized-graph-file';
import { optionsWith, randomGraph, randomPictures } from './random-graph.fixture';

async function writtenFile(seed: number): Promise<QuantizedGraphFile> {
  const { graph } = await quantizeGraph(randomGraph(seed), optionsWith(randomPictures(seed, 2)));
  return writeQuantizedGraph(graph);
}

test.each([1, 2, 3])('what is written reads back equal (seed %i)', async (seed) => {
  const { graph } = await quantizeGraph(randomGraph(seed), optionsWith(randomPictures(seed, 2)));
  const file = writeQuantizedGraph(graph);
  expect(readQuantizedGraph(file)).toEqual(graph);
  expect(writeQuantizedGraph(readQuantizedGraph(file))).toEqual(file);
});

test('the text shows layers and their scales but no weights', async () => {
  const { json } = await writtenFile(1);
  const text = JSON.parse(json) as { convolutions: Record<string, unknown>[] };
  expect(text.convolutions[0]).toMatchObject({ name: 'layer_0', kernel: 3, stride: 2, activation: 'relu6' });
  expect(text.convolutions[0]).not.toHaveProperty('weights');
});

test('a file that was cut, edited or mixed up is E330', async () => {
  const { json, bytes } = await writtenFile(1);
  const broken: readonly [string, QuantizedGraphFile][] = [
    ['no JSON', { json: json.slice(0, 100), bytes }],
    ['another format', { json: json.replace('graft-quantized-graph-1', 'something-else'), bytes }],
    ['cut bytes', { json, bytes: bytes.subarray(0, bytes.length - 8) }],
    ['a lost layer list', { json: json.replace('"convolutions"', '"convolution"'), bytes }],
    ['an array of another size', { json: json.replace('"units": 6', '"units": 7'), bytes }],
    ['a renamed array', { json: json.replace('"name": "layer_0/weights"', '"name": "layer_9/weights"'), bytes }],
    ['null', { json: 'null', bytes }],
  ];
  for (const [, file] of broken)
    expect(() => readQuantizedGraph(file)).toThrow(expect.objectContaining({ code: 'E330' }));
});
