#!/usr/bin/env node
// graft-check [folder…]: checks experiments and ends with status 2 when one is wrong, for editors and commit hooks.
const { join } = require('node:path');
const { loadTypeScript } = require('./load-typescript.cjs');

const { checkExperiments } = loadTypeScript('./src/check/check-experiments.ts');
process.exitCode = checkExperiments(join(__dirname, '..', '..'), process.cwd(), process.argv.slice(2), console.log);
