import { branchesOf } from './json-schema';
import type { JsonSchema } from './json-schema';

/** What a value must be, in words that follow "must be": `one of crop, pad, squash`, `an integer from 1 to 100`. */
export function describeSchema(schema: JsonSchema): string {
  if (schema.anyOf !== undefined) return joined(branchesOf(schema).map(describeSchema));
  if (schema.const !== undefined) return String(schema.const);
  if (schema.enum !== undefined) return describeChoice(schema.enum.filter((value) => value !== null));
  if (schema.patternErrorMessage !== undefined) return schema.patternErrorMessage;
  switch ([schema.type].flat().find((type) => type !== 'null')) {
    case 'boolean':
      return 'true or false';
    case 'integer':
      return `an integer${describeRange(schema)}`;
    case 'number':
      return `a number${describeRange(schema)}`;
    case 'array':
      return describeList(schema);
    case 'object':
      return schema.properties === undefined
        ? 'a map of names to values'
        : `a map with ${Object.keys(schema.properties).join(', ')}`;
    default:
      return 'text';
  }
}

function describeChoice(values: readonly unknown[]): string {
  return values.length === 1 ? String(values[0]) : `one of ${values.join(', ')}`;
}

function describeRange({ minimum, exclusiveMinimum, maximum }: JsonSchema): string {
  if (exclusiveMinimum !== undefined) return ` above ${exclusiveMinimum}, at most ${maximum}`;
  return ` from ${minimum} to ${maximum}`;
}

function describeList({ minItems, maxItems, items }: JsonSchema): string {
  if (minItems !== undefined && minItems === maxItems) {
    return `a list of ${minItems}${items === undefined ? '' : `, each ${describeSchema(items)}`}`;
  }
  if (minItems !== undefined && maxItems !== undefined) return `a list of ${minItems} to ${maxItems}`;
  if (minItems !== undefined) return `a list of at least ${minItems}`;
  return maxItems === undefined ? 'a list' : `a list of at most ${maxItems}`;
}

function joined(parts: readonly string[]): string {
  return [...new Set(parts)].join(', or ');
}
