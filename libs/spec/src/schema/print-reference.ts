import { describeSchema } from './describe';
import { branchesOf } from './json-schema';
import type { JsonSchema } from './json-schema';
import { intro, outro } from './reference-text';
import { experimentSchema, projectSchema } from './schemas';

interface Row {
  readonly keyPath: string;
  readonly schema: JsonSchema;
  readonly required: boolean;
  readonly wakes: readonly string[];
}

/** The reference of all keys as Markdown. */
export function printReference(): string {
  const sections = Object.entries(experimentSchema.properties ?? {});
  const single = sections.filter(([, schema]) => !isSection(schema));
  const nested = sections.filter(([, schema]) => isSection(schema));
  const required = experimentSchema.required ?? [];
  const parts = [
    intro,
    '## Top level\n',
    table(single.flatMap(([key, schema]) => rows(key, schema, required.includes(key), []))),
    ...nested.map(([key, schema]) => printSection(key, schema)),
    '## project.yaml\n',
    `${projectSchema.description}\n`,
    table(
      Object.entries(projectSchema.properties ?? {}).flatMap(([key, schema]) =>
        rows(key, schema, (projectSchema.required ?? []).includes(key), []),
      ),
    ),
    outro,
  ];
  return `${parts.join('\n')}`;
}

const isSection = (schema: JsonSchema): boolean => schema.properties !== undefined;

function printSection(key: string, schema: JsonSchema): string {
  return `## ${key}\n\n${schema.description}\n\n${table(rowsBelow(key, schema, schema['x-wakes'] ?? []))}`;
}

/** A key, and what stands below it in its long form. */
function rows(keyPath: string, schema: JsonSchema, required: boolean, inherited: readonly string[]): Row[] {
  const wakes = schema['x-wakes'] ?? inherited;
  if (schema.$ref !== undefined) return [];
  const own: Row = { keyPath, schema, required, wakes };
  if (isSection(schema)) return rowsBelow(keyPath, schema, wakes);
  const listed =
    schema.items === undefined ? [] : branchesOf(schema.items).map((branch) => [`${keyPath}[]`, branch] as const);
  const long = schema.anyOf === undefined ? [] : branchesOf(schema).map((branch) => [keyPath, branch] as const);
  const named =
    typeof schema.additionalProperties === 'object'
      ? [[`${keyPath}.<name>`, schema.additionalProperties] as const]
      : [];
  return [own, ...[...listed, ...long, ...named].flatMap(([path, branch]) => rowsBelow(path, branch, wakes))];
}

function rowsBelow(keyPath: string, schema: JsonSchema, wakes: readonly string[]): Row[] {
  return Object.entries(schema.properties ?? {}).flatMap(([key, child]) => {
    const path = child.const === undefined ? `${keyPath}.${key}` : `${keyPath}.${key}: ${String(child.const)}`;
    return rows(path, child, (schema.required ?? []).includes(key), wakes);
  });
}

function table(lines: readonly Row[]): string {
  const head = '| key | meaning | value | default | wakes |\n|---|---|---|---|---|';
  return `${[head, ...lines.map(printRow)].join('\n')}\n`;
}

function printRow({ keyPath, schema, required, wakes }: Row): string {
  const cells = [
    `\`${keyPath}\``,
    schema.description ?? '',
    schema.const === undefined ? describeSchema(schema) : '',
    printDefault(schema, required),
    wakes.length === 0 ? '–' : wakes.join(', '),
  ];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

function printDefault(schema: JsonSchema, required: boolean): string {
  if (required) return '(required)';
  if (schema.default === undefined) return '–';
  return `\`${JSON.stringify(schema.default)}\``;
}
