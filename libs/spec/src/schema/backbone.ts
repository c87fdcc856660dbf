/** Numbers of the blocks of MobileNet v1. */
const blocks = Array.from({ length: 13 }, (_, index) => index + 1);

/** Keras names of what `model.output` may name, from the front to the back. */
export const OUTPUTS: readonly string[] = ['conv1_relu', ...blocks.map((block) => `conv_pw_${block}_relu`)];

/** Keras names of the convolutions, from the front to the back. */
export const BACKBONE_LAYERS: readonly string[] = [
  'conv1',
  ...blocks.flatMap((block) => [`conv_dw_${block}`, `conv_pw_${block}`]),
];
