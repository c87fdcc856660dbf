/** The part of the board's program that loads the model, and names what the camera sees. */
export const CLASSIFY_PART = `CAMERA_WIDTH = 320
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
    if GC_HEAP == 0 or LACKS:
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
    raise Trouble(
        "No model at %s. Is the card in, and is it FAT32 with an MBR? Copy all files of the card folder to it,"
        " then press RESET." % MODEL
    )


def load_model():
    await_model()
    try:
        task = kpu.load(MODEL)
        if KMODEL_VERSION == 4:
            kpu.set_outputs(task, 0, 1, 1, len(LABELS))
        return task
    except Exception as error:
        raise Trouble(why_not_loaded(str(error)))


def open_camera():
    try:
        sensor.reset()
        sensor.set_pixformat(sensor.RGB565)
        sensor.set_framesize(sensor.QVGA)
        if WIDTH <= CAMERA_WIDTH and HEIGHT <= CAMERA_HEIGHT:
            # The middle of the picture; its colour planes go to the KPU without a copy.
            sensor.set_windowing((WIDTH, HEIGHT))
        sensor.set_hmirror(HMIRROR)
        sensor.set_vflip(VFLIP)
        sensor.run(1)
    except Exception as error:
        if is_memory(error):
            raise
        raise Trouble(
            "No camera answers (%s). Power the board off, press the camera's cable into its socket, and power it"
            " on again." % error
        )


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
    check_firmware()
    gc.collect()
    lcd.init()
    lcd.rotation(ROTATION)
    await_model()
    open_camera()
    task = load_model()
    try:
        print("memory free:", free_bytes(), "interpreter:", gc.mem_free())
        classify(task)
    finally:
        kpu.deinit(task)
        gc.collect()
`;
