import { DiagnosticsError } from '@graft/foundation';
import type { FetchPicturesOptions } from '../fetch-options';
import { fetchPictures } from '../fetch-pictures';
import type { RefusedFile } from '../picture';
import { fetchOptions } from './pictures';

/** What the process prints: the lock, the bytes that were downloaded and the files that are no pictures, or the errors. */
export interface ChildAnswer {
  readonly lockText?: string;
  readonly downloadedBytes?: number;
  readonly refused?: readonly RefusedFile[];
  readonly errors?: readonly {
    readonly code: string;
    readonly message: string;
    readonly details?: readonly string[];
  }[];
}

/** A fetch in a process of its own, which a test may kill, or let run into a full disk. */
async function main(folder: string, changes: Partial<FetchPicturesOptions>): Promise<ChildAnswer> {
  try {
    const { list, lockText, downloadedBytes } = await fetchPictures(fetchOptions(folder, changes));
    return { lockText, downloadedBytes, refused: list.refused };
  } catch (error) {
    if (!(error instanceof DiagnosticsError)) throw error;
    return { errors: error.diagnostics };
  }
}

void main(process.argv[2], JSON.parse(process.argv[3])).then((answer) =>
  process.stdout.write(`${JSON.stringify(answer)}\n`),
);
