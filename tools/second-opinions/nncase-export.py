"""nncase-export.py FOLDER: writes FOLDER/model.onnx from graph.json and graph.bin, without its softmax, and lets
onnxruntime answer to test.bin. Prints the logits as JSON, one list a picture. Not in one process with nncase: together
the two hang."""

import json
import os
import sys

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

folder = sys.argv[1]
with open(os.path.join(folder, "graph.json")) as file:
    graph = json.load(file)
with open(os.path.join(folder, "graph.bin"), "rb") as file:
    block = file.read()
arrays = {
    entry["name"]: np.frombuffer(block, dtype="<f4", count=entry["length"], offset=entry["offset"])
    for entry in graph["arrays"]
}
picture = graph["input"]
shape = [1, picture["channels"], picture["height"], picture["width"]]
constants = []
nodes = []


def constant(name, value):
    constants.append(numpy_helper.from_array(np.ascontiguousarray(value, dtype=np.float32), name))
    return name


def convolution(node, before):
    name = node["name"]
    weights = arrays[name + "/weights"]
    if node["kind"] == "depthwise":
        size, groups = 3, node["channels"]
        weights = weights.reshape(groups, 1, 3, 3)
    else:
        size, groups = node["kernel"], 1
        weights = weights.reshape(node["outputChannels"], node["inputChannels"], size, size)
    inputs = [before, constant(name + "/weights", weights)]
    if name + "/bias" in arrays:
        inputs.append(constant(name + "/bias", arrays[name + "/bias"]))
    nodes.append(
        helper.make_node(
            "Conv", inputs, [name], name=name, kernel_shape=[size, size], strides=[node["stride"]] * 2,
            pads=[size // 2] * 4, group=groups, dilations=[1, 1],
        )
    )


def activation(node, before):
    name, kind = node["name"], node["activation"]
    if kind == "relu6":
        limits = [constant(name + "/min", 0), constant(name + "/max", 6)]
        nodes.append(helper.make_node("Clip", [before, *limits], [name], name=name))
    else:
        operator = {"linear": "Identity", "relu": "Relu", "sigmoid": "Sigmoid", "tanh": "Tanh"}.get(kind)
        if operator is None:
            sys.exit("the activation %s is not compared" % kind)
        nodes.append(helper.make_node(operator, [before], [name], name=name))


def layer(node, before):
    name, kind = node["name"], node["kind"]
    if kind in ("convolution", "depthwise"):
        convolution(node, before)
    elif kind == "activation":
        activation(node, before)
    elif kind == "batchNorm":
        numbers = [constant(name + "/" + part, arrays[name + "/" + part]) for part in ("gamma", "beta", "mean", "variance")]
        nodes.append(
            helper.make_node("BatchNormalization", [before, *numbers], [name], name=name, epsilon=node["epsilon"])
        )
    elif kind == "globalAveragePool":
        nodes.append(helper.make_node("GlobalAveragePool", [before], [name + "/map"], name=name + "/map"))
        nodes.append(helper.make_node("Flatten", [name + "/map"], [name], name=name, axis=1))
    elif kind == "dense":
        weights = constant(name + "/weights", arrays[name + "/weights"].reshape(node["units"], node["inputs"]))
        bias = constant(name + "/bias", arrays[name + "/bias"])
        nodes.append(helper.make_node("Gemm", [before, weights, bias], [name], name=name, transB=1))
    return name


last = "input"
classes = 0
for entry in graph["nodes"]:
    if entry["kind"] == "softmax":
        continue
    last = layer(entry, last)
    classes = entry.get("units", classes)

model = helper.make_model(
    helper.make_graph(
        nodes,
        "graft",
        [helper.make_tensor_value_info("input", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info(last, TensorProto.FLOAT, [1, classes])],
        constants,
    ),
    opset_imports=[helper.make_opsetid("", 11)],
    ir_version=6,
)
onnx.checker.check_model(model)
# nncase reads the shapes of all values from the file.
onnx.save(onnx.shape_inference.infer_shapes(model, strict_mode=True), os.path.join(folder, "model.onnx"))

session = onnxruntime.InferenceSession(os.path.join(folder, "model.onnx"))
pictures = np.fromfile(os.path.join(folder, "test.bin"), dtype=np.uint8).reshape(-1, *shape)
scale, offset = (np.float32(picture["encoding"][key]) for key in ("scale", "offset"))
logits = [session.run(None, {"input": bytes_.astype(np.float32) * scale + offset})[0][0].tolist() for bytes_ in pictures]
print(json.dumps(logits))
