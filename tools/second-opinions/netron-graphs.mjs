// node netron-graphs.mjs FOLDER FILE…: prints, as JSON, the graphs that the viewer netron makes of files. FOLDER is an
// unpacked netron; its own code recognizes and parses each file. A process of its own, as netron extends built-in types.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [folder, ...files] = process.argv.slice(2);
const load = (file) => import(pathToFileURL(join(folder, file)).href);

try {
  const { BinaryStream } = await load('base.js');
  const { ModelFactoryService } = await load('view.js');
  const service = new ModelFactoryService(host());
  const models = [];
  for (const file of files) models.push(describeModel(await service.open(context(file, BinaryStream))));
  process.stdout.write(JSON.stringify(models));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}

/** The part of netron's window that parsing needs. */
function host() {
  return { require: (id) => load(`${id}.js`), event: () => undefined };
}

function context(file, BinaryStream) {
  return {
    identifier: basename(file),
    stream: new BinaryStream(new Uint8Array(readFileSync(file))),
    entries: new Map(),
    require: host().require,
  };
}

function describeModel({ format, modules }) {
  return {
    format,
    graphs: modules.map(({ inputs, outputs, nodes }) => ({
      inputs: inputs.map(describeArgument),
      outputs: outputs.map(describeArgument),
      nodes: nodes.map(describeNode),
    })),
  };
}

function describeNode({ type, attributes, inputs, outputs, chain }) {
  return {
    type: type.name,
    attributes: Object.fromEntries(attributes.map(({ name, value }) => [name, plain(value)])),
    inputs: inputs.map(describeArgument),
    outputs: outputs.map(describeArgument),
    chain: chain.map(describeNode),
  };
}

function describeArgument({ name, value }) {
  return { name, values: value.map(describeValue) };
}

function describeValue({ name, type, initializer }) {
  return {
    name,
    ...(type ? { dataType: type.dataType, shape: type.shape.dimensions } : {}),
    ...(initializer ? describeBytes(initializer.values) : {}),
  };
}

function describeBytes(bytes) {
  return { bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
}

function plain(value) {
  return value instanceof Uint8Array ? [...value] : value;
}
