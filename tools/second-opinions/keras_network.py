"""Networks in Keras as Graft trains them, from numbers that both can draw. For keras-fixtures.py and keras-bench.py."""

import os

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import zlib

import keras
import numpy as np


def draw(name, length, low, high):
    """Numbers from low to high that follow from their name alone (the last mixing step of MurmurHash3 over a counter
    from the name's CRC-32); libs/training/src/keras-parity.sample.ts draws the same ones."""
    x = np.arange(length, dtype=np.uint32) * np.uint32(0x9E3779B1) + np.uint32(zlib.crc32(name.encode()))
    for factor, shift in ((0x85EBCA6B, 16), (0xC2B2AE35, 13)):
        x = (x ^ (x >> np.uint32(shift))) * np.uint32(factor)
    x ^= x >> np.uint32(16)
    return (low + (high - low) * (x / 2.0**32)).astype(np.float32)


def pictures(name, count, side):
    """Bytes [picture][row][column][RGB]: 8 × 8 blocks of one colour each."""
    blocks = draw(name, count * 8 * 8 * 3, 0, 256).astype(np.uint8).reshape(count, 8, 8, 3)
    return blocks.repeat(side // 8, axis=1).repeat(side // 8, axis=2)


def decoded(pixels):
    return (pixels * (1 / 127.5) - 1).astype(np.float32)


class KpuConvolution(keras.layers.Conv2D):
    """A 3 × 3 convolution with a border of one pixel on all sides."""

    def call(self, inputs):
        return super().call(keras.ops.pad(inputs, [[0, 0], [1, 1], [1, 1], [0, 0]]))

    def compute_output_shape(self, shape):
        return (shape[0], shape[1] // self.strides[0], shape[2] // self.strides[1], self.filters)


class AveragedNorm(keras.layers.BatchNormalization):
    """Batch norm by its averages, which stay as they are; gamma and beta learn. (A model that trains overrules the
    training=False of a call, and trainable=False would stop gamma and beta as well.)"""

    def call(self, inputs, training=None, mask=None):
        return super().call(inputs, training=False, mask=mask)


def mobilenet(alpha, side, own_padding=False, frozen_statistics=False):
    """Keras's MobileNet v1 without its head; with the padding of the KPU, or (own_padding) just as Keras makes it."""

    def changed(layer):
        config = layer.get_config()
        if layer.name == "conv1" and not own_padding:
            return KpuConvolution(**{**config, "padding": "valid"})
        if isinstance(layer, keras.layers.ZeroPadding2D) and not own_padding:
            config["padding"] = 1
        if isinstance(layer, keras.layers.BatchNormalization) and frozen_statistics:
            return AveragedNorm.from_config(config)
        return type(layer).from_config(config)

    model = keras.applications.MobileNet(input_shape=(side, side, 3), alpha=alpha, include_top=False, weights=None)
    as_it_is = own_padding and not frozen_statistics
    return model if as_it_is else keras.models.clone_model(model, clone_function=changed)


class MaskedDropout(keras.layers.Dropout):
    """Dropout whose mask (0 or 1 / (1 − rate) for each number) is given."""

    mask = None

    def call(self, inputs, training=False):
        return inputs * self.mask if training else inputs


def classifier(base, head, classes):
    """Pooling, the head ({"dense": units} with ReLU, {"dropout": rate}), and softmax."""
    x = keras.layers.GlobalAveragePooling2D()(base.output)
    denses = 0
    for at, layer in enumerate(head):
        if "dropout" in layer:
            x = MaskedDropout(layer["dropout"], name=f"dropout_{at + 1}")(x)
        else:
            denses += 1
            x = keras.layers.Dense(layer["dense"], activation="relu", name=f"dense_{denses}")(x)
    x = keras.layers.Dense(classes, activation="softmax", name="predictions")(x)
    return keras.Model(base.input, x)


def tensor_name(layer, variable):
    if isinstance(layer, keras.layers.DepthwiseConv2D):
        return f"{layer.name}/depthwise_kernel"
    return f"{layer.name}/{variable.name}"


RANGES = {"gamma": (0.5, 1.5), "beta": (-0.5, 0.5), "moving_mean": (-0.2, 0.2), "moving_variance": (0.5, 1.5)}


def fill(model):
    """Draws every tensor by its name. Kernels after He et al. (2015): the maps stay alive from the first layer to the last."""
    for layer in model.layers:
        for variable in layer.weights:
            name = tensor_name(layer, variable)
            low, high = RANGES.get(variable.name, (-0.1, 0.1))
            if variable.name == "kernel":
                depthwise = name.endswith("depthwise_kernel")
                high = (6 / (9 if depthwise else np.prod(variable.shape[:-1]))) ** 0.5
                low = -high
            variable.assign(draw(name, int(np.prod(variable.shape)), low, high).reshape(variable.shape))
    return model


def freeze_first(model, count):
    for layer in model.layers[:count]:
        layer.trainable = False
