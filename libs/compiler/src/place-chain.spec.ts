import fc from 'fast-check';

import { placeChain } from './place-chain';

/** Lines of the picture and of each layer's output, the latter as its runs write them, one after the other. */
interface Chain {
  readonly picture: number;
  readonly layers: readonly (readonly number[])[];
}

const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0);
const linesOf = ({ picture, layers }: Chain) => [picture, ...layers.map(sum)];

/**
 * Runs a chain on a memory whose lines remember what was written last. Whether each run finds its whole input and writes
 * elsewhere, inside the memory, and the last map stands whole at the end.
 */
function works({ picture, layers }: Chain, starts: readonly number[], total: number): boolean {
  const memory = new Array<string>(total).fill('');
  const write = (map: number, from: number, count: number) => {
    for (let line = from; line < from + count; line++) memory[starts[map] + line] = `line ${line} of map ${map}`;
  };
  const stands = (map: number, count: number) =>
    Array.from({ length: count }, (_, line) => memory[starts[map] + line] === `line ${line} of map ${map}`).every(
      Boolean,
    );
  const inside = linesOf({ picture, layers }).every((count, map) => starts[map] >= 0 && starts[map] + count <= total);
  if (!inside) return false;
  write(0, 0, picture);
  let input = picture;
  for (const [index, runs] of layers.entries()) {
    let from = 0;
    for (const count of runs) {
      const [source, destination] = [starts[index], starts[index + 1] + from];
      // The KPU reads while it writes.
      const apart = source + input <= destination || destination + count <= source;
      if (!apart || !stands(index, input)) return false;
      write(index + 1, from, count);
      from += count;
    }
    input = from;
  }
  return stands(layers.length, input);
}

/** Every placement there is. */
function* placements(lines: readonly number[], total: number): Generator<readonly number[]> {
  const [first, ...rest] = lines;
  if (first === undefined) return yield [];
  for (const others of placements(rest, total))
    for (let start = 0; start + first <= total; start++) yield [start, ...others];
}

function placementExists(chain: Chain, total: number): boolean {
  for (const starts of placements(linesOf(chain), total)) if (works(chain, starts, total)) return true;
  return false;
}

const lineCount = fc.integer({ min: 1, max: 4 });
const chains = fc.record({
  picture: lineCount,
  layers: fc.array(fc.array(lineCount, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 3 }),
});

test('a placement is found if and only if a search of all of them finds one, layers in parts included', () => {
  const seen = { placed: 0, impossible: 0, split: 0 };
  fc.assert(
    fc.property(chains, fc.integer({ min: 4, max: 12 }), (chain, total) => {
      const found = works(chain, placeChain(linesOf(chain), total), total);
      expect(found).toBe(placementExists(chain, total));
      seen[found ? 'placed' : 'impossible']++;
      if (found && chain.layers.some((runs) => runs.length > 1)) seen.split++;
    }),
    { numRuns: 1000 },
  );
  // Both answers are frequent, or the search above would show nothing.
  expect(Math.min(seen.placed, seen.impossible, seen.split)).toBeGreaterThan(50);
});

test('KPU RAM may be filled to the last line', () => {
  expect(placeChain([20000, 12768, 20000])).toEqual([0, 20000, 0]);
  expect(works({ picture: 3, layers: [[4], [2, 1]] }, placeChain([3, 4, 3], 7), 7)).toBe(true);
  expect(works({ picture: 3, layers: [[4], [2, 2]] }, placeChain([3, 4, 4], 7), 7)).toBe(false);
});
