import { GraftError } from '@graft/foundation';

const WASM_GOES_ON = 'training goes on with the back end wasm';

export const platformUnsupported = (platform: string, supported: string) =>
  new GraftError('E680', {
    message: `there is no native library for ${platform}`,
    hint: `it is built for ${supported} only (with glibc 2.27 or newer); ${WASM_GOES_ON}`,
  });

export const noCompiler = (tried: readonly string[]) =>
  new GraftError('E681', {
    message: `no C++ compiler was found (tried ${tried.join(', ')})`,
    hint: `install one, such as the package g++, or name one in the environment variable CXX; ${WASM_GOES_ON}`,
  });

export const compilerFailed = (compiler: string, output: string) =>
  new GraftError('E682', {
    message: `${compiler} could not build the addon`,
    details: output
      .split('\n')
      .filter((line) => line !== '')
      .slice(0, 12),
    hint: `it must know C++17; another compiler is named in the environment variable CXX. ${WASM_GOES_ON}`,
  });

export const wheelUnusable = (reason: string, cause?: unknown) =>
  new GraftError('E683', {
    message: `the native library cannot be unpacked: ${reason}`,
    hint: `the pinned file is another one than this version of Graft was made for; ${WASM_GOES_ON}`,
    cause,
  });

export const smokeTestFailed = (details: readonly string[]) =>
  new GraftError('E684', {
    message: 'the native library was built, but does not compute what it should',
    details,
    hint: `nothing was installed; the processor or the C library may be too old for it. ${WASM_GOES_ON}`,
  });

export const cannotBuildIn = (folder: string, cause: unknown) =>
  new GraftError('E685', {
    message: `the native library cannot be built in ${folder}: ${cause instanceof Error ? cause.message : String(cause)}`,
    hint: `it takes about 1 GB; free some, or name another folder in the environment variable GRAFT_CACHE_DIRECTORY. ${WASM_GOES_ON}`,
    cause,
  });
