import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { canonicalJson, sha256 } from '@graft/foundation';
import { MAKERS, stageNamed } from '@graft/pipeline';
import type { StageDeclaration } from '@graft/pipeline';
// Not through the library's door: that would load all of TensorFlow.js into every stage.
import { backendIdentity } from '../../../../libs/training/src/backend-identity';
import { libraryClosure } from '../libraries';

/** Everything but settings and files that decides a stage's result: library sources by digest, packages by version. */
export async function toolFingerprint(stage: StageDeclaration, workspaceRoot: string): Promise<Record<string, string>> {
  const tools: Record<string, string> = {};
  for (const library of libraryClosure(stage.libraries)) {
    tools[`@graft/${library}`] = await digestOfSources(join(workspaceRoot, 'libs', library, 'src'));
  }
  tools['@graft/nx'] = sha256(
    (await digestOfSources(join(workspaceRoot, 'tools/nx/src/shared'))) +
      (await digestOfSources(join(workspaceRoot, 'tools/nx/src/executors', stage.name))),
  );
  if (stage.libraries.includes('training')) tools['back end'] = backendIdentity();
  for (const name of stage.packages) tools[name] = packageVersion(workspaceRoot, name);
  if (stage.namesTools === true) tools['tools of the model'] = sha256(canonicalJson(await makerTools(workspaceRoot)));
  return tools;
}

/** What made a model, for its provenance: packages by version, the back end, and one digest over all of our sources. */
export async function makerTools(workspaceRoot: string): Promise<Record<string, string>> {
  const each = await Promise.all(MAKERS.map((name) => toolFingerprint(stageNamed(name), workspaceRoot)));
  const isOurs = (name: string): boolean => name.startsWith('@graft/');
  const others = each.flatMap((tools) => Object.entries(tools).filter(([name]) => !isOurs(name)));
  const ours = each.map((tools) => Object.entries(tools).filter(([name]) => isOurs(name)));
  return {
    ...Object.fromEntries(others.sort(([a], [b]) => (a < b ? -1 : 1))),
    graft: packageVersion(workspaceRoot, '@graft/nx'),
    'graft sources': sha256(canonicalJson(ours)),
  };
}

/** Names and contents of the sources; tests do not count. */
async function digestOfSources(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.spec.ts'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  const hash = createHash('sha256');
  for (const path of paths) hash.update(`${path.slice(folder.length)}\0`).update(await readFile(path));
  return hash.digest('hex');
}

function packageVersion(workspaceRoot: string, name: string): string {
  const text = readFileSync(join(workspaceRoot, 'node_modules', name, 'package.json'), 'utf8');
  const { version }: { version: string } = JSON.parse(text);
  return version;
}
