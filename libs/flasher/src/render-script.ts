import type { FlashSection } from '@graft/spec';
import { hex } from './errors';
import { pythonString, pythonTuple } from './python';

export interface ScriptOptions {
  /** The order is the output index. */
  readonly classes: readonly string[];
  readonly imageSize: { readonly width: number; readonly height: number };
  /** Path of the model on the board, or its address in flash. */
  readonly model: string | number;
  readonly modelSha256: string;
  readonly kmodelVersion: number;
  readonly flash: Pick<FlashSection, 'threshold' | 'screenRotation' | 'camera' | 'gcHeapBytes'>;
}

/**
 * The program that the board runs: a classifier on the camera's picture, for MaixPy v1 (MicroPython 1.11: no f-strings,
 * no `:=`). Plain ASCII. Runs unchanged from a card or from the board's own file system. Prints one line a picture:
 * index, score and label.
 */
export function renderScript(options: ScriptOptions): string {
  return [HEADER, settings(options), BODY].join('\n');
}

function settings({ classes, imageSize, model, modelSha256, kmodelVersion, flash }: ScriptOptions): string {
  const flag = (value: boolean) => (value ? '1' : '0');
  return `# SHA-256 of the model: ${modelSha256}
MODEL = ${typeof model === 'number' ? hex(model) : pythonString(model)}
KMODEL_VERSION = ${kmodelVersion}
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

import KPU as kpu
import lcd
import sensor
from Maix import utils
`;

const BODY = `CAMERA_WIDTH = 320
CAMERA_HEIGHT = 240
HEAP_NOTE = "/flash/gc_heap_asked.txt"


def asked_heap():
    try:
        with open(HEAP_NOTE) as note:
            return note.read()
    except OSError:
        return ""


def settle_heap():
    # The firmware keeps the size and takes it at the next start. The note ends the story after one
    # restart where the firmware settles on another size.
    if GC_HEAP == 0:
        return
    if utils.gc_heap_size() == GC_HEAP:
        if asked_heap():
            os.remove(HEAP_NOTE)
        return
    if asked_heap() == str(GC_HEAP):
        print("gc heap stays at", utils.gc_heap_size())
        return
    try:
        with open(HEAP_NOTE, "w") as note:
            note.write(str(GC_HEAP))
    except OSError:
        print("gc heap left alone: /flash cannot be written")
        return
    utils.gc_heap_size(GC_HEAP)
    import machine

    machine.reset()


def await_model():
    # A card is mounted in the background; a model in flash is always there.
    if isinstance(MODEL, int):
        return
    for _ in range(30):
        try:
            os.stat(MODEL)
            return
        except OSError:
            time.sleep_ms(100)
    raise OSError("no model at " + MODEL)


def open_camera():
    sensor.reset()
    sensor.set_pixformat(sensor.RGB565)
    sensor.set_framesize(sensor.QVGA)
    if WIDTH <= CAMERA_WIDTH and HEIGHT <= CAMERA_HEIGHT:
        # The middle of the picture; its colour planes go to the KPU without a copy.
        sensor.set_windowing((WIDTH, HEIGHT))
    sensor.set_hmirror(HMIRROR)
    sensor.set_vflip(VFLIP)
    sensor.run(1)


def take_picture():
    picture = sensor.snapshot()
    if picture.width() != WIDTH or picture.height() != HEIGHT:
        picture = picture.resize(WIDTH, HEIGHT)
        # A resized picture has no colour planes for the KPU yet.
        picture.pix_to_ai()
    return picture


def index_of_largest(values):
    best = 0
    for index in range(1, len(values)):
        if values[index] > values[best]:
            best = index
    return best


def show(picture, label, score, fps):
    picture.draw_string(4, 4, label, color=(255, 255, 0), scale=2)
    picture.draw_string(4, 28, "%d %%  %.1f fps" % (int(100 * score + 0.5), fps), color=(255, 255, 0))
    lcd.display(picture)


def classify(task):
    clock = time.clock()
    while True:
        clock.tick()
        picture = take_picture()
        scores = kpu.forward(task, picture)[:]
        best = index_of_largest(scores)
        score = scores[best]
        show(picture, LABELS[best] if score >= THRESHOLD else "?", score, clock.fps())
        print("%d %.4f %s" % (best, score, LABELS[best]))


def run():
    gc.collect()
    lcd.init()
    lcd.rotation(ROTATION)
    await_model()
    open_camera()
    task = kpu.load(MODEL)
    try:
        if KMODEL_VERSION == 4:
            kpu.set_outputs(task, 0, 1, 1, len(LABELS))
        print("memory free:", utils.heap_free(), "interpreter:", gc.mem_free())
        classify(task)
    finally:
        kpu.deinit(task)
        gc.collect()


def show_error(error):
    sys.print_exception(error)
    try:
        lcd.init()
        lcd.clear(lcd.RED)
        lcd.draw_string(4, 4, str(error)[:38], lcd.WHITE, lcd.RED)
    except Exception:
        # Without a screen the text on the serial line is all there is.
        pass


settle_heap()
try:
    run()
except Exception as error:
    show_error(error)
`;
