import { existsSync, readFileSync } from 'node:fs';
import { homedir, hostname } from 'node:os';
import { dirname, join } from 'node:path';
import ts from 'typescript';
import { parse } from './imports';
import { list, read, REPOSITORY, trackedFiles } from './repository';

interface PackageJson {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

interface Schema {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
}

interface LockEntry {
  readonly version?: string;
  readonly link?: boolean;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly resolved?: string;
}

const json = <T>(path: string): T => JSON.parse(read(path)) as T;
const tracked = trackedFiles().filter((path) => existsSync(`${REPOSITORY}/${path}`));
const texts = tracked.filter((path) => !/\.(png|jpe?g|webp|gif|kmodel|bin|npz)$/.test(path));

/** A user's home on any system: its first folders, then a name. */
const HOMES = /(?:^|["'`\s(=:])(?:\/home\/\w|\/Users\/\w|\/root\/|[A-Z]:\\Users\\\w)/m;

test('no file names a folder of this machine, or the machine', () => {
  const places = [REPOSITORY, dirname(REPOSITORY), homedir()].map((folder) => `${folder}/`);
  const named = [...places.filter((place) => place.length > 3), ...(hostname().length > 6 ? [hostname()] : [])];
  expect(texts.filter((path) => named.some((name) => read(path).includes(name)))).toEqual([]);
});

test("no file names a folder in somebody's home", () => {
  expect(texts.filter((path) => HOMES.test(read(path)))).toEqual([]);
});

test('no file names the registry that this machine uses', () => {
  const hosts = registryHosts();
  expect(texts.filter((path) => hosts.some((host) => read(path).includes(host)))).toEqual([]);
});

function registryHosts(): string[] {
  const settings = join(homedir(), '.npmrc');
  const written = existsSync(settings) ? readFileSync(settings, 'utf8') : '';
  const [, configured = ''] = /^registry\s*=\s*(\S+)/m.exec(written) ?? [];
  const addresses = [process.env['npm_config_registry'] ?? '', configured].filter((address) => URL.canParse(address));
  return addresses.map((address) => new URL(address).host);
}

test('the lock file names no server: it is good for any registry', () => {
  const { packages } = json<{ packages: Record<string, LockEntry> }>('package-lock.json');
  const servers = Object.values(packages).flatMap(({ resolved = '' }) => (resolved.includes('://') ? [resolved] : []));
  expect(servers).toEqual([]);
});

test('the lock file names a version for every package, also for those of other platforms', () => {
  const { packages } = json<{ packages: Record<string, LockEntry> }>('package-lock.json');
  const unnamed = Object.entries(packages).filter(([, { version, link }]) => version === undefined && link !== true);
  expect(unnamed.map(([path]) => path)).toEqual([]);
  const wanted = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies).map((name) => [path, name] as const),
  );
  expect(wanted.length).toBeGreaterThan(0);
  expect(wanted.filter(([from, name]) => !isLocked(packages, from, name))).toEqual([]);
});

/** Whether a package, as Node would look for it from another one, has an entry. */
function isLocked(packages: Readonly<Record<string, LockEntry>>, from: string, name: string): boolean {
  for (let base = from; ; base = base.slice(0, Math.max(0, base.lastIndexOf('/node_modules/')))) {
    const inside = base === '' ? `node_modules/${name}` : `${base}/node_modules/${name}`;
    if (packages[inside]?.version !== undefined) return true;
    if (base === '') return false;
  }
}

test('every dependency has an exact version', () => {
  const manifests = tracked.filter((path) => /(^|\/)package\.json$/.test(path));
  expect(manifests).toContain('package.json');
  const loose = manifests.flatMap((path) => {
    const { dependencies, devDependencies, optionalDependencies, peerDependencies } = json<PackageJson>(path);
    return Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies, ...peerDependencies })
      .filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))
      .map(([name, version]) => `${path}: ${name} ${version}`);
  });
  expect(loose).toEqual([]);
});

const EXECUTORS = Object.entries(
  json<{ executors: Record<string, { schema: string; description: string }> }>('tools/nx/executors.json').executors,
);
const SENTENCE = /^[A-Z].*\.$/s;

describe.each(EXECUTORS)('executor %s', (_name, { schema: path, description }) => {
  const schema = json<Schema>(`tools/nx/${path}`);

  test('says in sentences what it does and what every option means', () => {
    const said = [
      description,
      schema.description ?? '',
      ...optionsOf(schema).map(([, option]) => option.description ?? ''),
    ];
    expect(said.filter((text) => !SENTENCE.test(text))).toEqual([]);
  });
});

function optionsOf({ properties = {} }: Schema): [string, Schema][] {
  return Object.entries(properties).flatMap(([name, option]) => [
    [name, option] as [string, Schema],
    ...optionsOf(option),
  ]);
}

test('every executor that the plugin offers can be loaded, and no other', () => {
  const loadable = list('tools/nx/src/executors').filter((name) =>
    existsSync(`${REPOSITORY}/tools/nx/src/executors/${name}/executor.ts`),
  );
  expect(EXECUTORS.map(([name]) => name).sort()).toEqual(loadable);
});

describe.each(list('libs'))('libs/%s', (library) => {
  test('has a README of about one screen, with its name at the top', () => {
    const readme = read(`libs/${library}/README.md`);
    expect(readme.split('\n')[0]).toBe(`# @graft/${library}`);
    expect(readme.split('## Errors')[0].split('\n').length).toBeLessThan(60);
  });

  test('has a door that hands on names and does nothing else', () => {
    const others = parse(`libs/${library}/src/index.ts`).statements.filter(
      (statement) =>
        !ts.isExportDeclaration(statement) ||
        statement.moduleSpecifier === undefined ||
        statement.exportClause === undefined ||
        !ts.isNamedExports(statement.exportClause),
    );
    expect(others.map((statement) => statement.getText())).toEqual([]);
  });
});
