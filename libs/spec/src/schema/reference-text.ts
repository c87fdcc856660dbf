export const intro = `# The files \`experiment.yaml\` and \`project.yaml\`

<!-- Made from the schemas in libs/spec; write it anew with: node -r @swc-node/register libs/spec/scripts/write-schemas.ts -->

An experiment is a folder below \`apps/\` with an \`experiment.yaml\`. Everything has a default that is right for a few hundred
pictures on a K210 board, so the smallest useful file is:

\`\`\`yaml
# yaml-language-server: $schema=../../schemas/experiment.schema.json
# $schema: ../../schemas/experiment.schema.json
version: 1
classes: [charizard, pikachu] # the order is the output index, everywhere
dataset:
  sources:
    - type: directory # one folder per class
      path: ./images
\`\`\`

The two comment lines give editors completion, hover text and squiggles. \`npx nx run <experiment>:show-config\` prints the
merged experiment with where each value comes from.

A longer one:

\`\`\`yaml
version: 1
name: pokedex
description: Tell Pikachu from Charizard on a Maix Bit
extends: [small-data, k210-safe]
seed: 42
classes:
  - name: charizard
    folders: [charizard, mega-charizard] # other folder names that mean the same class
  - name: pikachu

dataset:
  sources:
    - type: directory
      path: ./images
      license: CC0-1.0
    - type: npm
      package: pokesprite-images
      version: 2.7.0
      integrity: sha512-LQuzyaEDl4ow75fPzrVuJB0cIRmxVq4XBecDFajA0WrZI1xHCmXn5OSBul44D+24tA1kMT7GSROmct5FRg8dtQ==
      pictures:
        charizard: ["pokemon-gen*/**/charizard*.png"]
        pikachu: ["pokemon-gen*/**/pikachu*.png"]
    - type: archive # zip, tar, tar.gz, tar.xz
      url: https://pictures.example.org/extra-1.2.tar.gz
      sha256: 5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef
      strip_components: 1
      license: CC-BY-4.0
      attribution: Photographs by A. Person
    - type: http
      list: ./urls.csv # url, sha256, label, license, attribution
  limits: { max_per_class: 400, max_file_size: 20 MiB }
  split: { train: 60%, validation: 20%, test: 20% }

preprocess:
  image_size: 128
  background: "#808080"

augment:
  random_rotation: 20 deg
  random_blur: { sigma: 1.5, probability: 10% }
  random_erasing: { area: 15%, probability: 20% }
  camera: maix-bit # lens, exposure, noise, RGB565
  composite: { scale: [30%, 100%] }
  repeats: 6

model:
  output: conv_pw_7_relu
  head:
    - dense: 100
      activation: relu
    - dropout: 0.5

train:
  epochs: 40
  optimizer: { name: sgd, momentum: 0.9, nesterov: true }
  callbacks:
    early_stopping: { patience: 8 }

require:
  device_accuracy: ">= 90%" # quotes: YAML reads a bare > otherwise
  kmodel_size: "<= 2 MiB"
  latency: "<= 60 ms" # estimated, not measured

target: { device: maix-bit, firmware: minimum }
flash: { engine: sd, threshold: 70% }
\`\`\`

## How values are written

- Shares: \`15%\` or \`0.15\`. Angles: \`10 deg\` or \`10\`. Sizes: \`2 MiB\` (1024²), \`2 MB\` (1000²) or bytes. Addresses: \`0x300000\`.
- Limits under \`require\` and colours stand in quotes: YAML has another meaning for a bare \`>\` and \`#\`.
- An empty value (or \`null\`) returns a key to its default, whatever presets say.
- Names of classes that look like numbers or truth values are kept as text; quote them so that other readers agree.
- Unknown and duplicate keys are errors. All problems of all files are shown together, each with its line.

## How files merge

Built-in defaults < \`defaults\` of project.yaml < what \`extends\` names, in its order < the experiment itself.

- Maps merge; lists and single values replace. \`model.weights\`, \`model.freeze\` and \`train.optimizer\` replace as a whole.
- \`extends\` takes names of presets and relative paths of other experiments (ending in .yaml); presets may extend presets. A
  circle is an error that prints the circle.
- \`version\`, \`name\` and \`description\` are not inherited.
- The path of a \`directory\` source is relative to the experiment file it is written in; in project.yaml, to the experiment
  that uses it.

## Which keys wake which stage

The column *wakes* names the stages that read a key; evaluate, whose report shows all
keys but \`description\`, is named only where it reads one by itself; flash-plan, whose kit names the
settings of its model, also follows all that shape it. A stage runs again only when a key that it reads has another value, or
its input changed; comments, the order of keys, quotes and the spelling of units never cause work.
`;

export const outro = `
Presets hold the same keys as an experiment, without \`version\`, \`name\` and \`description\`:

\`\`\`yaml
version: 1
defaults:
  target: maix-bit
presets:
  quick:
    train: { epochs: 3 }
    augment: { repeats: 0 }
  quick-and-small:
    extends: [quick]
    preprocess: { image_size: 128 }
devices:
  desk-bit: { profile: maix-bit, serial: "A9007K2x", baud_rate: 1500000 }
mirrors:
  "https://storage.googleapis.com/": ./mirror/
\`\`\`

With \`target: desk-bit\` an experiment is for that board on your bench: the model and its plan are those of its profile, and
\`flash\` and \`verify-device\` look for the port with that serial number.
`;
