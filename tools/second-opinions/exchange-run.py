"""Lets LiteRT or Keras answer: exchange-run.py <litert|keras> <model> <pictures: bytes [picture][row][column][RGB]> prints JSON."""

import json
import sys

import numpy as np


def litert(path, pixels):
    from ai_edge_litert.interpreter import Interpreter, OpResolverType

    # Reference kernels: the arithmetic of the specification, the same on every machine.
    model = Interpreter(path, experimental_op_resolver_type=OpResolverType.BUILTIN_REF)
    model.allocate_tensors()
    given, answer = model.get_input_details()[0], model.get_output_details()[0]
    pictures = np.frombuffer(pixels, np.uint8).reshape(-1, *given["shape"][1:])
    scale, zero = answer["quantization"]
    for picture in pictures:
        model.set_tensor(given["index"], picture[None].astype(given["dtype"]))
        model.invoke()
        values = model.get_tensor(answer["index"])[0].astype(np.float64)
        yield ((values - zero) * scale if scale else values).tolist()


def keras(path, pixels):
    from keras.saving import load_model

    model = load_model(path)
    pictures = np.frombuffer(pixels, np.uint8).reshape(-1, *model.input_shape[1:])
    return model.predict(pictures.astype(np.float32), verbose=0).tolist()


kind, path, pictures = sys.argv[1:]
with open(pictures, "rb") as file:
    print(json.dumps(list({"litert": litert, "keras": keras}[kind](path, file.read()))))
