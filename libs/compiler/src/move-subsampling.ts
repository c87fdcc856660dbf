import type { KpuGeometry } from './kpu-program';

/**
 * The KPU cannot subsample a depthwise layer. Such a layer runs at full size and the following 1×1 convolution drops the
 * pixels instead, which is exact since everything in between works pixel by pixel. Where no 1×1 convolution without
 * its own subsampling follows, `identity` makes one that does nothing else.
 */
export function moveSubsampling<Layer extends KpuGeometry>(
  layers: readonly Layer[],
  identity: (halving: Layer) => Layer,
): Layer[] {
  const result: Layer[] = [];
  let halving: Layer | undefined;
  for (const layer of layers) {
    if (halving !== undefined && takesOver(layer)) {
      result.push(atFullSize(halving), { ...layer, input: sized(layer.input, halving.input), subsample: true });
      halving = undefined;
      continue;
    }
    if (halving !== undefined) result.push(atFullSize(halving), identity(halving));
    halving = layer.kind === 'depthwise' && layer.subsample ? layer : undefined;
    if (halving === undefined) result.push(layer);
  }
  if (halving !== undefined) result.push(atFullSize(halving), identity(halving));
  return result;
}

function takesOver(layer: KpuGeometry): boolean {
  return layer.kind === 'convolution' && layer.kernel === 1 && !layer.subsample;
}

function atFullSize<Layer extends KpuGeometry>(layer: Layer): Layer {
  return { ...layer, output: sized(layer.output, layer.input), subsample: false };
}

function sized<Map extends KpuGeometry['input']>(map: Map, { height, width }: KpuGeometry['input']): Map {
  return { ...map, height, width };
}

/** The outline of a 1×1 convolution which hands on every other pixel of a halving depthwise layer's full-size output. */
export function identityGeometry(halving: KpuGeometry): KpuGeometry {
  const { name, input, output } = halving;
  return {
    name: `${name}_subsample`,
    kind: 'convolution',
    kernel: 1,
    input: sized(output, input),
    output,
    subsample: true,
  };
}
