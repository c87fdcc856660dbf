import { EXPORT_FORMATS, EXPORT_VARIANTS } from '../experiment';
import type { ExportSection, ExportVariant } from '../experiment';
import type { Reader } from './reader';

export function readExport(section: Reader): ExportSection {
  const formats = section.at('formats').list();
  return {
    formats: [...new Set(formats.map((format) => format.word(...EXPORT_FORMATS)))],
    // One version so far; the schema admits no other.
    kmodel: { version: 3 },
    onnx: { variants: readVariants(section.at('onnx')) },
    tfjs: { shardBytes: section.at('tfjs').at('shard_size').quantity('bytes') },
    tflite: { variants: readVariants(section.at('tflite')) },
    embedProvenance: section.at('embed_provenance').flag(),
  };
}

function readVariants(format: Reader): ExportVariant[] {
  const named = format.at('variants').list();
  return [...new Set(named.map((variant) => variant.word(...EXPORT_VARIANTS)))];
}
