import { printReference } from './print-reference';
import { experimentSchema, projectSchema } from './schemas';

/** Files of the workspace that are made from the schemas: path below the root, and text. */
export function generatedFiles(): Readonly<Record<string, string>> {
  return {
    'schemas/experiment.schema.json': `${JSON.stringify(experimentSchema, null, 2)}\n`,
    'schemas/project.schema.json': `${JSON.stringify(projectSchema, null, 2)}\n`,
    'docs/experiment-yaml.md': printReference(),
  };
}
