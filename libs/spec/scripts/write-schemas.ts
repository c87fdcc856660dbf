/**
 * Writes what is made from the schemas: schemas/*.schema.json for editors and docs/experiment-yaml.md for people.
 * `node -r @swc-node/register libs/spec/scripts/write-schemas.ts`, from the root of the workspace.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { generatedFiles } from '../src/schema/generated-files';

for (const [path, text] of Object.entries(generatedFiles())) {
  const full = join(__dirname, '../../..', path);
  mkdirSync(dirname(full), { recursive: true });
  writeFileSync(full, text);
}
