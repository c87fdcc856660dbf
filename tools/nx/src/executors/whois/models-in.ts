import { modelsInPackage } from '@graft/flasher';
import { sha256 } from '@graft/foundation';
import { parseProvenance, type Provenance } from '@graft/pipeline';
import { readModelFile } from '../inspect/kmodel-file';

/** A kmodel, by itself or in a package. */
export interface FoundModel {
  /** For messages: the file, or the file in the package. */
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly sha256: string;
  /** What the package says of it. */
  readonly claim: Provenance | null;
}

/** What a ZIP archive begins with. */
const ZIP = 'PK\x03\x04';

/** @throws GraftError E356, E357, E416 for a package that is damaged or holds no model */
export async function modelsIn(path: string): Promise<readonly FoundModel[]> {
  const bytes = await readModelFile(path);
  if (Buffer.from(bytes.subarray(0, ZIP.length)).toString('latin1') !== ZIP) return [found(path, bytes, null)];
  const { files, comment } = await modelsInPackage(bytes, path);
  const claim = parseProvenance(comment);
  return files.map((file) => found(`${file.name} in ${path}`, file.bytes, claim));
}

const found = (name: string, bytes: Uint8Array, claim: Provenance | null): FoundModel => ({
  name,
  bytes,
  sha256: sha256(bytes),
  claim: claim?.model.sha256 === sha256(bytes) ? claim : null,
});
