import fc from 'fast-check';
import { GraftError } from '@graft/foundation';

import { cardFor, randomNetwork } from '../random-network.fixture';
import { readModel } from './read-model';
import { writeTflite } from './write-tflite';

const graph = randomNetwork(1, { output: 'conv_pw_1_relu', input: { height: 8, width: 8 } });
const [{ bytes }] = writeTflite(graph, { card: cardFor(graph), name: 'tiny', float32: true, int8: null });

/** Reads it or refuses it with a code of its own; anything else is a fault. */
function readOrRefuse(file: Uint8Array): string {
  try {
    readModel(file);
    return 'read';
  } catch (error) {
    if (error instanceof GraftError && /^E84[56]$/.test(error.code)) return error.code;
    throw error;
  }
}

test('what was written reads back: names, shapes, operators in order, ends', () => {
  const { tensors, operators, inputs, outputs } = readModel(bytes);
  expect(operators.map(({ operation }) => operation.kind)).toEqual([
    ...['mul', 'add', 'pad', 'conv2d', 'depthwiseConv2d', 'conv2d', 'mean', 'reshape', 'fullyConnected', 'softmax'],
  ]);
  expect(inputs.map((place) => tensors[place])).toEqual([{ name: 'image', shape: [1, 8, 8, 3], type: 'float32' }]);
  expect(outputs.map((place) => tensors[place].shape)).toEqual([[1, 3]]);
});

test('a file cut off anywhere in its structure is refused (E845), with the place', () => {
  const verdicts = Array.from({ length: 200 }, (_, at) => readOrRefuse(bytes.subarray(0, at * 7)));
  expect(new Set(verdicts)).toEqual(new Set(['E845']));
  expect(() => readModel(bytes.subarray(0, 100))).toThrow(/byte \d+/);
});

test('a file of another kind is refused (E845)', () => {
  expect(readOrRefuse(Buffer.from('PK\u0003\u0004 an archive, not a network'))).toBe('E845');
});

test('a tensor of a type that is not known is refused (E846)', () => {
  // The type byte of the input tensor: the only tensor without a buffer that stands first; found by trying all bytes.
  const verdicts = Array.from(bytes.keys(), (at) => {
    if (bytes[at] !== 3) return 'read';
    const changed = Uint8Array.from(bytes);
    changed[at] = 77;
    return readOrRefuse(changed);
  });
  expect(verdicts).toContain('E846');
});

test('damaged files are read or refused, and nothing else happens', () => {
  const place = fc.nat({ max: bytes.length - 1 });
  fc.assert(
    fc.property(
      fc.array(fc.tuple(place, fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 20 }),
      (changes) => {
        const changed = Uint8Array.from(bytes);
        for (const [at, value] of changes) changed[at] = value;
        readOrRefuse(changed);
      },
    ),
    { numRuns: 500 },
  );
});
