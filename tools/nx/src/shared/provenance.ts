import { join } from 'node:path';
import { sha256, sha256File } from '@graft/foundation';
import type { Provenance } from '@graft/pipeline';
import { makerTools } from './fingerprint';
import { LOCK_FILE } from './source-files';

export interface Origin {
  /** Its name in the experiment. */
  readonly experiment: string;
  readonly settingsSha256: string;
  /** Output folder of `fetch`. */
  readonly fetchFolder: string;
  readonly workspaceFolder: string;
}

export async function provenanceOf(kmodel: Uint8Array, origin: Origin): Promise<Provenance> {
  const { experiment, settingsSha256, fetchFolder, workspaceFolder } = origin;
  return {
    version: 1,
    experiment,
    model: { bytes: kmodel.length, sha256: sha256(kmodel) },
    settingsSha256,
    lockSha256: await sha256File(join(fetchFolder, 'lock', LOCK_FILE)),
    tools: await makerTools(workspaceFolder),
  };
}
