const EXTENSION = '.kmodel';
const MAX_LENGTH = 63;

/** File name of the model on a card: lower-case ASCII below 64 characters, made from the experiment's name. */
export function modelFileName(experiment: string): string {
  const plain = experiment
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9_-]+/g, '-')
    .slice(0, MAX_LENGTH - EXTENSION.length)
    .replace(/^-+|-+$/g, '');
  return `${plain === '' ? 'model' : plain}${EXTENSION}`;
}

/** File name of the package with a model, for tools that flash it. */
export const packageName = (modelFile: string): string => `${modelFile.slice(0, -EXTENSION.length)}.kfpkg`;
