import { describeQuantity, QUANTITIES } from './quantities';
import type { QuantityRange } from './quantities';
import type { JsonSchema } from './json-schema';

/** What every key says about itself. */
export interface About {
  /** A full sentence. */
  readonly description: string;
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
  readonly wakes?: readonly string[];
}

const said = ({ wakes, ...about }: About) => (wakes === undefined ? about : { ...about, 'x-wakes': wakes });

export const choice = (about: About, values: readonly (string | number)[]): JsonSchema => ({
  ...said(about),
  examples: about.examples ?? values,
  enum: values,
});

export const flag = (about: About): JsonSchema => ({ ...said(about), examples: [true, false], type: 'boolean' });

export const integer = (about: About, range: { minimum: number; maximum: number }): JsonSchema => ({
  ...said(about),
  type: 'integer',
  ...range,
});

export const decimal = (
  about: About,
  range: { minimum?: number; exclusiveMinimum?: number; maximum: number },
): JsonSchema => ({ ...said(about), type: 'number', ...range });

export const text = (about: About, form: { pattern: string; looks: string }): JsonSchema => ({
  ...said(about),
  type: 'string',
  pattern: form.pattern,
  patternErrorMessage: form.looks,
});

/** Text that may look like a number or a truth value: it is kept as it was written. */
export const plainName = (about: About): JsonSchema => ({
  ...said(about),
  type: ['string', 'number', 'boolean'],
  pattern: '^[^/\\\\\\u0000-\\u001f]{1,64}$',
  patternErrorMessage: 'text of 1 to 64 characters without slashes',
});

export const quantity = (about: About, range: QuantityRange): JsonSchema => ({
  ...said(about),
  type: QUANTITIES[range.kind].acceptsNumber ? ['number', 'string'] : 'string',
  pattern: QUANTITIES[range.kind].pattern,
  patternErrorMessage: describeQuantity(range),
  'x-quantity': range,
});

export const list = (
  about: About,
  items: JsonSchema,
  size: { minItems?: number; maxItems?: number } = {},
): JsonSchema => ({
  ...said(about),
  type: 'array',
  items,
  ...size,
});

/** A value that may be written in two or three ways, told apart by their shape. */
export const either = (about: About, ...anyOf: JsonSchema[]): JsonSchema => ({ ...said(about), anyOf });

/** A map with fixed keys. All but the required ones accept null, which returns a key to its default. */
export const section = (
  about: About,
  properties: Readonly<Record<string, JsonSchema>>,
  required: readonly string[] = [],
): JsonSchema => ({
  ...said(about),
  type: 'object',
  additionalProperties: false,
  ...(required.length > 0 ? { required } : {}),
  properties: Object.fromEntries(
    Object.entries(properties).map(([key, schema]) => [key, required.includes(key) ? schema : nullable(schema)]),
  ),
});

/** A map whose keys the user chooses. */
export const table = (about: About, values: JsonSchema): JsonSchema => ({
  ...said(about),
  type: 'object',
  additionalProperties: values,
});

function nullable(schema: JsonSchema): JsonSchema {
  if (schema.anyOf !== undefined) return { ...schema, anyOf: [...schema.anyOf, { type: 'null' }] };
  if (schema.enum !== undefined) return { ...schema, enum: [...schema.enum, null] };
  if (schema.type === undefined) return schema;
  return { ...schema, type: [schema.type, 'null'].flat() };
}
