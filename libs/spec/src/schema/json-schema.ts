import type { QuantityRange } from './quantities';

/** The part of JSON Schema (draft-07) that the schemas here are made of, with a few marks of our own (`x-…`). */
export interface JsonSchema {
  readonly $schema?: string;
  readonly $ref?: string;
  readonly title?: string;
  readonly definitions?: Readonly<Record<string, JsonSchema>>;
  /** A full sentence: hover text and documentation at once. */
  readonly description?: string;
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | JsonSchema;
  readonly items?: JsonSchema;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minProperties?: number;
  readonly anyOf?: readonly JsonSchema[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly pattern?: string;
  readonly defaultSnippets?: readonly { readonly label: string; readonly body: unknown }[];
  /** What a text must look like, in words; editors show it, too. */
  readonly patternErrorMessage?: string;
  /** A number with a unit, and its range in the base unit. */
  readonly 'x-quantity'?: QuantityRange;
  /** The stages that read this key. A section's stages hold for its keys, too. */
  readonly 'x-wakes'?: readonly string[];
}

export const isNullSchema = (schema: JsonSchema): boolean => schema.type === 'null';

/** The ways to write a value, without the one that returns a key to its default. */
export function branchesOf(schema: JsonSchema): readonly JsonSchema[] {
  if (schema.anyOf === undefined) return [schema];
  return schema.anyOf.filter((branch) => !isNullSchema(branch));
}
