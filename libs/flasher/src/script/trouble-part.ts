/** The part of the board's program that says what is wrong, and what helps, in a sentence on the line and on the screen. */
export const TROUBLE_PART = `class Trouble(Exception):
    # Its text is for people.
    pass


def check_firmware():
    if LACKS:
        raise Trouble(
            "This firmware cannot run the script (%s). Write MaixPy v1 to the board, version 0.4 or later." % LACKS
        )


def free_bytes():
    # Old builds do not tell.
    try:
        return utils.heap_free()
    except AttributeError:
        return 0


def no_memory():
    return (
        "Not enough memory: the model takes %d KiB, %d KiB are free. Take the firmware 'minimum', flash.gc_heap:"
        " 256 KiB, or a smaller model.alpha or image_size." % (MODEL_MEMORY // 1024, free_bytes() // 1024)
    )


def is_memory(error):
    # Pictures are made in the interpreter's heap; some builds raise OSError where there is no room.
    return isinstance(error, MemoryError) or "out of memory" in str(error).lower()


def no_heap():
    return (
        "Not enough memory for a picture: %d KiB are left to the interpreter. Take another flash.gc_heap (512 KiB is"
        " usual), or a smaller image_size." % (gc.mem_free() // 1024)
    )


def first_bytes_of_model():
    if isinstance(MODEL, int):
        return utils.flash_read(MODEL, 8)
    with open(MODEL, "rb") as file:
        return file.read(8)


def is_kmodel(head):
    # Version 3 begins with its number, a later one with a word before it.
    if len(head) < 8:
        return False
    start = 4 if head[:4] == b"LDMK" else 0
    return head[start] == KMODEL_VERSION and head[start + 1 : start + 4] == b"\\0\\0\\0"


def why_not_loaded(message):
    # The firmware's message holds a number: 2006 is memory, 2002 the version; old builds have others for both.
    place = hex(MODEL) if isinstance(MODEL, int) else MODEL
    if ":2006" in message or "out of memory" in message.lower():
        return no_memory()
    if not is_kmodel(first_bytes_of_model()):
        return "What lies at %s is no kmodel v%d. Write the model to it again: npx nx run <experiment>:flash" % (
            place,
            KMODEL_VERSION,
        )
    if ":2002" in message:
        return "This firmware does not load kmodel v%d. Write a build to the board that does: %s." % (
            KMODEL_VERSION,
            LOADERS,
        )
    return "The model at %s cannot be loaded (%s). Write it to the board again." % (place, message)


def explain(error):
    if isinstance(error, Trouble):
        return str(error)
    if is_memory(error):
        return no_heap()
    sys.print_exception(error)
    return "Something unexpected (%s: %s). Press RESET; if it comes again, write firmware and card anew." % (
        type(error).__name__,
        error,
    )


def wrapped(text, width):
    lines = [""]
    for word in text.split(" "):
        if len(lines[-1]) + 1 + len(word) > width and lines[-1]:
            lines.append("")
        lines[-1] = (lines[-1] + " " + word).strip()
    return lines


def show_trouble(error):
    text = explain(error)
    print("stopped:", text)
    try:
        lcd.init()
        lcd.clear(lcd.RED)
        for number, line in enumerate(wrapped(text, 38)):
            lcd.draw_string(4, 4 + 18 * number, line, lcd.WHITE, lcd.RED)
    except Exception:
        # Without a screen the text on the serial line is all there is.
        pass
`;
