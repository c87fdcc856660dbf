import type { FlashSection } from '@graft/spec';
import { hex } from '../errors';
import { pythonString, pythonTuple } from '../python';
import { CLASSIFY_PART } from './classify-part';
import { SELF_TEST_NAME, SELF_TEST_PART } from './self-test-part';
import { TROUBLE_PART } from './trouble-part';

export interface ScriptOptions {
  /** The order is the output index. */
  readonly classes: readonly string[];
  readonly imageSize: { readonly width: number; readonly height: number };
  /** Path of the model on the board, or its address in flash. */
  readonly model: string | number;
  readonly modelSha256: string;
  readonly kmodelVersion: number;
  /** Of the file and its main memory, in bytes. */
  readonly modelMemoryBytes: number;
  /** Builds of the firmware that load this version, in words. */
  readonly loaders: string;
  readonly flash: Pick<FlashSection, 'screenRotation' | 'camera' | 'gcHeapBytes'> & {
    /** Of the largest probability; no label is shown below it. */
    readonly threshold: number;
  };
  /** Whether pictures of a self-test lie beside the script. */
  readonly selfTest: boolean;
}

/**
 * The program that the board runs: a classifier on the camera's picture, for MaixPy v1 (MicroPython 1.11: no f-strings,
 * no `:=`). Plain ASCII. Runs unchanged from a card or from the board's own file system. Prints one line a picture:
 * index, score and label. What goes wrong is told in a sentence that says what helps, on the line and on the screen.
 */
export function renderScript(options: ScriptOptions): string {
  const parts = [HEADER, settings(options), TROUBLE_PART, CLASSIFY_PART];
  return [...parts, ...(options.selfTest ? [SELF_TEST_PART] : []), START].join('\n\n');
}

function settings(options: ScriptOptions): string {
  const { classes, imageSize, model, modelSha256, kmodelVersion, modelMemoryBytes, loaders, flash } = options;
  const flag = (value: boolean) => (value ? '1' : '0');
  return `# SHA-256 of the model: ${modelSha256}
MODEL = ${typeof model === 'number' ? hex(model) : pythonString(model)}
KMODEL_VERSION = ${kmodelVersion}
MODEL_MEMORY = ${modelMemoryBytes}
LOADERS = ${pythonString(loaders)}
WIDTH = ${imageSize.width}
HEIGHT = ${imageSize.height}
LABELS = ${pythonTuple(classes)}
THRESHOLD = ${flash.threshold}
ROTATION = ${flash.screenRotation}
HMIRROR = ${flag(flash.camera.hmirror)}
VFLIP = ${flag(flash.camera.vflip)}
GC_HEAP = ${flash.gcHeapBytes}
`;
}

const HEADER = `# Names what the camera sees. Made from an experiment: change the experiment, not this file.
import gc
import os
import sys
import time

LACKS = ""
try:
    # The screen first: it can tell what is missing.
    import lcd
    import KPU as kpu
    import sensor
    from Maix import utils
except ImportError as error:
    LACKS = str(error)
`;

const START = `if __name__ != "${SELF_TEST_NAME}":
    try:
        settle_heap()
        run()
    except Exception as error:
        show_trouble(error)
`;
