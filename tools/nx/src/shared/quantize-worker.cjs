// Does pieces of the quantizer's work beside the main thread: takes a task, answers with its result or its error.
const { parentPort } = require('node:worker_threads');
const { loadTypeScript } = require('../../load-typescript.cjs');

const { answerMessages } = loadTypeScript('../../libs/foundation/src/index.ts');
const { runTask } = loadTypeScript('../../libs/quantization/src/index.ts');

answerMessages(parentPort, runTask);
