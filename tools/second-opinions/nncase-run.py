"""nncase-run.py FOLDER: compiles FOLDER/model.onnx for the K210 with the pictures of calibration.bin, and lets nncase's
simulator answer to test.bin. Prints logits, sizes and times as the last line, as JSON."""

import json
import os
import sys
import time

import nncase
import numpy as np

folder = sys.argv[1]
with open(os.path.join(folder, "graph.json")) as file:
    picture = json.load(file)["input"]
shape = [1, picture["channels"], picture["height"], picture["width"]]
scale, offset = picture["encoding"]["scale"], picture["encoding"]["offset"]


def pictures(name):
    return np.fromfile(os.path.join(folder, name), dtype=np.uint8).reshape(-1, *shape)


options = nncase.CompileOptions()
options.target = "k210"
options.input_type = "uint8"
options.preprocess = True
options.input_layout = "NCHW"
options.output_layout = "NCHW"
options.input_shape = shape
options.input_range = [offset, 255 * scale + offset]
options.mean = [0, 0, 0]
options.std = [1, 1, 1]

started = time.perf_counter()
compiler = nncase.Compiler(options)
with open(os.path.join(folder, "model.onnx"), "rb") as file:
    compiler.import_onnx(file.read(), nncase.ImportOptions())
calibration = pictures("calibration.bin")
quantization = nncase.PTQTensorOptions()
quantization.samples_count = len(calibration)
quantization.set_tensor_data(calibration.tobytes())
compiler.use_ptq(quantization)
compiler.compile()
kmodel = compiler.gencode_tobytes()
compile_seconds = time.perf_counter() - started

simulator = nncase.Simulator()
simulator.load_model(kmodel)
logits = []
started = time.perf_counter()
for one in pictures("test.bin"):
    simulator.set_input_tensor(0, nncase.RuntimeTensor.from_numpy(one))
    simulator.run()
    logits.append(simulator.get_output_tensor(0).to_numpy().ravel().tolist())
seconds = time.perf_counter() - started
print()
print(
    json.dumps(
        {
            "logits": logits,
            "compileSeconds": compile_seconds,
            "simulateSeconds": seconds / len(logits),
            "bytes": len(kmodel),
        }
    )
)
