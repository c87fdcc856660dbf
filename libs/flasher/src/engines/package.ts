import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256, writeFileAtomic } from '@graft/foundation';
import { PROVENANCE_FILE } from '../card';
import { packageName } from '../card-name';
import { planNotWhole } from '../errors';
import type { FlashPlan } from '../flash-plan';
import { readKfpkg } from '../kfpkg/read-kfpkg';
import { writeKfpkg, type FileToPack } from '../kfpkg/write-kfpkg';
import type { PlanFile } from '../render-plan';
import type { DeliveryContext, FlashContext, WrittenFile } from './engine';
import { writeCard } from './sd';

/** Writes the package with all that goes to the flash chip, and the card folder, whose script loads it from there. */
export async function preparePackage(plan: FlashPlan, context: FlashContext): Promise<readonly WrittenFile[]> {
  const files = plan.regions.map((region): FileToPack => {
    const file = plan.card.find(({ name }) => name === region.name);
    if (file === undefined) throw new Error(`internal: ${region.name} has no bytes`);
    return { name: region.name, address: region.address, isBootImage: region.kind === 'boot-image', bytes: file.bytes };
  });
  const provenance = plan.card.find(({ name }) => name === PROVENANCE_FILE);
  const bytes = await writeKfpkg(files, provenance === undefined ? '' : onOneLine(provenance.bytes));
  const path = join(context.outputFolder, packageName(plan.regions[0].name));
  await writeFileAtomic(path, bytes);
  await readKfpkg(await readFile(path), path);
  return [{ path, bytes: bytes.length, sha256: sha256(bytes) }, ...(await writeCard(plan, context))];
}

/** The comment of an archive has no line breaks. */
const onOneLine = (json: Uint8Array): string => JSON.stringify(JSON.parse(Buffer.from(json).toString('utf8')));

/** Where `preparePackage` left the package of this plan. */
export function packagePath({ planFolder }: DeliveryContext, { flash }: PlanFile): string {
  const [first] = flash;
  if (first === undefined) throw planNotWhole(planFolder, ['it writes nothing to the flash chip']);
  return join(planFolder, packageName(first.name));
}

/** @throws GraftError E415, E416 */
export async function readPackage(context: DeliveryContext, plan: PlanFile): Promise<readonly FileToPack[]> {
  const path = packagePath(context, plan);
  const bytes = await readFile(path).catch(() => {
    throw planNotWhole(path, ['it is missing']);
  });
  return (await readKfpkg(bytes, path)).files;
}

/** What is left to do after the chip is written. */
export const scriptHint = ({ planFolder }: DeliveryContext): string =>
  `the script is not on the chip: copy main.py from ${join(planFolder, 'sd')} to a card, or to the board's files`;
