import type {
  BenchDevice,
  EvaluateSection,
  FlashSection,
  RequireSection,
  StrictGate,
  TargetSection,
} from '../experiment';
import { STRICT_GATES } from '../schema/deploy-schema';
import type { QuantityKind } from '../schema/quantities';
import { profileOf } from './read-devices';
import type { Reader } from './reader';

export function readEvaluate(evaluate: Reader): EvaluateSection {
  return {
    confidence: evaluate.at('confidence_interval').quantity('share'),
    worstImages: evaluate.at('worst_images').number(),
    crossValidation: { folds: evaluate.at('cross_validation').number() },
    unknown: readUnknown(evaluate.at('unknown')),
  };
}

function readUnknown(unknown: Reader): EvaluateSection['unknown'] {
  return unknown.is('none') ? null : { falseAccept: unknown.at('false_accept').quantity('share') };
}

export function readRequire(require: Reader): RequireSection {
  const limit = (key: string, kind: QuantityKind) => {
    const value = require.at(key);
    return value.is('none') ? null : value.quantity(kind);
  };
  return {
    minDeviceAccuracy: limit('device_accuracy', 'at-least-share'),
    maxAccuracyDrop: limit('accuracy_drop', 'at-most-share'),
    minAgreement: limit('agreement', 'at-least-share'),
    maxKmodelBytes: limit('kmodel_size', 'at-most-bytes'),
    maxLatencyMs: limit('latency', 'at-most-milliseconds'),
    strict: strictGates(require.at('strict')),
  };
}

function strictGates(strict: Reader): readonly StrictGate[] {
  if (!strict.isList) return strict.flag() ? STRICT_GATES : [];
  const named = strict.list().map((name) => name.word(...STRICT_GATES));
  // In one order, so that another spelling is no other setting.
  return STRICT_GATES.filter((gate) => named.includes(gate));
}

export function readTarget(target: Reader, devices: readonly BenchDevice[]): TargetSection {
  return { device: profileOf(target.at('device').text(), devices), firmware: target.at('firmware').text() };
}

const ROTATIONS = [0, 1, 2, 3] as const;

/** What the board answers is hidden below this where the experiment says nothing of it. */
const PLAIN_THRESHOLD = 0.6;

export function readFlash(flash: Reader, { unknown }: EvaluateSection): FlashSection {
  const camera = flash.at('camera');
  const threshold = flash.at('threshold');
  return {
    engine: flash.at('engine').word('dry-run', 'sd', 'kfpkg', 'isp', 'kflash', 'repl'),
    modelFrom: flash.at('model_from').word('sd', 'flash'),
    address: flash.at('address').quantity('address'),
    allowFilesystem: flash.at('allow_filesystem').flag(),
    threshold: threshold.is('auto') ? (unknown === null ? PLAIN_THRESHOLD : null) : threshold.quantity('share'),
    screenRotation: ROTATIONS[flash.at('screen').at('rotate').number()],
    camera: { vflip: camera.at('vflip').flag(), hmirror: camera.at('hmirror').flag() },
    gcHeapBytes: flash.at('gc_heap').quantity('bytes'),
    selfTest: flash.at('self_test').number(),
  };
}
