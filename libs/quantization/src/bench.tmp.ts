import { Random, silent } from '@graft/foundation';
import { buildGraph, evaluate, networkShape, backboneWeightShapes, headWeightShapes } from '@graft/model';
import type { MobilenetConfig } from '@graft/model';
import { quantizeGraph, printLayerStatistics, evaluateQuantized } from './index';
const config: MobilenetConfig = { alpha: 1, output: 'conv_pw_7_relu', input: { height: 224, width: 224 }, encoding: { scale: 1 / 127.5, offset: -1 }, head: [], classes: 2 };
const random = Random.of(1);
const weights = new Map();
for (const { name, shape } of [...backboneWeightShapes(config), ...headWeightShapes(config)] as any) {
  const size = shape.reduce((a: number, b: number) => a * b, 1);
  const fan = name.endsWith('kernel') ? (name.includes('depthwise') ? 9 : size / shape.at(-1)) : 1;
  const data = new Float32Array(size).map(() => name.endsWith('variance') ? random.between(0.5, 1.5) : name.endsWith('gamma') ? random.between(0.5, 1.5) : name.endsWith('beta') ? random.normal() * 0.5 + 0.3 : name.endsWith('mean') || name.endsWith('bias') ? random.normal() * 0.1 : random.normal() * Math.sqrt(2 / fan));
  weights.set(name, { shape, data });
}
const graph = buildGraph(config, weights);
const n = Number(process.argv[2] ?? 32);
const calibration = Array.from({ length: n }, (_, j) => new Uint8Array(3 * 224 * 224).map((_, i) => (i * (j + 3) + (i >> 8) * 7 * (j % 5)) & 255));
async function main() {
  let t = performance.now();
  const q = await quantizeGraph(graph, { calibration, method: 'minmax', percentile: 100, biasCorrection: true, report: silent, signal: new AbortController().signal });
  console.log('quantize', (performance.now() - t) / 1000, 's', process.memoryUsage.rss() / 2 ** 20);
  console.log(printLayerStatistics(q.layers));
  t = performance.now();
  const a = evaluateQuantized(q.graph, calibration[0]);
  console.log('evaluateQuantized', (performance.now() - t) / 1000, a);
  t = performance.now();
  console.log(evaluate(graph, calibration[0]), (performance.now() - t) / 1000);
}
void main();
