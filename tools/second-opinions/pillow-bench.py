"""pillow-bench.py FOLDER SIDE RESULT [draft]: decodes every picture of a folder, cuts its middle to a square and resizes it, in one
process. Writes the bytes of the first time to RESULT and says {"ready": true}; then works once for each line that it reads, and
answers with the time that this took, the time on all processors, and the most memory so far."""

import json
import os
import resource
import sys
import time

from PIL import Image, ImageOps

folder, side, result = sys.argv[1], int(sys.argv[2]), sys.argv[3]
draft = "draft" in sys.argv[4:]
files = [os.path.join(folder, name) for name in sorted(os.listdir(folder))]


def prepared(path):
    with Image.open(path) as picture:
        if draft:
            # Decodes at a half, a quarter or an eighth, at least twice as large as needed.
            scale = 2 * side / min(picture.size)
            picture.draft("RGB", tuple(round(length * scale) for length in picture.size))
        upright = ImageOps.exif_transpose(picture).convert("RGB")
    width, height = upright.size
    part = min(width, height)
    left, top = (width - part) // 2, (height - part) // 2
    box = (left, top, left + part, top + part)
    return upright.resize((side, side), Image.Resampling.BILINEAR, box=box).tobytes()


with open(result, "wb") as out:
    for path in files:
        out.write(prepared(path))
print(json.dumps({"ready": True}), flush=True)

for _ in sys.stdin:
    wall, processors = time.perf_counter(), time.process_time()
    for path in files:
        prepared(path)
    answer = {
        "wallSeconds": time.perf_counter() - wall,
        "processorSeconds": time.process_time() - processors,
        "peakBytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    }
    print(json.dumps(answer), flush=True)
