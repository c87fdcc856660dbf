import { QUANTITIES, parseQuantity } from '../schema/quantities';
import type { QuantityKind } from '../schema/quantities';
import { childOf, isNull, printKeyPath } from '../tree';
import type { KeyPath, Tree } from '../tree';

/** Typed access to a tree that was checked and completed. A mismatch is our own mistake, not the user's. */
export class Reader {
  constructor(
    private readonly tree: Tree,
    private readonly path: KeyPath = [],
  ) {}

  at(key: string | number): Reader {
    const child = childOf(this.tree, key);
    if (child === undefined) return this.fail(`a value for "${key}"`);
    return new Reader(child, [...this.path, key]);
  }

  /** Null: the key is absent. */
  maybe(key: string): Reader | null {
    return isNull(childOf(this.tree, key)) ? null : this.at(key);
  }

  is(word: string | number): boolean {
    return this.tree.kind === 'scalar' && this.tree.value === word;
  }

  get isMap(): boolean {
    return this.tree.kind === 'map';
  }

  get isList(): boolean {
    return this.tree.kind === 'list';
  }

  text(): string {
    return this.tree.kind === 'scalar' && this.tree.value !== null ? this.tree.text : this.fail('text');
  }

  number(): number {
    return this.tree.kind === 'scalar' && typeof this.tree.value === 'number' ? this.tree.value : this.fail('a number');
  }

  flag(): boolean {
    return this.tree.kind === 'scalar' && typeof this.tree.value === 'boolean' ? this.tree.value : this.fail('a flag');
  }

  /** In the base unit: a fraction, bytes, degrees. */
  quantity(kind: QuantityKind): number {
    const value = this.tree.kind === 'scalar' ? parseQuantity(kind, this.tree.value) : null;
    return value ?? this.fail(QUANTITIES[kind].looks);
  }

  word<T extends string>(...words: readonly T[]): T {
    return words.find((word) => this.is(word)) ?? this.fail(`one of ${words.join(', ')}`);
  }

  list(): Reader[] {
    if (this.tree.kind !== 'list') return this.fail('a list');
    return this.tree.items.map((_, index) => this.at(index));
  }

  texts(): string[] {
    return this.list().map((item) => item.text());
  }

  entries(): [string, Reader][] {
    if (this.tree.kind !== 'map') return this.fail('a map');
    return [...this.tree.entries].map(([key, { value }]) => [key, new Reader(value, [...this.path, key])]);
  }

  private fail(expected: string): never {
    throw new Error(`internal: ${printKeyPath(this.path)} should hold ${expected}`);
  }
}
