import { createHash } from 'node:crypto';

/** One file of a package, pinned to its bytes. */
export interface Pinned {
  readonly sha256: string;
  readonly bytes: number;
}

/** What the native back end is built from. Other pins are another folder in the cache. */
export interface NativeRecipe {
  readonly platform: string;
  /** A wheel of the Python package index; only the library and its C headers are taken from it. */
  readonly wheel: Pinned & { readonly project: string; readonly version: string; readonly file: string };
  /** npm packages: C++ sources of the addon, and the headers of Node-API. */
  readonly addon: { readonly name: string; readonly version: string; readonly integrity: string };
  readonly headers: { readonly name: string; readonly version: string; readonly integrity: string };
}

export const NATIVE_RECIPE: NativeRecipe = {
  platform: 'linux-x64',
  wheel: {
    project: 'tensorflow-cpu',
    version: '2.21.0',
    file: 'tensorflow_cpu-2.21.0-cp312-cp312-manylinux_2_27_x86_64.whl',
    sha256: 'dcc8afd32930e42d5296b6ee19078b773706830af4ea97fbe503b9f5e0f820cb',
    bytes: 274000871,
  },
  addon: {
    name: '@tensorflow/tfjs-node',
    version: '4.22.0',
    integrity: 'sha512-uHrXeUlfgkMxTZqHkESSV7zSdKdV0LlsBeblqkuKU9nnfxB1pC6DtoyYVaLxznzZy7WQSegjcohxxCjAf6Dc7w==',
  },
  headers: {
    name: 'node-api-headers',
    version: '1.9.0',
    integrity: 'sha512-2oNILP4jXwRB4ywnYKjVk1YyJ96n2D4EOVJO6S3oYZ5PtbJrw3Yt9TpAuX3nBLMuzn74rnfGQrv13pS9vC+YiA==',
  },
};

/** The folder's name in the cache. */
export function recipeKey(recipe: NativeRecipe): string {
  return createHash('sha256').update(JSON.stringify(recipe)).digest('hex').slice(0, 16);
}
