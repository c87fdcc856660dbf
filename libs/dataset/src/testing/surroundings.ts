import { DiagnosticsError } from '@graft/foundation';
import type { Diagnostic } from '@graft/foundation';
import { PictureServer } from './picture-server';
import { temporaryFolder } from './pictures';

/** What each test of a file finds new: an empty folder and a server. */
export interface Surroundings {
  /** Absolute. */
  readonly folder: string;
  readonly server: PictureServer;
}

/** To be called outside of tests: folder and server come before each of them and go after it. */
export function surroundings(): Surroundings {
  let now: { readonly folder: Awaited<ReturnType<typeof temporaryFolder>>; readonly server: PictureServer } | null =
    null;
  beforeEach(async () => {
    now = { folder: await temporaryFolder(), server: await PictureServer.start() };
  });
  afterEach(async () => {
    await now?.server.stop();
    await now?.folder.remove();
    now = null;
  });
  const present = () => {
    if (now === null) throw new Error('folder and server are there within tests only');
    return now;
  };
  return {
    get folder() {
      return present().folder.path;
    },
    get server() {
      return present().server;
    },
  };
}

/** What work that is to fail complains about. Any other outcome fails the test. */
export async function complaintsOf(work: Promise<unknown>): Promise<readonly Diagnostic[]> {
  const error: unknown = await work.then(
    () => new Error('it went well'),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof DiagnosticsError)) throw error;
  return error.diagnostics;
}
