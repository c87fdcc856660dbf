import { badIndex } from './errors';
import type { ExampleIndex, ExampleRecord } from './preprocessed';

/** Reads `index.json`; `file` names it in complaints. @throws GraftError E254 */
export function parseIndex(text: string, file: string): ExampleIndex {
  const value = parseJson(text, file);
  if (!isObject(value)) throw badIndex(file, 'it holds no object');
  const { version, height, width, examples } = value;
  if (version !== 1) throw badIndex(file, `its version is ${JSON.stringify(version)}, only 1 is understood`);
  if (!isCount(height) || !isCount(width)) throw badIndex(file, 'height and width are not whole numbers above 0');
  if (!Array.isArray(examples)) throw badIndex(file, 'it has no list of examples');
  return { version, height, width, examples: parseExamples(examples, file) };
}

function parseExamples(values: readonly unknown[], file: string): ExampleRecord[] {
  let offset = 0;
  let previous = '';
  return values.map((value, at) => {
    if (!isExample(value)) throw badIndex(file, `example ${at} is incomplete`);
    if (!(value.id > previous)) throw badIndex(file, `example ${at} is out of order`);
    previous = value.id;
    if (value.cutout !== null) {
      if (value.cutout.offset !== offset)
        throw badIndex(file, `the cut-out of example ${at} does not follow the one before`);
      offset += value.cutout.height * value.cutout.width * 4;
    }
    return value;
  });
}

function isExample(value: unknown): value is ExampleRecord {
  if (!isObject(value)) return false;
  const { cutout } = value;
  const texts = [value.id, value.path, value.label, value.group];
  return (
    texts.every((text) => typeof text === 'string') &&
    (value.split === 'train' || value.split === 'validation' || value.split === 'test') &&
    (cutout === null ||
      (isObject(cutout) && Number.isInteger(cutout.offset) && isCount(cutout.height) && isCount(cutout.width)))
  );
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw badIndex(file, 'it is not JSON', error);
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function isCount(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) > 0;
}
