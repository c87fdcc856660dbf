import { mebibytes } from './errors';
import { FILES_AT_A_TIME, inParallel } from './in-parallel';
import { joinSource } from './paths';
import type { Labeller } from './picture-globs';
import type { Selection } from './selections';
import { sniffPicture } from './sniff';
import { NO_REMARKS } from './source';
import type { RefusedFile } from './picture';
import type { SourceContext, SourceFile, SourceResult } from './source';

/** Looks at each file that was taken out of a package or an archive: the ones that are pictures, and why the others are not. */
export async function admitFiles(
  source: string,
  found: Selection,
  labelsOf: Labeller,
  context: SourceContext,
): Promise<Pick<SourceResult, 'files' | 'notPictures' | 'tooLarge' | 'skipped'>> {
  const looks = await inParallel(found.files, FILES_AT_A_TIME, context.signal, async (file) => {
    // Read back and checked: what the store holds is what counts, not what the archive said.
    const bytes = await context.store.read(file.sha256);
    if (bytes === null) throw new Error(`internal: ${file.sha256} left the store while it was read`);
    return { file, sniffed: sniffPicture(bytes) };
  });
  const files: SourceFile[] = [];
  const notPictures: RefusedFile[] = [];
  for (const { file, sniffed } of looks) {
    const [label] = labelsOf(file.path);
    if (sniffed.ok) files.push({ ...file, label, format: sniffed.format, ...NO_REMARKS });
    else notPictures.push({ path: joinSource(source, file.path), reason: sniffed.reason, label });
  }
  const tooLarge = found.tooLarge.map(({ path, size }) => ({
    path: joinSource(source, path),
    reason: `is ${mebibytes(size)}`,
    label: labelsOf(path)[0] ?? null,
  }));
  return { files, notPictures, tooLarge, skipped: [] };
}
