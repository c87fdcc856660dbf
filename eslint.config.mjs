import { readFileSync } from 'node:fs';
import tseslint from 'typescript-eslint';

/**
 * Library → libraries it may import, and those of which it may import types only. The same table tells the build tool
 * whose code a stage runs: types are not code.
 */
const boundaries = JSON.parse(readFileSync(new URL('tools/nx/boundaries.json', import.meta.url), 'utf8'));

/** Packages that only one library may use, beside Node's own modules. */
const homes = {
  yaml: ['spec'],
  ajv: ['spec'],
  pacote: ['dataset'],
  tar: ['dataset'],
  yauzl: ['dataset', 'flasher'],
  'xz-decompress': ['dataset'],
  'http-proxy-agent': ['dataset'],
  'https-proxy-agent': ['dataset'],
  picomatch: ['dataset'],
  yazl: ['exchange', 'flasher'],
  serialport: ['flasher'],
  yauzl: ['dataset', 'flasher', 'native-setup'],
  sharp: ['image'],
  '@bufbuild/protobuf': ['exchange'],
  flatbuffers: ['exchange'],
  '@tensorflow/tfjs-core': ['training'],
  '@tensorflow/tfjs-backend-wasm': ['training'],
  '@nx/devkit': [],
  nx: [],
};

const libraryRules = Object.keys(boundaries).map((library) => ({
  files: [`libs/${library}/src/**/*.ts`],
  // A fixture is a part of the tests that import it.
  ignores: ['**/*.spec.ts', '**/*.fixture.ts'],
  rules: {
    'no-console': 'error',
    '@typescript-eslint/no-restricted-imports': [
      'error',
      {
        patterns: [
          ...forbiddenLibraries(library),
          { group: ['@graft/*/*', '**/libs/*', '**/tools/*'], message: 'A library is used through its index.ts only.' },
          { group: ['**/*.fixture'], message: 'Fixtures are for tests.' },
          ...forbiddenPackages(library),
        ],
      },
    ],
  },
}));

function forbiddenLibraries(library) {
  const { imports, types } = boundaries[library];
  const named = (libraries) => libraries.map((other) => `@graft/${other}`);
  const known = new Set([...imports, ...types, library]);
  const forbidden = [...Object.keys(boundaries), 'nx'].filter((other) => !known.has(other));
  return [
    {
      group: named(forbidden),
      message: `libs/${library} may not import this: data flows one way (tools/nx/boundaries.json).`,
    },
    {
      group: named(types),
      allowTypeImports: true,
      message: `libs/${library} may import only types from here (tools/nx/boundaries.json).`,
    },
  ].filter(({ group }) => group.length > 0);
}

function forbiddenPackages(library) {
  const group = Object.entries(homes)
    .filter(([, libraries]) => !libraries.includes(library))
    .map(([name]) => name);
  return [{ group, message: `This package has its home in another library than libs/${library}.` }];
}

export default tseslint.config(
  { ignores: ['node_modules', '**/out/**', '.nx', '.graft', '**/*.cjs', '**/*.mjs', 'coverage'] },
  ...tseslint.configs.strict,
  {
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', ignoreRestSiblings: true }],
      '@typescript-eslint/no-invalid-void-type': 'off',
      'no-restricted-syntax': [
        'error',
        {
          selector: "CallExpression[callee.name='exec']",
          message: 'No shell strings: pass arguments to execa or execFile.',
        },
      ],
    },
  },
  ...libraryRules,
);
