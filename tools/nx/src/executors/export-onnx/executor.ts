import { writeOnnx, writeOnnxInt8 } from '@graft/exchange';
import type { ExportOnnxSettings } from '@graft/pipeline';
import { cardOf, deliver } from '../../shared/exchange';
import { readQuantized, readTrained } from '../../shared/networks';
import { stageExecutor } from '../../shared/stage-executor';

export default stageExecutor<ExportOnnxSettings>('export-onnx', async (job) => {
  const { name, variants } = job.settings;
  const trained = await readTrained(job);
  const card = await cardOf(trained, job);
  const files = [];
  if (variants.includes('float32')) files.push({ path: `${name}.onnx`, bytes: writeOnnx(trained.graph, card) });
  if (variants.includes('int8'))
    files.push({ path: `${name}.int8.onnx`, bytes: writeOnnxInt8(await readQuantized(job), card) });
  await deliver(files, 'model', job, 'export-onnx');
});
