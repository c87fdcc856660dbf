import { STAGES } from '@graft/pipeline';
import type { StageDeclaration } from '@graft/pipeline';
import boundaries from '../../nx/boundaries.json';
import { libraryClosure } from '../../nx/src/libraries';
import { experimentTargets } from '../../nx/src/targets';
import { codeImports } from './imports';
import { reach } from './reach';
import type { Reach } from './reach';
import { filesBelow, isProductSource, read } from './repository';

/**
 * Loaded by every stage, but only to write into its manifest which tools it ran with: they change no result. A change
 * of the compiler's settings (load-typescript.cjs) does count.
 */
const NAMES_TOOLS = [
  'tools/nx/src/libraries.ts',
  'tools/nx/boundaries.json',
  'libs/training/src/backend-identity.ts',
  'libs/training/src/native/find-native.ts',
  'libs/training/src/native/recipe.ts',
] as const;

/** Packages that draw progress and strip types: they change no result. */
const WITHOUT_SAY = ['cli-progress', '@swc/core'];

/** Brought by every stage's wrapper, whether the stage itself calls them or not. */
const EVERYWHERE = ['foundation', 'pipeline'];

const EACH = STAGES.map((stage) => [stage.name, stage] as const);

describe.each(EACH)('stage %s', (name, stage) => {
  let loaded: Reach;
  beforeAll(() => {
    loaded = reach(`tools/nx/src/executors/${name}/executor.ts`);
  });

  test('declares every library that it imports, or one that brings it', () => {
    expect(without(loaded.direct, libraryClosure(stage.libraries))).toEqual([]);
  });

  test('declares no library that it does not import', () => {
    expect(without(stage.libraries, [...loaded.direct, ...EVERYWHERE])).toEqual([]);
  });

  test('counts every source that it runs among its inputs', () => {
    const covers = sourceInputs(stage);
    expect([...loaded.files].filter((file) => !covers(file) && !oneOf(NAMES_TOOLS, file))).toEqual([]);
  });

  test('declares the packages that the code behind it imports, and no other', () => {
    expect([...stage.packages].sort()).toEqual(without(loaded.packages, WITHOUT_SAY));
  });
});

test('what only names the tools of a stage is loaded by the fingerprint and nothing else', () => {
  const users = filesBelow('tools/nx/src/shared').filter(
    (file) =>
      isProductSource(file) && codeImports(file).some(({ specifier }) => /\/(libraries|libs\/.*)$/.test(specifier)),
  );
  expect(users).toEqual(['tools/nx/src/shared/fingerprint.ts']);
});

const BORDERS = Object.entries(boundaries);

test.each(BORDERS)('libs/%s uses the code of every library that its borders let in', (library, { imports }) => {
  const used = sourcesOf(library).flatMap((file) => codeImports(file).map(({ specifier }) => specifier));
  expect(imports.filter((other) => !used.includes(`@graft/${other}`))).toEqual([]);
});

test.each(BORDERS)('libs/%s uses types of every library of which its borders let in types', (library, { types }) => {
  const text = sourcesOf(library).map(read).join('\n');
  expect(types.filter((other) => !text.includes(`from '@graft/${other}'`))).toEqual([]);
});

function sourcesOf(library: string): string[] {
  return filesBelow(`libs/${library}/src`).filter(isProductSource);
}

/** Whether a source is among the files that the build tool hashes for a stage. */
function sourceInputs(stage: StageDeclaration): (file: string) => boolean {
  const { inputs = [] } = experimentTargets({
    root: 'apps/any',
    directories: [],
    sourceFiles: [],
    extendedFiles: [],
    formats: [],
  })[stage.name];
  const folders: string[] = [];
  const files: string[] = [];
  for (const input of inputs) {
    if (typeof input === 'string') {
      const path = input.replace('{workspaceRoot}/', '');
      if (path.endsWith('/**/*')) folders.push(path.slice(0, -'**/*'.length));
      else files.push(path);
    } else if ('projects' in input && Array.isArray(input.projects)) {
      folders.push(...input.projects.map((project) => `libs/${project.replace('@graft/', '')}/src/`));
    }
  }
  return (file) => files.includes(file) || folders.some((folder) => file.startsWith(folder));
}

function without(names: Iterable<string>, others: Iterable<string>): string[] {
  const taken = new Set(others);
  return [...names].filter((name) => !taken.has(name)).sort();
}

function oneOf(names: readonly string[], name: string): boolean {
  return names.includes(name);
}
