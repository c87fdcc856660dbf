import { EXPORT_FORMATS } from '../experiment';
import type { ExportSection } from '../experiment';
import type { Reader } from './reader';

export function readExport(section: Reader): ExportSection {
  const formats = section.at('formats').list();
  return {
    formats: [...new Set(formats.map((format) => format.word(...EXPORT_FORMATS)))],
    // One version so far; the schema admits no other.
    kmodel: { version: 3 },
    tfjs: { shardBytes: section.at('tfjs').at('shard_size').quantity('bytes') },
    embedProvenance: section.at('embed_provenance').flag(),
  };
}
