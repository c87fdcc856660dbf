// Prints one digest over the names and contents of an experiment's picture folders that lie outside the workspace,
// which the build tool cannot hash by itself. It takes the experiment's folder, never a path from its text: the build
// tool runs this through a shell. Names are relative, so a moved folder with the same pictures has the same digest.
const { createHash } = require('node:crypto');
const { readdirSync, readFileSync, existsSync } = require('node:fs');
const { join } = require('node:path');
const { loadTypeScript } = require('./load-typescript.cjs');

const { scanReferences } = loadTypeScript('../../libs/spec/src/scan-references.ts');

const root = process.argv[2];
const readIfPresent = (path) => (existsSync(path) ? readFileSync(path, 'utf8') : null);
const { directories } = scanReferences(
  readIfPresent(join(root, 'experiment.yaml')) ?? '',
  readIfPresent('project.yaml'),
);
const total = createHash('sha256');
for (const directory of directories) {
  total.update(`${directory}\0`);
  for (const path of listFiles(join(root, directory))) {
    const digest = createHash('sha256')
      .update(readFileSync(join(root, directory, path)))
      .digest('hex');
    total.update(`${path}\0${digest}\n`);
  }
}
process.stdout.write(total.digest('hex'));

function listFiles(folder) {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(join(folder, '/').length))
      .sort();
  } catch {
    return []; // Whether a missing folder is a mistake is the fetch stage's question.
  }
}
