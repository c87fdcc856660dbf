// ONNX Runtime in a thread of its own: `{ load }`, then `{ model }`, then any number of `{ pictures }`, one answer each, in the form of
// foundation's `askThread`. One thread of computation, so that sums keep their order.
const { createRequire } = require('node:module');
const { join } = require('node:path');
const { parentPort, workerData } = require('node:worker_threads');

let runtime;
let session;

async function load() {
  runtime = createRequire(join(workerData.folder, 'index.js'))('onnxruntime-web');
  runtime.env.wasm.numThreads = 1;
  runtime.env.logLevel = 'error';
}

async function open(model) {
  await session?.release();
  session = undefined;
  session = await runtime.InferenceSession.create(model, { executionProviders: ['wasm'] });
}

async function run(pictures) {
  const [{ name, type, shape }] = session.inputMetadata;
  const values =
    type === 'uint8' ? new Uint8Array(Buffer.concat(pictures)) : Float32Array.from(Buffer.concat(pictures));
  const input = new runtime.Tensor(type, values, [pictures.length, ...shape.slice(1)]);
  const { [session.outputNames[0]]: output } = await session.run({ [name]: input });
  const each = output.data.length / pictures.length;
  return pictures.map((_, at) => output.data.slice(at * each, (at + 1) * each));
}

async function answer({ load: wanted, model, pictures }) {
  if (wanted) return load();
  return model === undefined ? run(pictures) : open(model);
}

parentPort.on('message', async (message) => {
  try {
    parentPort.postMessage({ answer: await answer(message) });
  } catch (error) {
    parentPort.postMessage({
      error: { code: null, message: String(error?.message ?? error), hint: null, details: [] },
    });
  }
});
