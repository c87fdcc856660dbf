// A thread of the training library: runs networks and learns beside the main thread.
const { parentPort, workerData } = require('node:worker_threads');
const { loadTypeScript } = require('../../load-typescript.cjs');

loadTypeScript('../../libs/training/src/index.ts').runThread(parentPort, workerData);
