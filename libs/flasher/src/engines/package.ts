import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { DiagnosticsError, sha256, writeFileAtomic } from '@graft/foundation';
import { DEVICES } from '@graft/k210';
import { PROVENANCE_FILE } from '../card';
import { packageName } from '../card-name';
import { planNotWhole } from '../errors';
import type { FlashPlan } from '../flash-plan';
import { readKfpkg, type KfpkgContent } from '../kfpkg/read-kfpkg';
import { writeKfpkg, type FileToPack } from '../kfpkg/write-kfpkg';
import type { PlanFile } from '../render-plan';
import { buildBootImage } from '../isp/boot-image';
import type { FlashImage } from '../isp/write-flash';
import { KIT_FILE } from '../self-test/kit';
import type { DeliveryContext, DeliveryWish, FlashContext, WrittenFile } from './engine';
import { readFirmware, regionOf } from './firmware-file';
import { checkRegions } from '../regions';
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
function packagePath({ planFolder }: DeliveryContext, { flash }: PlanFile): string {
  const [first] = flash;
  if (first === undefined) throw planNotWhole(planFolder, ['it writes nothing to the flash chip']);
  return join(planFolder, packageName(first.name));
}

/** The package that is to be written; `path` is its place. */
export interface ReadyPackage extends KfpkgContent {
  readonly path: string;
}

/**
 * The package of the plan; with a firmware that the user names, another one with both, beside the plan.
 * @throws GraftError E415, E416, E436; DiagnosticsError E406, E407 where firmware and model are in each other's way
 */
export async function readPackage(context: DeliveryContext, plan: PlanFile): Promise<ReadyPackage> {
  const path = packagePath(context, plan);
  const bytes = await readFile(path).catch(() => {
    throw planNotWhole(path, ['it is missing']);
  });
  const content = { path, ...(await readKfpkg(bytes, path)) };
  const { firmware } = context.wish;
  return firmware === undefined ? content : withFirmware(content, await readFirmware(firmware), context, plan);
}

async function withFirmware(
  { path, files, comment }: ReadyPackage,
  firmware: FileToPack,
  { planFolder }: DeliveryContext,
  plan: PlanFile,
): Promise<ReadyPackage> {
  const both = [firmware, ...files];
  // Where the model may lie was decided with the plan; here both must only get on with each other.
  const problems = checkRegions(both.map(regionOf), DEVICES[plan.device], true);
  const errors = problems.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) throw new DiagnosticsError(errors);
  const place = join(dirname(planFolder), 'flash', `${basename(path, '.kfpkg')}-with-firmware.kfpkg`);
  await writeFileAtomic(place, await writeKfpkg(both, comment));
  return { path: place, ...(await readKfpkg(await readFile(place), place)) };
}

/** The files as they lie in the flash chip, the firmware in what the boot ROM wants around it. */
export function imagesOf(files: readonly FileToPack[], { ioMode = 'dio' }: Pick<DeliveryWish, 'ioMode'>): FlashImage[] {
  return files.map(({ name, address, bytes, isBootImage }) => ({
    name,
    address,
    bytes: isBootImage ? buildBootImage(bytes, ioMode) : bytes,
  }));
}

/** What is left to do after the chip is written. */
export function scriptHint({ planFolder }: DeliveryContext, { card }: PlanFile): string {
  const folder = join(planFolder, 'sd');
  return card.some(({ name }) => name === KIT_FILE)
    ? `neither script nor self-test are on the chip: copy all files of ${folder} but the model to a card, or to the board's files`
    : `the script is not on the chip: copy main.py from ${folder} to a card, or to the board's files`;
}
