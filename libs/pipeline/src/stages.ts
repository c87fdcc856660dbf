import type { StageDeclaration, StageName } from './stage';

const TFJS = ['@tensorflow/tfjs-core', '@tensorflow/tfjs-backend-wasm'] as const;

/** The graph of stages. `resolve` comes first and gives every other stage its slice of the spec. */
export const STAGES: readonly StageDeclaration[] = [
  {
    name: 'resolve',
    summary: 'Reads and checks the experiment, checks that the model fits the board, writes one slice for each stage.',
    consumes: [],
    libraries: ['spec', 'pipeline', 'model', 'compiler', 'k210', 'evaluation'],
    packages: ['yaml', 'ajv'],
    usesAllCores: false,
  },
  {
    name: 'fetch',
    summary: 'Gets the pictures and the pretrained weights, checked against the lock.',
    consumes: [],
    libraries: ['dataset', 'exchange', 'pipeline'],
    packages: [
      '@bufbuild/protobuf',
      'pacote',
      'tar',
      'yauzl',
      'xz-decompress',
      'http-proxy-agent',
      'https-proxy-agent',
      'picomatch',
    ],
    usesAllCores: false,
  },
  {
    name: 'check',
    summary:
      'Says what is wrong with the pictures: copies, look-alikes, wrong labels, bad files; with a page to look at.',
    consumes: [{ stage: 'fetch', files: 'pictures/**/*' }],
    libraries: ['spec', 'dataset', 'image', 'quality', 'pipeline'],
    packages: ['sharp', 'picomatch'],
    usesAllCores: true,
  },
  {
    name: 'preprocess',
    summary: 'Decodes, checks, splits and resizes the pictures.',
    consumes: [{ stage: 'fetch', files: 'pictures/**/*' }],
    libraries: ['dataset', 'image', 'quality', 'pipeline'],
    packages: ['sharp', 'picomatch'],
    usesAllCores: true,
  },
  {
    name: 'probe',
    summary:
      'Says where the backbone ends: as the experiment names it, or where cross-validated probes do well enough.',
    consumes: [
      { stage: 'fetch', files: 'weights/**/*' },
      { stage: 'preprocess', files: 'examples/**/*' },
    ],
    libraries: ['dataset', 'image', 'training', 'pipeline'],
    packages: [...TFJS],
    usesAllCores: true,
  },
  {
    name: 'train',
    summary: 'Trains the network on top of pretrained weights.',
    consumes: [
      { stage: 'fetch', files: 'weights/**/*' },
      { stage: 'preprocess', files: 'examples/**/*' },
      { stage: 'probe', files: 'cut/**/*' },
    ],
    libraries: ['image', 'model', 'training', 'pipeline'],
    packages: [...TFJS],
    usesAllCores: true,
  },
  {
    name: 'quantize',
    summary: 'Turns the trained network into 8-bit numbers, calibrated on training pictures.',
    consumes: [
      { stage: 'preprocess', files: 'examples/**/*' },
      { stage: 'train', files: 'model/**/*' },
    ],
    libraries: ['image', 'model', 'quantization', 'pipeline'],
    packages: [],
    usesAllCores: true,
  },
  {
    name: 'compile',
    summary: 'Lowers the quantized network to a kmodel and runs it on the test pictures in the arithmetic of the chip.',
    consumes: [
      { stage: 'preprocess', files: 'examples/**/*' },
      { stage: 'train', files: 'model/**/*' },
      { stage: 'quantize', files: 'model/**/*' },
    ],
    libraries: ['image', 'model', 'training', 'quantization', 'compiler', 'kmodel', 'simulator', 'pipeline'],
    packages: [...TFJS],
    usesAllCores: true,
  },
  {
    name: 'export-kmodel',
    summary: 'Hands out the kmodel with its accuracy, size and memory, if it meets what the experiment requires.',
    consumes: [
      { stage: 'compile', files: 'model/**/*' },
      { stage: 'compile', files: 'measured/**/*' },
    ],
    libraries: ['evaluation', 'pipeline'],
    packages: [],
    usesAllCores: false,
    alongside: ['evaluate'],
  },
  {
    name: 'threshold',
    summary: 'Chooses the probability below which the answer is "none of these", where evaluate.unknown asks for it.',
    consumes: [
      { stage: 'fetch', files: 'unknown/**/*' },
      { stage: 'preprocess', files: 'examples/**/*' },
      { stage: 'compile', files: 'model/**/*' },
      { stage: 'compile', files: 'measured/**/*' },
    ],
    libraries: ['dataset', 'image', 'simulator', 'evaluation', 'pipeline'],
    packages: ['sharp', 'picomatch'],
    usesAllCores: true,
  },
  {
    name: 'evaluate',
    summary:
      'Writes the report: accuracy of float and device with intervals, confusion, worst pictures, what 8 bits cost.',
    consumes: [
      { stage: 'fetch', files: 'lock/**/*' },
      { stage: 'check', files: 'check.json' },
      { stage: 'preprocess', files: 'examples/**/*' },
      { stage: 'probe', files: 'statistics/**/*' },
      { stage: 'train', files: 'history/**/*' },
      { stage: 'quantize', files: 'statistics/**/*' },
      { stage: 'compile', files: 'model/**/*' },
      { stage: 'compile', files: 'measured/**/*' },
      { stage: 'threshold', files: 'threshold/**/*' },
    ],
    libraries: ['image', 'evaluation', 'pipeline'],
    packages: ['sharp'],
    usesAllCores: false,
    namesTools: true,
  },
  {
    name: 'self-test',
    summary: "Chooses test pictures for the board's self-test and simulates what the chip answers to them.",
    consumes: [
      { stage: 'preprocess', files: 'examples/**/*' },
      { stage: 'compile', files: 'model/**/*' },
      { stage: 'compile', files: 'measured/**/*' },
    ],
    libraries: ['image', 'simulator', 'evaluation', 'flasher', 'pipeline'],
    packages: [],
    usesAllCores: true,
  },
  {
    name: 'flash-plan',
    summary: 'Prepares what flashing would write: the plan, and the card folder or package that the engine delivers.',
    consumes: [
      { stage: 'fetch', files: 'lock/**/*' },
      { stage: 'export-kmodel', files: '*.kmodel' },
      { stage: 'threshold', files: 'threshold/**/*' },
      { stage: 'self-test', files: 'kit/**/*' },
    ],
    libraries: ['flasher', 'k210', 'pipeline'],
    packages: ['yauzl', 'yazl'],
    usesAllCores: false,
    namesTools: true,
  },
  {
    name: 'export-onnx',
    summary: 'Writes the network as ONNX files: the trained one in float32, and the quantized one in int8.',
    consumes: [
      { stage: 'fetch', files: 'lock/**/*' },
      { stage: 'train', files: 'model/**/*' },
      { stage: 'quantize', files: 'model/**/*' },
    ],
    libraries: ['exchange', 'model', 'quantization', 'pipeline'],
    packages: ['@bufbuild/protobuf'],
    usesAllCores: false,
    namesTools: true,
  },
  {
    name: 'export-tfjs',
    summary: 'Writes the trained network as a TensorFlow.js layers model, in float32.',
    consumes: [
      { stage: 'fetch', files: 'lock/**/*' },
      { stage: 'train', files: 'model/**/*' },
    ],
    libraries: ['exchange', 'model', 'pipeline'],
    packages: [],
    usesAllCores: false,
    namesTools: true,
  },
  {
    name: 'export-tflite',
    summary: 'Writes the network as TFLite files: the trained one in float32, and the quantized one in int8.',
    consumes: [
      { stage: 'fetch', files: 'lock/**/*' },
      { stage: 'train', files: 'model/**/*' },
      { stage: 'quantize', files: 'model/**/*' },
      { stage: 'quantize', files: 'tail/**/*' },
    ],
    libraries: ['exchange', 'model', 'quantization', 'pipeline'],
    packages: ['flatbuffers'],
    usesAllCores: false,
    namesTools: true,
  },
  {
    name: 'export-keras',
    summary: 'Writes the trained network as a file that Keras 3 loads, in float32.',
    consumes: [
      { stage: 'fetch', files: 'lock/**/*' },
      { stage: 'train', files: 'model/**/*' },
    ],
    libraries: ['exchange', 'model', 'pipeline'],
    packages: ['yazl'],
    usesAllCores: false,
    namesTools: true,
  },
  {
    name: 'cross-validate',
    summary:
      'Trains, quantizes and simulates once for each fold and reports float and device accuracy over all pictures.',
    consumes: [
      { stage: 'fetch', files: 'weights/**/*' },
      { stage: 'preprocess', files: 'examples/**/*' },
    ],
    libraries: [
      'dataset',
      'image',
      'training',
      'quantization',
      'compiler',
      'kmodel',
      'simulator',
      'evaluation',
      'pipeline',
    ],
    packages: [...TFJS],
    usesAllCores: true,
  },
];

export function stageNamed(name: StageName): StageDeclaration {
  const stage = STAGES.find((candidate) => candidate.name === name);
  if (stage === undefined) throw new Error(`internal: no stage is called "${name}"`);
  return stage;
}

/** The stages whose outputs a stage takes, each once. */
export function producersOf(stage: StageDeclaration): StageName[] {
  return [...new Set(stage.consumes.map((consumed) => consumed.stage))];
}
