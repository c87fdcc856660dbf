import { silent } from '@graft/foundation';
import { compile } from '@graft/compiler';
import { writeKModel } from '@graft/kmodel';
import { writeGraph } from '@graft/model';
import { quantizeGraph, runTask } from '@graft/quantization';
import { loadSimulator } from '@graft/simulator';

import { withQuantizeThreads } from '../../nx/src/shared/quantize-threads';
import { askNncase, NNCASE_VERSION } from '../../second-opinions/src/nncase';
import type { NncaseAnswer } from '../../second-opinions/src/nncase';
import type { QuantizationCase } from './bench-quantization';

type Logits = readonly ArrayLike<number>[];

/** One network, compiled by both. */
export interface NncaseComparison {
  readonly network: string;
  readonly pictures: number;
  readonly floatRight: number;
  /** Largest difference of ONNX Runtime's logits, from the file that nncase is given, and our own float network's. */
  readonly exportDifference: number;
  readonly ours: CompilerFigures;
  /** Text: what nncase said instead. */
  readonly nncase: CompilerFigures | string;
}

export interface CompilerFigures {
  readonly right: number;
  /** Pictures to which float and device give the same answer. */
  readonly agreeing: number;
  /** Root mean square of the differences from the float network's logits, and its share of theirs. */
  readonly logitError: number;
  readonly relativeError: number;
  /** Calibration included. */
  readonly compileSeconds: number;
  readonly simulateSeconds: number;
  readonly bytes: number;
}

/** The same network and the same calibration pictures through both compilers and both simulators. */
export async function benchNncase(python: string, one: QuantizationCase): Promise<NncaseComparison> {
  const { name, graph, calibration, test } = one;
  const float = runTask({ kind: 'observe', graph, first: 0, pictures: test.pictures }).logits;
  const job = { graph: writeGraph(graph), calibration: calibration.pictures, test: test.pictures };
  const theirs = await askNncase(python, job);
  const ours = await compileAndSimulate(one);
  const figures = (answer: NncaseAnswer) => figuresOf(answer, float, test.labels);
  return {
    network: name,
    pictures: test.pictures.length,
    floatRight: countRight(float, test.labels),
    exportDifference: largestDifference(theirs.float, float),
    ours: figures(ours),
    nncase: typeof theirs.device === 'string' ? theirs.device : figures(theirs.device),
  };
}

/** By the defaults of an experiment; the simulator reads the file. */
async function compileAndSimulate({ graph, calibration, test }: QuantizationCase): Promise<NncaseAnswer> {
  const started = performance.now();
  const { graph: quantized } = await withQuantizeThreads((tasks) =>
    quantizeGraph(graph, {
      calibration: calibration.pictures,
      labels: calibration.labels,
      method: 'minmax',
      percentile: 99.99,
      biasCorrection: true,
      roundingSearch: true,
      channelScales: 'auto',
      tasks,
      report: silent,
      signal: new AbortController().signal,
    }),
  );
  const bytes = writeKModel(compile(quantized).model);
  const compiled = performance.now();
  const simulator = loadSimulator(bytes);
  const logits = test.pictures.map((picture) => {
    let last: number[] = [];
    simulator.run(picture, (_, kind, output) => {
      if (kind === 'fullyConnected') last = Array.from(output);
    });
    return last;
  });
  const ended = performance.now();
  return {
    logits,
    compileSeconds: (compiled - started) / 1000,
    simulateSeconds: (ended - compiled) / 1000 / logits.length,
    bytes: bytes.length,
  };
}

export function figuresOf(answer: NncaseAnswer, float: Logits, labels: readonly number[]): CompilerFigures {
  const { logits, compileSeconds, simulateSeconds, bytes } = answer;
  const size = rootMeanSquare(float.flatMap((scores) => Array.from(scores)));
  const differences = float.flatMap((scores, index) => Array.from(scores, (score, at) => logits[index][at] - score));
  const logitError = rootMeanSquare(differences);
  const agreeing = logits.filter((scores, index) => largest(scores) === largest(float[index])).length;
  const rest = { compileSeconds, simulateSeconds, bytes };
  return { right: countRight(logits, labels), agreeing, logitError, relativeError: logitError / size, ...rest };
}

function countRight(logits: Logits, labels: readonly number[]): number {
  return logits.filter((scores, index) => largest(scores) === labels[index]).length;
}

function largest(scores: ArrayLike<number>): number {
  const values = Array.from(scores);
  return values.indexOf(Math.max(...values));
}

function largestDifference(a: Logits, b: Logits): number {
  return Math.max(...a.flatMap((scores, index) => Array.from(scores, (score, at) => Math.abs(score - b[index][at]))));
}

function rootMeanSquare(values: readonly number[]): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0) / values.length);
}

/** A table with both side by side. */
export function renderComparison(comparison: NncaseComparison): string {
  const { network, pictures, floatRight, exportDifference, ours, nncase } = comparison;
  const both = (show: (figures: CompilerFigures) => string): string[] => [
    show(ours),
    typeof nncase === 'string' ? '-' : show(nncase),
  ];
  const rows = [
    ['', 'Graft', `nncase ${NNCASE_VERSION}`],
    ['device accuracy', ...both(({ right }) => `${right} of ${pictures}`)],
    ['agreement with float', ...both(({ agreeing }) => `${agreeing} of ${pictures}`)],
    [
      'logit error (RMS)',
      ...both(({ logitError, relativeError }) => `${logitError.toFixed(3)} (${(100 * relativeError).toFixed(1)} %)`),
    ],
    ['calibrate and compile', ...both(({ compileSeconds }) => `${compileSeconds.toFixed(1)} s`)],
    ['simulate one picture', ...both(({ simulateSeconds }) => `${(1000 * simulateSeconds).toFixed(0)} ms`)],
    ['file', ...both(({ bytes }) => `${bytes} bytes`)],
  ];
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column].length)));
  const table = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]))
      .join('  ')
      .trimEnd(),
  );
  return [
    `${network}: float ${floatRight} of ${pictures} test pictures`,
    `the exported file and our float network differ by at most ${exportDifference.toExponential(1)} in ONNX Runtime`,
    ...table,
    ...(typeof nncase === 'string' ? [`nncase does not compile this network: ${nncase}`] : []),
  ].join('\n');
}
