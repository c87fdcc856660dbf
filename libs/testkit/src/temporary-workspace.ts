import { execFile } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** One task of a run of Nx, as Nx itself recorded it. */
export interface TaskRecord {
  readonly target: string;
  readonly ran: boolean;
  readonly succeeded: boolean;
}

export interface NxResult {
  readonly exitCode: number;
  /** Standard output and error, as they came. */
  readonly output: string;
  readonly tasks: readonly TaskRecord[];
}

const COPIED = [
  'libs',
  'tools',
  'schemas',
  'project.yaml',
  'nx.json',
  'package.json',
  'package-lock.json',
  'tsconfig.base.json',
];

/**
 * A workspace of its own in a temporary folder: our sources copied, installed packages linked, no experiments.
 * Nx runs in it without its daemon and with a cache of its own, so that nothing leaks in or out.
 */
export class TemporaryWorkspace {
  private constructor(
    readonly folder: string,
    private readonly cacheFolder: string,
    private readonly surroundings: NodeJS.ProcessEnv,
  ) {}

  /** @param surroundings variables in which its programs shall run, beside those of the test */
  static create(repositoryRoot: string, surroundings: NodeJS.ProcessEnv = {}): TemporaryWorkspace {
    const base = mkdtempSync(join(tmpdir(), 'graft-'));
    const workspace = new TemporaryWorkspace(join(base, 'workspace'), join(base, 'nx-cache'), surroundings);
    mkdirSync(workspace.folder);
    for (const name of COPIED.filter((name) => existsSync(join(repositoryRoot, name))))
      cpSync(join(repositoryRoot, name), join(workspace.folder, name), { recursive: true });
    linkPackages(join(repositoryRoot, 'node_modules'), join(workspace.folder, 'node_modules'));
    return workspace;
  }

  /** The same workspace, with the same cache, once its folder has been moved. */
  at(folder: string): TemporaryWorkspace {
    return new TemporaryWorkspace(folder, this.cacheFolder, this.surroundings);
  }

  write(path: string, data: string | Uint8Array): void {
    const full = join(this.folder, path);
    mkdirSync(dirname(full), { recursive: true });
    writeFileSync(full, data);
  }

  read(path: string): string {
    return readFileSync(join(this.folder, path), 'utf8');
  }

  bytes(path: string): Buffer {
    return readFileSync(join(this.folder, path));
  }

  exists(path: string): boolean {
    return existsSync(join(this.folder, path));
  }

  remove(path: string): void {
    rmSync(join(this.folder, path), { recursive: true, force: true });
  }

  /** Replaces text that must be there, so that a test never edits nothing. */
  edit(path: string, from: string, to: string): void {
    const before = this.read(path);
    if (!before.includes(from)) throw new Error(`${path} does not hold ${JSON.stringify(from)}`);
    this.write(path, before.replace(from, to));
  }

  environment(): NodeJS.ProcessEnv {
    const inherited = Object.entries(process.env).filter(
      ([name]) => !/^(NX_|JEST_|NODE_OPTIONS$|FORCE_COLOR$)/.test(name),
    );
    return {
      ...Object.fromEntries(inherited),
      ...this.surroundings,
      NX_DAEMON: 'false',
      NX_CACHE_DIRECTORY: this.cacheFolder,
      NX_WORKSPACE_DATA_DIRECTORY: join(dirname(this.cacheFolder), 'nx-data'),
      NX_ISOLATE_PLUGINS: 'false',
      NO_COLOR: '1',
    };
  }

  nxProgram(): readonly [string, readonly string[]] {
    return [process.execPath, [join(this.folder, 'node_modules', 'nx', 'dist', 'bin', 'nx.js')]];
  }

  /** Runs Nx to its end and tells which tasks ran and which came from the cache. */
  nx(...args: readonly string[]): Promise<NxResult> {
    const [program, prefix] = this.nxProgram();
    const record = join(this.cacheFolder, 'run.json');
    rmSync(record, { force: true });
    const options = { cwd: this.folder, env: this.environment(), maxBuffer: 2 ** 26 };
    return new Promise((resolve) => {
      execFile(program, [...prefix, ...args], options, (error, stdout, stderr) => {
        const exitCode = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
        resolve({ exitCode, output: `${stdout}${stderr}`, tasks: readTasks(record) });
      });
    });
  }

  dispose(): void {
    rmSync(dirname(this.folder), { recursive: true, force: true });
  }
}

interface RunRecord {
  readonly tasks: readonly { readonly target: string; readonly cacheStatus: string; readonly status: number }[];
}

function readTasks(path: string): TaskRecord[] {
  if (!existsSync(path)) return [];
  const { tasks }: RunRecord = JSON.parse(readFileSync(path, 'utf8'));
  return tasks.map(({ target, cacheStatus, status }) => ({
    target,
    ran: cacheStatus === 'cache-miss',
    succeeded: status === 0,
  }));
}

/** Packages are linked one by one; ours point into the copy, so that an edit there is what runs. */
function linkPackages(from: string, to: string): void {
  mkdirSync(to);
  for (const name of readdirSync(from)) {
    if (name === '@graft' || name === '.cache') continue;
    symlinkSync(join(from, name), join(to, name));
  }
  mkdirSync(join(to, '@graft'));
  const libraries = readdirSync(join(dirname(to), 'libs'));
  for (const library of libraries) symlinkSync(join('..', '..', 'libs', library), join(to, '@graft', library));
  symlinkSync(join('..', '..', 'tools', 'nx'), join(to, '@graft', 'nx'));
}
