// Prints the tools that make a model. The kit for the board names them, so the build tool counts them among the inputs
// of the stage that makes the kit.
const { loadTypeScript } = require('./load-typescript.cjs');

const { makerTools } = loadTypeScript('./src/shared/fingerprint.ts');
makerTools(process.cwd()).then((tools) => process.stdout.write(JSON.stringify(tools)));
