// Simulates pictures beside the main thread: takes planar bytes, answers with the model's first output.
const { parentPort, workerData } = require('node:worker_threads');
const { loadTypeScript } = require('../../load-typescript.cjs');

const { loadSimulator } = loadTypeScript('../../libs/simulator/src/index.ts');
const simulator = loadSimulator(workerData);

parentPort.on('message', ({ index, planes }) => {
  parentPort.postMessage({ index, output: simulator.run(planes)[0] });
});
