import { MOBILENET_OUTPUTS, mobilenetV1 } from '@graft/model';
import type { BackboneLayer } from '@graft/model';

import { notMobilenet, wrongAlpha } from '../errors';
import type { Chain, ChainStep, Sides } from './chain';

type Convolution<T> = Extract<ChainStep<T>, { kind: 'convolution' }>;
type BatchNorm<T> = Extract<ChainStep<T>, { kind: 'batchNorm' }>;

/** A convolution of the file, and which one of MobileNet v1 it is. */
export interface MatchedLayer<T> {
  readonly layer: BackboneLayer;
  readonly convolution: Convolution<T>;
  /** Null: folded into the convolution already. */
  readonly batchNorm: BatchNorm<T> | null;
}

export interface MatchedTrunk<T> {
  readonly layers: readonly MatchedLayer<T>[];
  /** Layers that halve and pad right and bottom only, as TensorFlow does; the network here pads all four sides. */
  readonly paddedOtherwise: readonly string[];
}

/** What may stand behind a trunk: all else in the place of a layer means that this is another kind of network. */
const ENDS = /pool|mean|flatten|reshape|squeeze|dropout|dense|gemm|matmul|softmax|identity|end of the file|branch/i;

/**
 * Finds the convolutions of MobileNet v1 in a chain by their place and form; names do not matter. The trunk may end after any whole block.
 * @param file for messages @throws GraftError E831, E832
 */
export function matchTrunk<T>(chain: Chain<T>, alpha: number, file: string): MatchedTrunk<T> {
  const first = chain.find((step) => step.kind === 'convolution');
  if (first?.kind === 'convolution' && !first.depthwise && first.outputs % 8 === 0 && first.outputs !== 32 * alpha)
    throw wrongAlpha(file, first.outputs / 32, alpha);
  const steps = new Steps(chain, file);
  const layers: MatchedLayer<T>[] = [];
  const paddedOtherwise: string[] = [];
  for (const layer of mobilenetV1({ alpha, output: MOBILENET_OUTPUTS[MOBILENET_OUTPUTS.length - 1] })) {
    // The head of whoever trained it; a block that has begun must be whole.
    if (layer.kind === 'depthwise' && layer.block > 1 && steps.atEnd()) break;
    const padded = steps.pads();
    const convolution = steps.convolution(layer);
    const sides = total(padded, convolution, layer);
    if (sides === null) throw notMobilenet(file, convolution.node, `pads in another way than ${layer.name} does`);
    if (sides === 'right and bottom') paddedOtherwise.push(convolution.node);
    layers.push({ layer, convolution, batchNorm: steps.batchNorm() });
    steps.relu6(layer);
  }
  return { layers, paddedOtherwise };
}

/** Goes along a chain and complains where it departs. */
class Steps<T> {
  private at = 0;

  constructor(
    private readonly chain: Chain<T>,
    private readonly file: string,
  ) {}

  atEnd(): boolean {
    const step = this.chain[this.at];
    return step === undefined || (step.kind === 'other' && ENDS.test(step.op));
  }

  pads(): Sides | null {
    const step = this.chain[this.at];
    if (step?.kind !== 'pad') return null;
    this.at++;
    return step.sides;
  }

  convolution(layer: BackboneLayer): Convolution<T> {
    const step = this.chain[this.at++];
    const wanted = describe(layer);
    if (step?.kind !== 'convolution') return this.depart(step, `${wanted} is expected for ${layer.name}`);
    const { kernel, stride, inputs: inputChannels, outputs: outputChannels } = step;
    const kind = step.depthwise ? 'depthwise' : 'convolution';
    const found = { kind, kernel, stride, inputChannels, outputChannels } as const;
    const form = step.form ?? describe(found);
    if (form !== wanted) return this.depart(step, `it is ${form}; ${layer.name} is ${wanted}`);
    return step;
  }

  batchNorm(): BatchNorm<T> | null {
    const step = this.chain[this.at];
    if (step?.kind !== 'batchNorm') return null;
    this.at++;
    return step;
  }

  relu6(layer: BackboneLayer): void {
    const step = this.chain[this.at++];
    if (step?.kind === 'activation' && step.activation === 'relu6') return;
    const found = step?.kind === 'activation' ? `it is ${step.activation}; ` : '';
    this.depart(step, `${found}ReLU6 is expected behind ${layer.name}`);
  }

  private depart(step: ChainStep<T> | undefined, reason: string): never {
    const node = step === undefined ? 'the end of the file' : step.node;
    const op = step?.kind === 'other' ? ` (${step.op})` : '';
    throw notMobilenet(this.file, `${node}${op}`, reason);
  }
}

interface Form {
  readonly kind: BackboneLayer['kind'];
  readonly kernel: number;
  readonly stride: number;
  readonly inputChannels: number;
  readonly outputChannels: number;
}

function describe({ kind, kernel, stride, inputChannels, outputChannels }: Form): string {
  return `a ${kernel}×${kernel} ${kind} with stride ${stride} from ${inputChannels} to ${outputChannels} channels`;
}

/** How a layer pads in the end. */
function total<T>(
  before: Sides | null,
  { padding }: Convolution<T>,
  { kernel, stride }: BackboneLayer,
): 'all sides' | 'right and bottom' | null {
  const own: Sides =
    padding !== 'same' ? padding : kernel === 1 ? [0, 0, 0, 0] : stride === 1 ? [1, 1, 1, 1] : [0, 0, 1, 1];
  const sides = own.map((side, at) => side + (before?.[at] ?? 0)).join();
  if (sides === (kernel === 1 ? '0,0,0,0' : '1,1,1,1')) return 'all sides';
  return kernel === 3 && stride === 2 && sides === '0,0,1,1' ? 'right and bottom' : null;
}
