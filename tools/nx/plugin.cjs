// The build tool's door to the plugin; the plugin itself is TypeScript.
const { loadTypeScript } = require('./load-typescript.cjs');

module.exports = loadTypeScript('./src/plugin.ts');
