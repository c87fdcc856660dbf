// The build tool asks for one property; only that executor's code is loaded.
const { loadTypeScript } = require('./load-typescript.cjs');

const EXECUTORS = [
  'resolve',
  'fetch',
  'check',
  'preprocess',
  'probe',
  'train',
  'quantize',
  'compile',
  'export-kmodel',
  'threshold',
  'evaluate',
  'cross-validate',
  'self-test',
  'flash-plan',
  'export-onnx',
  'export-tfjs',
  'export-tflite',
  'export-keras',
  'flash',
  'verify-device',
  'fit',
  'show-config',
  'why',
  'plan',
  'history',
  'compare',
  'passes',
  'sweep',
  'inspect',
  'contact-sheet',
  'predict',
  'whois',
  'licenses',
  'lock',
  'setup-native',
  'doctor',
];

for (const name of EXECUTORS) {
  Object.defineProperty(exports, name, {
    enumerable: true,
    get: () => loadTypeScript(`./src/executors/${name}/executor.ts`).default,
  });
}
