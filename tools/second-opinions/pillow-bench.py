"""pillow-bench.py FOLDER SIDE RESULT WAY: decodes every picture of a folder, cuts its middle to a square and resizes it, in one
process. WAY is plain, draft (decodes smaller), or profiles (brings colours to sRGB by the profile in the file). Writes the bytes of
the first time to RESULT and says {"ready": true}; then works once for each line that it reads, and answers with the time that this
took, the time on all processors, and the most memory so far."""

import io
import json
import os
import resource
import sys
import time

from PIL import Image, ImageCms, ImageOps

folder, side, result = sys.argv[1], int(sys.argv[2]), sys.argv[3]
way = sys.argv[4]
SRGB = ImageCms.createProfile("sRGB")
files = [os.path.join(folder, name) for name in sorted(os.listdir(folder))]


def prepared(path):
    with Image.open(path) as picture:
        if way == "draft":
            # Decodes at a half, a quarter or an eighth, at least twice as large as needed.
            scale = 2 * side / min(picture.size)
            picture.draft("RGB", tuple(round(length * scale) for length in picture.size))
        upright = ImageOps.exif_transpose(picture)
    profile = upright.info.get("icc_profile")
    if way == "profiles" and profile is not None:
        own = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        upright = ImageCms.profileToProfile(upright, own, SRGB, outputMode="RGB")
    upright = upright.convert("RGB")
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
