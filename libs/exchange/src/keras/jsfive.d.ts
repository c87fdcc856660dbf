/** A reader of HDF5 without types of its own; only what the tests use. */
declare module 'jsfive' {
  export class File {
    constructor(bytes: ArrayBuffer, name?: string);
    readonly keys: string[];
    get(path: string): Group & Dataset;
  }
  interface Group {
    readonly keys: string[];
  }
  interface Dataset {
    readonly shape: number[];
    readonly value: ArrayLike<number>;
  }
}
