// Does pieces of the quantizer's work beside the main thread: takes a task, answers with its result or its error.
const { parentPort } = require('node:worker_threads');
const { loadTypeScript } = require('../../load-typescript.cjs');

const { runTask } = loadTypeScript('../../libs/quantization/src/index.ts');

parentPort.on('message', (task) => {
  try {
    parentPort.postMessage({ result: runTask(task) });
  } catch (error) {
    // A class does not survive the way between threads; what it says does.
    const { code, message, hint } = error;
    parentPort.postMessage({ error: { code, message, hint } });
  }
});
