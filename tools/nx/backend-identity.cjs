// Prints which TensorFlow.js back end would train here. Two back ends differ in the last bits of their results, so the
// build tool counts this among the inputs of the stages that use one.
const { loadTypeScript } = require('./load-typescript.cjs');

const { backendIdentity } = loadTypeScript('../../libs/training/src/backend-identity.ts');
process.stdout.write(backendIdentity());
