import type { Finding } from '../validate';
import type { ConvolutionInspection } from './convolution';
import type { Inspection, KpuRamInspection, LayerInspection, TensorInspection } from './inspection';
import type { RealRange } from './ranges';
import { printTable } from './table';

/** A page for people: facts of the file, a table of shapes and places, one of numbers, complaints. Ends with a line feed. */
export function printInspection(inspection: Inspection): string {
  return [
    facts(inspection),
    `Shapes and places. Maps are channels × height × width.\n${placesTable(inspection.layers)}`,
    `Numbers\n${numbersTable(inspection.layers)}${LEGEND}`,
    findingsText(inspection.findings),
  ].join('\n');
}

const LEGEND = `
zero in, zero w: the byte of the input and the weight that mean 0. bits: of the sum of products and after the batch norm,
for any picture; the KPU has 36. slopes: segments of the activation that are reached and not constant. gain: bytes of the
output per unit of the sum, from the least channel to the greatest; it is scale in × scale w / scale out.
scale ?: the file does not say. A kmodel holds scales only where floats become bytes or bytes become floats; between two
convolutions there are zero points and gains. ?: not even a zero point. Floats are bounds over all inputs.
`;

function facts({ layers, outputs, ...file }: Inspection): string {
  const onKpu = layers.filter(({ convolution }) => convolution !== null).length;
  const rows = [
    ['layers', `${layers.length}: ${onKpu} on the KPU, ${layers.length - onKpu} on the CPU`],
    ['weights', `${bytesOf(file.weightBytes)} on the KPU, ${file.weightBits} bits each`],
    ['products', `${grouped(file.macs)} a picture on the KPU`],
    ['KPU RAM', kpuRamText(file.kpuRam)],
    ['main memory', bytesOf(file.mainMemoryBytes)],
    ...(layers[0]?.inputs ?? []).map((input) => ['input', `${grouped(countOf(input))} ${input.content}, ${shapeOf(input)}`]), // prettier-ignore
    ...outputs.map(({ address, size }, index) => [`output ${index}`, `${size / 4} floats at ${span(address, size)}`]),
  ];
  return `kmodel v3, ${bytesOf(file.fileBytes)}\n${rows.map(([name, text]) => `  ${name.padEnd(12)} ${text}\n`).join('')}`;
}

function kpuRamText({ statedFirstLine, firstLine, lastLine, peakBytes }: KpuRamInspection): string {
  if (firstLine === null || lastLine === null) return 'not in use';
  const stated = statedFirstLine === firstLine ? '' : `; the header says from line ${statedFirstLine}`;
  return `lines ${firstLine}–${lastLine}; at most ${bytesOf(peakBytes)} in one layer${stated}`;
}

const PLACES = ['#', 'layer', 'input', 'output', 'kernel', 'pool', 'KPU lines', 'main memory', 'weights', 'products', 'body']; // prettier-ignore

function placesTable(layers: readonly LayerInspection[]): string {
  return printTable(
    PLACES,
    layers.map((layer) => {
      const { index, inputs, outputs, convolution, body, settings } = layer;
      return [
        `${index}`,
        nameOf(layer),
        few(inputs.map(shapeOf), ' + '),
        few(outputs.slice(0, 1).map(shapeOf), ''),
        convolution === null ? windowOf(settings) : `${convolution.kernel}×${convolution.kernel}`,
        convolution === null ? '' : poolOf(convolution),
        arrow(layer, 'kpu'),
        arrow(layer, 'main'),
        convolution === null ? '' : weightsOf(convolution),
        convolution === null ? '' : grouped(convolution.macs),
        `${grouped(body.bytes)} at ${body.offset}`,
      ];
    }),
  );
}

const NUMBERS = ['#', 'layer', 'zero in', 'zero w', 'pad', 'add', 'bits', 'slopes', 'gain', 'input', 'output'];

function numbersTable(layers: readonly LayerInspection[]): string {
  return printTable(
    NUMBERS,
    layers.map((layer) => [
      `${layer.index}`,
      nameOf(layer),
      ...(layer.convolution === null ? ['', '', '', '', '', '', ''] : numbersOf(layer.convolution)),
      few(layer.inputs.map(rangeOf), ' + '),
      few(layer.outputs.slice(0, 1).map(rangeOf), ''),
    ]),
  );
}

function numbersOf({ inputZeroPoint, weights, padValue, argAdd, sums, norms, slopes, gain }: ConvolutionInspection) {
  return [
    ...[inputZeroPoint, weights.zeroPoint, padValue, argAdd].map(digits),
    `${sums.bits}, ${norms.bits}`,
    `${slopes}`,
    gain === null ? '' : gain.min === gain.max ? digits(gain.min) : `${digits(gain.min)} … ${digits(gain.max)}`,
  ];
}

function nameOf({ kind, convolution }: LayerInspection): string {
  return convolution?.depthwise === true ? 'depthwise convolution' : kind;
}

function shapeOf({ shape }: TensorInspection): string {
  return shape.join('×');
}

function countOf({ shape }: TensorInspection): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** Window of a pool on the CPU. */
function windowOf({ kernelHeight, kernelWidth, strideHeight, strideWidth }: LayerInspection['settings']): string {
  return kernelHeight === undefined ? '' : `${kernelHeight}×${kernelWidth} step ${strideHeight}×${strideWidth}`;
}

function poolOf({ pool }: ConvolutionInspection): string {
  return pool.code === 0 ? 'none' : `${pool.code}: ${pool.name}`;
}

function weightsOf({ weights }: ConvolutionInspection): string {
  return `${grouped(weights.bytes)} in ${weights.loads} × ${grouped(weights.bytesPerLoad)}`;
}

function arrow({ inputs, outputs }: LayerInspection, memory: 'kpu' | 'main'): string {
  const [from, to] = [inputs, outputs].map((tensors) =>
    few(tensors.filter(({ place }) => place.memory === memory).map(placeOf), ' + '),
  );
  return from === '' && to === '' ? '' : `${from}${from === '' ? '' : ' '}→${to === '' ? '' : ' '}${to}`;
}

function placeOf({ place }: TensorInspection): string {
  return place.memory === 'kpu' ? span(place.firstLine, place.lines) : span(place.address, place.bytes);
}

function span(first: number, count: number): string {
  return count === 0 ? `nothing at ${first}` : `${first}–${first + count - 1}`;
}

function rangeOf({ content, range }: TensorInspection): string {
  const { interval, zeroPoint, scale }: RealRange = range;
  const ends = interval === null ? '' : `${digits(interval.min)} … ${digits(interval.max)}`;
  if (content === 'floats') return ends === '' ? '?' : ends;
  if (scale !== null) return `${ends} (scale ${digits(scale)}, zero ${digits(zeroPoint ?? 0)})`;
  return zeroPoint === null ? '?' : `zero ${digits(zeroPoint)}, scale ?`;
}

const MOST_TENSORS = 4;

function few(texts: readonly string[], separator: string): string {
  const rest = texts.length - MOST_TENSORS;
  const shown = texts.slice(0, MOST_TENSORS).join(separator);
  return rest > 0 ? `${shown}${separator}${rest} more` : shown;
}

const MOST_OF_A_RULE = 3;

function findingsText(findings: readonly Finding[]): string {
  const lines = printFindings(findings).map((line) => `  ${line}\n`);
  return `Complaints of the validator: ${findings.length === 0 ? 'none' : findings.length}\n${lines.join('')}`;
}

/** A line each; a rule that many layers break is told a few times and then counted. */
export function printFindings(findings: readonly Finding[]): string[] {
  const byRule = new Map<string, Finding[]>();
  for (const one of findings) {
    const key = `${one.severity} ${one.rule}`;
    byRule.set(key, [...(byRule.get(key) ?? []), one]);
  }
  return [...byRule].flatMap(([, same]) => {
    const rest = same.length - MOST_OF_A_RULE;
    const shown = same.slice(0, MOST_OF_A_RULE).map(findingLine);
    return rest > 0 ? [...shown, `… and ${rest} more of ${same[0].rule}`] : shown;
  });
}

function findingLine({ severity, rule, layer, offset, message }: Finding): string {
  return `${severity} ${rule}${layer === null ? '' : `, layer ${layer}`}, byte ${offset}: ${message}`;
}

function bytesOf(count: number): string {
  return `${grouped(count)} bytes`;
}

/** 1234567 → 1,234,567 */
function grouped(count: number): string {
  return Number.isSafeInteger(count) ? `${count}`.replace(/\B(?=(\d{3})+$)/g, ',') : `${count}`;
}

/** Four digits where there are more. */
function digits(value: number): string {
  return Number.isInteger(value) ? `${value}` : `${Number(value.toPrecision(4))}`;
}
