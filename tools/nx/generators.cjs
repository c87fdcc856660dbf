// The build tool's door to the generators; they are TypeScript, loaded when one is asked for.
const { loadTypeScript } = require('./load-typescript.cjs');

const GENERATORS = ['url-list'];

for (const name of GENERATORS) {
  Object.defineProperty(exports, name, {
    enumerable: true,
    get: () => loadTypeScript(`./src/generators/${name}/generator.ts`).default,
  });
}
