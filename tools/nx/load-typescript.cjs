// Runs our TypeScript sources as they are, without a build step, the same way on every version of Node.
// It strips types with swc directly: @swc-node/register also loads the TypeScript compiler, which costs each task
// about as much time as all its own code (docs/decisions/0002-no-build-step.md).
const { readFileSync } = require('node:fs');
const { transformSync } = require('@swc/core');

const compilerOptions = {
  sourceMaps: 'inline',
  module: { type: 'commonjs', ignoreDynamic: true },
  jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
};

const compileTypeScript = (module, filename) => {
  const { code } = transformSync(readFileSync(filename, 'utf8'), { ...compilerOptions, filename });
  module._compile(code, filename);
};

require.extensions['.ts'] = compileTypeScript;

/** Loads a TypeScript module by its path relative to this folder. */
exports.loadTypeScript = (path) => require(path);
