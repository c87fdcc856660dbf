import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GraftError, sha256, silent } from '@graft/foundation';
import { lookIntoCache, NATIVE_RECIPE, recipeKey } from '@graft/training';
import type { NativeRecipe } from '@graft/training';
import { DEFAULT_INDEX } from '@graft/dataset';
import { FakeRegistry, integrityOf, tarball } from '../../dataset/src/testing/registry';
import { compilers } from './compile-addon';
import { platformName } from './platform';
import { setupNative } from './setup-native';
import type { SetupOptions } from './setup-native';
import { smokeTest } from './smoke-test';
import { zipOf } from './zip.fixture';

const FILE = 'tensorflow_cpu-1.0-linux.whl';
const WHEEL = zipOf({
  'tensorflow/libtensorflow_cc.so.2': 'library',
  'tensorflow/libtensorflow_framework.so.2': 'framework',
  'tensorflow/include/tensorflow/c/c_api.h': 'interface',
  'tensorflow/include/unsupported/huge.h': 'not wanted',
  'tensorflow/python/run_me.py': 'not wanted',
  'tensorflow_cpu-1.0.dist-info/LICENSE': 'licence',
});
const ADDON = tarball([
  { path: 'package/binding/backend.cc', content: 'source' },
  { path: 'package/binding/backend.h', content: 'header' },
  { path: 'package/scripts/install.js', content: 'throw new Error("never run")' },
]);
const HEADERS = tarball([{ path: 'package/include/node_api.h', content: 'interface of node' }]);

let folder: string;
let registry: FakeRegistry;
let index: Server;
let indexRequests: string[];
let wheel: Buffer;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'graft-native-'));
  registry = await FakeRegistry.start();
  registry.put('addon', ADDON);
  registry.put('headers', HEADERS);
  indexRequests = [];
  wheel = WHEEL;
  index = createServer((request, response) => {
    indexRequests.push(request.url ?? '');
    if (request.url === '/simple/tensorflow-cpu/')
      response.end(JSON.stringify({ files: [{ filename: FILE, url: `/files/${FILE}` }] }));
    else response.end(wheel);
  });
  await new Promise<void>((resolve) => index.listen(0, '127.0.0.1', resolve));
});

afterEach(async () => {
  await registry.stop();
  index.closeAllConnections();
  index.close();
  rmSync(folder, { recursive: true, force: true });
});

function recipe(bytes: Buffer = wheel, changes: Partial<NativeRecipe> = {}): NativeRecipe {
  return {
    platform: 'linux-x64',
    wheel: { project: 'tensorflow-cpu', version: '1.0', file: FILE, sha256: sha256(bytes), bytes: bytes.length },
    addon: { name: 'addon', version: '1.0.0', integrity: integrityOf(ADDON) },
    headers: { name: 'headers', version: '1.0.0', integrity: integrityOf(HEADERS) },
    ...changes,
  };
}

/** A compiler that writes its arguments and what it saw of the sources where the addon belongs. */
function compiler(body = '', name = 'compiler'): string {
  const path = join(folder, name);
  const script = `#!/usr/bin/env node
const { readFileSync, writeFileSync } = require('node:fs');
const args = process.argv.slice(2);
if (args.includes('--version')) process.exit(0);
${body}
const sources = args.filter((arg) => arg.endsWith('.cc')).map((path) => readFileSync(path, 'utf8'));
writeFileSync(args[args.indexOf('-o') + 1], JSON.stringify({ args, sources }));
`;
  writeFileSync(path, script);
  chmodSync(path, 0o755);
  return path;
}

function options(changes: Partial<SetupOptions> = {}): SetupOptions {
  return {
    recipe: recipe(),
    folder: join(folder, 'native'),
    storeDirectory: join(folder, 'store'),
    index: `http://127.0.0.1:${(index.address() as AddressInfo).port}/simple/`,
    registry: registry.url,
    platform: 'linux-x64',
    compilers: [compiler()],
    times: { idleMs: 2000, totalMs: 10_000 },
    smokeTest: async () => '1.0',
    report: silent,
    signal: new AbortController().signal,
    ...changes,
  };
}

const entries = () => (existsSync(join(folder, 'native')) ? readdirSync(join(folder, 'native')) : []);

/** Fails with this code, and leaves nothing. */
async function expectFailure(code: string, changes: Partial<SetupOptions>): Promise<GraftError> {
  const error: unknown = await setupNative(options(changes)).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code });
  expect(entries()).toEqual([]);
  if (!(error instanceof GraftError)) throw new Error('no error of ours');
  return error;
}

describe('a machine that has all it takes', () => {
  test('gets a folder with the addon, the two libraries and their licence, and nothing else', async () => {
    const tested: string[] = [];
    const result = await setupNative(
      options({
        smokeTest: async (addon) => {
          tested.push(readFileSync(addon, 'utf8'));
          return '1.0';
        },
      }),
    );
    expect(result).toMatchObject({ built: true, version: '1.0.0+tensorflow-1.0' });
    expect(readdirSync(result.folder).sort()).toEqual(
      ['LICENSE', 'libtensorflow_cc.so.2', 'libtensorflow_framework.so.2', 'native.json', 'tfjs_binding.node'].sort(),
    );
    expect(lookIntoCache(result.folder).place).toMatchObject({ version: result.version });
    const { args, sources } = JSON.parse(readFileSync(join(result.folder, 'tfjs_binding.node'), 'utf8'));
    expect(args).toEqual(expect.arrayContaining(['-std=c++17', '-DNAPI_VERSION=8', '-Wl,-rpath,$ORIGIN']));
    expect(sources).toEqual(['source']);
    expect(tested).toHaveLength(1);
    expect(entries()).toEqual([recipeKey(recipe())]);
  });

  test('does nothing the second time', async () => {
    await setupNative(options());
    const before = [indexRequests.length, registry.requests.length];
    const again = await setupNative(options({ smokeTest: () => Promise.reject(new Error('tested again')) }));
    expect(again.built).toBe(false);
    expect([indexRequests.length, registry.requests.length]).toEqual(before);
  });

  test('builds anew what was spoilt', async () => {
    const { folder: built } = await setupNative(options());
    writeFileSync(join(built, 'libtensorflow_cc.so.2'), 'half');
    expect(lookIntoCache(built)).toMatchObject({
      place: null,
      found: expect.stringContaining('libtensorflow_cc.so.2'),
    });
    expect((await setupNative(options())).built).toBe(true);
    expect(lookIntoCache(built).place).not.toBeNull();
  });

  test('takes the next compiler where the first is not there', async () => {
    const names = [join(folder, 'absent'), compiler()];
    expect((await setupNative(options({ compilers: names }))).built).toBe(true);
    expect(compilers({ CXX: 'mine' })).toEqual(['mine']);
    expect(compilers({}).length).toBeGreaterThan(1);
  });
});

describe('before anything is downloaded', () => {
  afterEach(() => expect([...indexRequests, ...registry.requests]).toEqual([]));

  test('another platform is E680', async () => {
    const { message } = await expectFailure('E680', { platform: 'darwin-arm64' });
    expect(message).toContain('darwin-arm64');
  });

  test('a machine without a compiler is E681', () => expectFailure('E681', { compilers: [join(folder, 'absent')] }));
});

describe('what goes wrong leaves no folder and has a code', () => {
  test('a compiler that fails is E682, with what it said', async () => {
    const failing = compiler(`console.error('fatal error: no C++17'); process.exit(1);`, 'failing');
    expect((await expectFailure('E682', { compilers: [failing] })).details).toContain('fatal error: no C++17');
  });

  test('a wheel that is no archive, or lacks a library, is E683', async () => {
    wheel = Buffer.from('no archive');
    await expectFailure('E683', {});
    wheel = zipOf({ 'tensorflow/libtensorflow_cc.so.2': 'library' });
    expect((await expectFailure('E683', {})).message).toContain('libtensorflow_framework.so.2');
  });

  test('a library that does not load is E684', async () => {
    await expectFailure('E684', { smokeTest });
  });

  test('a library that computes wrong is E684, and each wrong operation is named', async () => {
    const addon = join(folder, 'zeros.cjs');
    // An addon whose every answer is 0.
    writeFileSync(
      addon,
      `let next = 0; const sizes = new Map();
exports.createTensor = (shape) => { const id = next++; sizes.set(id, shape.reduce((a, b) => a * b, 1)); return id; };
exports.tensorDataSync = () => new Float32Array(4096);
exports.executeOp = (name, attributes, inputs, outputs) => Array.from({ length: outputs }, () => ({ id: next++ }));
exports.TF_Version = '1.0';`,
    );
    const error: unknown = await smokeTest(addon, new AbortController().signal).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'E684' });
    const { details } = error as GraftError;
    expect(details).toEqual(
      expect.arrayContaining([expect.stringMatching(/^wrong: Conv2D with stride 2, by kernel errs by /)]),
    );
    expect(details?.some((line) => line.startsWith('wrong: ResourceApplyAdam'))).toBe(true);
  });

  test('a place that cannot be written is E685', async () => {
    writeFileSync(join(folder, 'file'), '');
    const error: unknown = await setupNative(options({ folder: join(folder, 'file', 'native') })).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({ code: 'E685' });
  });

  test('other bytes than those pinned are E649 for the wheel and E204 for a package', async () => {
    const pinned = recipe();
    wheel = Buffer.from(WHEEL);
    wheel[40] ^= 1;
    await expectFailure('E649', { recipe: pinned });
    wheel = WHEEL;
    const other = { name: 'addon', version: '1.0.0', integrity: integrityOf(Buffer.from('other')) };
    await expectFailure('E204', { recipe: recipe(WHEEL, { addon: other }) });
  });

  test('no network is E640 for the wheel and E203 for a package', async () => {
    await registry.stop();
    await expectFailure('E203', {});
    registry = await FakeRegistry.start();
    registry.put('addon', ADDON);
    registry.put('headers', HEADERS);
    await expectFailure('E640', { index: 'http://127.0.0.1:1/simple/' });
  }, 20_000);

  test('a run that is broken off leaves nothing and throws the reason', async () => {
    const controller = new AbortController();
    const stopping = async () => {
      controller.abort(new Error('stopped'));
      return Promise.reject(new Error('aborted'));
    };
    const running = setupNative(options({ signal: controller.signal, smokeTest: stopping }));
    await expect(running).rejects.toThrow('stopped');
    expect(entries()).toEqual([]);
  });
});

const asked = process.env['GRAFT_NATIVE'] === '1';
(asked ? test : test.skip)(
  asked ? 'the pinned recipe builds and computes right' : 'the pinned recipe (set GRAFT_NATIVE=1; 274 MB)',
  async () => {
    const result = await setupNative({
      recipe: NATIVE_RECIPE,
      folder: join(folder, 'real'),
      storeDirectory: join(folder, 'store'),
      index: process.env['PIP_INDEX_URL'] ?? DEFAULT_INDEX,
      registry: null,
      platform: platformName(),
      compilers: compilers(process.env),
      report: silent,
      signal: new AbortController().signal,
    });
    expect(result.built).toBe(true);
    expect(await smokeTest(join(result.folder, 'tfjs_binding.node'), new AbortController().signal)).toBe(
      NATIVE_RECIPE.wheel.version,
    );
  },
  600_000,
);
