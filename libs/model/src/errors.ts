import { GraftError } from '@graft/foundation';

export const unknownOutput = (output: string, known: readonly string[]) =>
  new GraftError('E601', {
    message: `the backbone has no output "${output}"`,
    hint: `set model.output to one of ${known.slice(0, 3).join(', ')} … ${known[known.length - 1]}`,
  });

export const weightsDoNotFit = (problems: readonly string[], hint: string) =>
  new GraftError('E602', {
    message: `the weights do not fit the network: ${problems.length} tensors are missing or have another shape`,
    details: problems.length > 12 ? [...problems.slice(0, 12), `… and ${problems.length - 12} more`] : problems,
    hint,
  });

export const freezesTooMany = (layers: number, available: number, output: string) =>
  new GraftError('E603', {
    message: `model.freeze asks for the first ${layers} layers; the backbone up to ${output} has ${available}`,
    hint: `write "freeze: backbone" to freeze all of them, or a number from 0 to ${available}`,
  });

export const graphFileBroken = (reason: string) =>
  new GraftError('E604', {
    message: `the graph file cannot be used: ${reason}`,
    hint: 'it was cut, edited or mixed up with another; delete the folder of the stage that wrote it and run that stage again',
  });

export const unevenSize = (layer: string, height: number, width: number, multiple: number) =>
  new GraftError('E605', {
    message: `layer "${layer}" halves a ${height}×${width} map, which is not even in both directions`,
    hint: `set preprocess.image_size to a multiple of ${multiple}`,
  });
