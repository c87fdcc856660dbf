/** How lines of the self-test begin, among whatever else a board prints. */
export const MARK = '@graft';

/** Under this `__name__` the script only defines its functions; under any other it classifies. */
export const SELF_TEST_NAME = 'self_test';

/** The part of the board's program that runs the pictures of the kit and compares. The host calls `self_test`. */
export const SELF_TEST_PART = `def tell(*words):
    print("${MARK} " + " ".join([str(word) for word in words]))


def pieces_of(path):
    with open(path, "rb") as file:
        piece = file.read(4096)
        while piece:
            yield piece
            piece = file.read(4096)


def pieces_of_chip(address, size):
    for start in range(0, size, 4096):
        yield utils.flash_read(address + start, min(4096, size - start))


def checksum(pieces):
    from ubinascii import crc32

    size = 0
    crc = 0
    for piece in pieces:
        size += len(piece)
        crc = crc32(piece, crc)
    return size, crc & 0xFFFFFFFF


def test_picture(task, path, expected, tolerance):
    import image

    picture = image.Image(path)
    picture.pix_to_ai()
    scores = kpu.forward(task, picture)[:]
    deltas = [abs(scores[index] - expected[index]) for index in range(len(expected))]
    # Written so that what is no number fails.
    passed = len(scores) == len(expected) and all([delta <= tolerance for delta in deltas])
    name = path.split("/")[-1]
    values = ",".join(["%.6f" % score for score in scores])
    tell("picture", name, "PASS" if passed else "FAIL", "%.6f" % max(deltas), values)


def test_board(folder):
    check_firmware()
    tell("firmware", *(os.uname() if hasattr(os, "uname") else ("unknown",)))
    tell("kit", *checksum(pieces_of(folder + "/self-test.txt")))
    with open(folder + "/self-test.txt") as kit:
        rows = [line.split() for line in kit]
    size, crc, tolerance = int(rows[0][0]), int(rows[0][1]), float(rows[0][2])
    await_model()
    pieces = pieces_of_chip(MODEL, size) if isinstance(MODEL, int) else pieces_of(MODEL)
    found = checksum(pieces)
    tell("model", *found)
    if found != (size, crc):
        # What is damaged is not given to the KPU.
        return
    gc.collect()
    task = load_model()
    try:
        for row in rows[1:]:
            test_picture(task, folder + "/" + row[0], [float(value) for value in row[1:]], tolerance)
            gc.collect()
    finally:
        kpu.deinit(task)
    tell("end")


def self_test(folder):
    try:
        test_board(folder)
    except Exception as error:
        tell("stopped", explain(error))
`;
