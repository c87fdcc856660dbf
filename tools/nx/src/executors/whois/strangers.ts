import type { NewRecord } from '@graft/pipeline';
import type { FoundModel } from './models-in';

/** What the package says of a model that nobody here remembers. */
export function describeClaim({ claim }: Pick<FoundModel, 'claim'>): string[] {
  if (claim === null) return [];
  const { experiment, settingsSha256, lockSha256 } = claim;
  return [
    `its package says: experiment "${experiment}"`,
    `settings ${settingsSha256}`,
    `lock of pictures and weights ${lockSha256}`,
    ...toolLines(claim.tools),
  ];
}

/** A damaged copy keeps its length; chance rarely meets one. */
export function describeSameLength({ bytes }: Pick<FoundModel, 'bytes'>, known: readonly NewRecord[]): string[] {
  return known
    .filter(({ provenance }) => provenance.model.bytes === bytes.length)
    .slice(0, 3)
    .map(
      ({ provenance: { experiment, model } }) =>
        `"${experiment}" has a model of the same length: SHA-256 ${model.sha256}`,
    );
}

export const toolLines = (tools: Readonly<Record<string, string>>): string[] =>
  Object.entries(tools).map(([name, version]) => `${name} ${version}`);
