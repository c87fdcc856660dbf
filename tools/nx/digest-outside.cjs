// Prints one digest over what an experiment names outside the workspace, which the build tool cannot hash by itself:
// its sources (picture folders with names and contents, archives, lists), or the experiments that it extends. Takes which of the two, and the
// experiment's folder with unusual characters percent-encoded: the build tool runs this through a shell, which must
// see no text of the user's. Names are relative where they were written so, so a moved workspace keeps its digest.
const { createHash } = require('node:crypto');
const { readdirSync, readFileSync, existsSync } = require('node:fs');
const { join, relative } = require('node:path');
const { loadTypeScript } = require('./load-typescript.cjs');

const { scanReferences } = loadTypeScript('../../libs/spec/src/scan-references.ts');
const { isOutside } = loadTypeScript('./src/outside.ts');

const [kind, encodedRoot] = process.argv.slice(2);
const { directories, sourceFiles, extendedFiles } = scanReferences({
  experimentPath: `${decodeURIComponent(encodedRoot)}/experiment.yaml`,
  projectPath: 'project.yaml',
  readText: (path) => (existsSync(path) ? readFileSync(path, 'utf8') : null),
});

const total = createHash('sha256');
if (kind === 'sources') {
  directories.filter(isOutside).forEach(addFolder);
  sourceFiles
    .filter(isOutside)
    .filter(existsSync)
    .forEach((file) => addFile(file));
} else
  extendedFiles
    .filter(isOutside)
    .filter(existsSync)
    .forEach((file) => addFile(file));
process.stdout.write(total.digest('hex'));

function addFolder(folder) {
  total.update(`${folder}\0`);
  for (const path of listFiles(folder)) addFile(join(folder, path), path);
}

function addFile(path, name = path) {
  total.update(`${name}\0${createHash('sha256').update(readFileSync(path)).digest('hex')}\n`);
}

function listFiles(folder) {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(folder, join(entry.parentPath ?? entry.path, entry.name)))
      .sort();
  } catch {
    return []; // Whether a missing folder is a mistake is the fetch stage's question.
  }
}
