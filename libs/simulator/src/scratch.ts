/**
 * Work memory that the layers of a model use one after another, so that a model needs what its largest layer needs and
 * not the sum over all layers. What a layer leaves there is the next one's garbage.
 */
export class Scratch {
  private readonly floats = new Map<string, Float64Array>();
  private readonly bytes = new Map<string, Uint8Array>();

  /** At least `length` numbers, with anything in them. The same name gives the same memory. */
  float64(name: string, length: number): Float64Array {
    const found = this.floats.get(name);
    if (found !== undefined && found.length >= length) return found;
    const larger = new Float64Array(length);
    this.floats.set(name, larger);
    return larger;
  }

  /** At least `length` bytes, with anything in them. The same name gives the same memory. */
  uint8(name: string, length: number): Uint8Array {
    const found = this.bytes.get(name);
    if (found !== undefined && found.length >= length) return found;
    const larger = new Uint8Array(length);
    this.bytes.set(name, larger);
    return larger;
  }
}
