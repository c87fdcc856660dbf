import { join } from 'node:path';
import { canonicalJson, writeFileAtomic } from '@graft/foundation';
import { openExamples } from '@graft/image';
import type { QuantizeSettings } from '@graft/pipeline';
import { writeQuantizedGraph } from '@graft/quantization';
import type { DenseComparison } from '@graft/quantization';
import { indicesWhere } from '../../shared/examples';
import { readTrained } from '../../shared/networks';
import { describeAwareTraining, quantizeFrom } from '../../shared/quantizing';
import { stageExecutor } from '../../shared/stage-executor';

export default stageExecutor<QuantizeSettings>('quantize', async (job) => {
  const { calibration } = job.settings.quantize;
  const { graph } = await readTrained(job);
  const examples = await openExamples(join(job.input('preprocess'), 'examples'));
  // Training pictures only: a model calibrated on its test pictures would look better than it is.
  const training = indicesWhere(examples, (record) => record.split === 'train');
  const validation = indicesWhere(examples, (record) => record.split === 'validation');
  const quantized = await quantizeFrom(job.settings, { examples, learned: training, validation }, graph, job);
  const { json, bytes } = writeQuantizedGraph(quantized.graph);
  await writeFileAtomic(join(job.folder, 'model', 'quantized.json'), json);
  await writeFileAtomic(join(job.folder, 'model', 'quantized.bin'), bytes);
  await writeFileAtomic(join(job.folder, 'statistics', 'layers.json'), canonicalJson(quantized.layers));
  await writeFileAtomic(join(job.folder, 'statistics', 'candidates.json'), canonicalJson(quantized.candidates));
  await writeFileAtomic(join(job.folder, 'statistics', 'dense.json'), canonicalJson(quantized.dense));
  await writeFileAtomic(join(job.folder, 'tail', 'ranges.json'), canonicalJson(quantized.tail));
  await writeFileAtomic(join(job.folder, 'statistics', 'aware-training.json'), canonicalJson(quantized.awareTraining));
  for (const { name, chosen, logitError, deviceAccuracy, pictures } of quantized.candidates) {
    const right = Math.round(deviceAccuracy * pictures);
    job.say(
      `${chosen ? 'chosen:' : 'tried:'} ${name}; ${right} of ${pictures} right, logit error ${logitError.toFixed(4)}`,
    );
  }
  if (quantized.dense !== null) job.say(denseLine(quantized.dense));
  const trainedAware = describeAwareTraining(quantized);
  if (trainedAware !== null) job.say(trainedAware);
  job.say(
    `${quantized.graph.convolutions.length} convolutions in 8 bits, calibrated on ${Math.min(calibration.samples, training.length)} training pictures`,
  );
});

function denseLine({ layers, pictures, cpu, kpu, chosen }: DenseComparison): string {
  const figures = ({ accuracy, logitError }: DenseComparison['cpu']) =>
    `${Math.round(accuracy * pictures)} of ${pictures} right, logit error ${logitError.toFixed(4)}`;
  const place = chosen === 'kpu' ? 'on the KPU in 8 bits' : 'stay float32 on the CPU';
  return `dense layers ${layers.join(', ')} ${place}; in 8 bits ${figures(kpu)}, as floats ${figures(cpu)}`;
}
