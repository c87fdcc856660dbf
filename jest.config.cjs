/** @type {import('jest').Config} */
module.exports = {
  testEnvironment: 'node',
  // By itself jest leaves a core free, which on a machine of two halves the speed.
  maxWorkers: '100%',
  reporters: ['default', '<rootDir>/tools/jest/closing-line.cjs'],
  testMatch: ['<rootDir>/{libs,tools,apps}/**/*.spec.ts'],
  modulePathIgnorePatterns: ['<rootDir>/.graft/', '<rootDir>/apps/[^/]+/out/', '<rootDir>/.nx/'],
  transform: {
    '^.+\\.[jt]s$': [
      '@swc/jest',
      { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'commonjs' } },
    ],
  },
  // A few packages are published as ES modules only; they are compiled like our own code.
  transformIgnorePatterns: [
    '/node_modules/(?!(execa|@sindresorhus|figures|get-stream|human-signals|is-plain-obj|is-stream|is-unicode-supported|npm-run-path|parse-ms|path-key|pretty-ms|strip-final-newline|unicorn-magic|yoctocolors|p-limit|yocto-queue)/)',
  ],
};
