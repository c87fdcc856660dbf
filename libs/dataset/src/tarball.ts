import { packageRefused, packageTooLarge } from './errors';
import type { ArchiveLimits } from './archive-reading';
import { readTar } from './read-tar';
import { unpacked } from './unpacked';

export type TarballLimits = Pick<ArchiveLimits, 'maxEntries' | 'maxTotalBytes' | 'maxFileBytes'>;

export interface TarballReading {
  /** The package in messages. */
  readonly name: string;
  readonly limits: TarballLimits;
  /** Decides by the path inside the package. */
  readonly wants: (path: string) => boolean;
  readonly onFile: (path: string, bytes: Uint8Array) => Promise<void>;
  readonly onTooLarge: (path: string, size: number) => void;
  /** Bytes unpacked so far. */
  readonly onUnpacked: (bytes: number) => void;
}

/**
 * Reads a gzipped package tarball and hands out the wanted files, without the package's own top folder, as npm does. A
 * package holds plain files: any link ends the reading.
 */
export async function readTarball(compressed: AsyncIterable<Uint8Array>, reading: TarballReading): Promise<void> {
  const { name, limits, wants, onFile, onTooLarge, onUnpacked } = reading;
  await readTar(unpacked(compressed, 'gzip'), () => Infinity, {
    kind: 'package',
    strip: 1,
    limits: { ...limits, maxRatio: Infinity, ratioFromBytes: Infinity },
    problems: {
      refused: (reason) => packageRefused(name, reason),
      tooLarge: (reason) => packageTooLarge(name, reason),
      damaged: (reason, cause) => packageRefused(name, `the archive is damaged (${reason})`, cause),
    },
    wants,
    onFile,
    onTooLarge,
    onLink: () => undefined,
    onProgress: onUnpacked,
  });
}
