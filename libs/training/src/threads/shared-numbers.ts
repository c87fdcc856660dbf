import type { Chain } from '../chain';

/** All that learning changes in a chain, layer by layer: views of its parameters' values and of its statistics. */
export function numbersOf(chain: Chain): Float32Array[] {
  return chain.layers.flatMap((layer) => [
    ...layer.parameters.map((parameter) => parameter.values),
    ...layer.statistics,
  ]);
}

/** Memory that threads have in common. */
export const sharedNumbers = (length: number): Float32Array => new Float32Array(new SharedArrayBuffer(4 * length));

export function writeShared(chain: Chain, into: Float32Array): void {
  let at = 0;
  for (const numbers of numbersOf(chain)) {
    into.set(numbers, at);
    at += numbers.length;
  }
}

/** Takes the numbers over from a chain with the same layers, which wrote them. */
export function readShared(chain: Chain, from: Float32Array): void {
  let at = 0;
  for (const numbers of numbersOf(chain)) numbers.set(from.subarray(at, (at += numbers.length)));
  chain.parameters.forEach((parameter) => parameter.refresh());
}
