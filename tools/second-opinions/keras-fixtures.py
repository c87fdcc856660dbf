"""keras-fixtures.py FOLDER: lets Keras work out what libs/training is tested against, and writes a JSON file for each
subject. All inputs and weights follow from names (keras_network.draw), so that the files hold answers only."""

import hashlib
import json
import os
import sys

import keras_network as net
import keras
import numpy as np
import tensorflow as tf

folder = sys.argv[1]
os.makedirs(folder, exist_ok=True)
tf.config.experimental.enable_op_determinism()
keras.utils.set_random_seed(1)


def write(name, value):
    """One line for each entry; nine digits are more than float32 holds."""
    made_by = {"keras": keras.__version__, "tensorflow": tf.__version__}
    lines = [f"  {json.dumps(key)}: {json.dumps(plain(part))}" for key, part in {"madeBy": made_by, **value}.items()]
    with open(os.path.join(folder, f"{name}.json"), "w") as file:
        file.write("{\n" + ",\n".join(lines) + "\n}\n")


def plain(value):
    if isinstance(value, dict):
        return {key: plain(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(part) for part in value]
    if hasattr(value, "shape") and np.ndim(value) > 0:
        return plain(np.asarray(value).ravel().tolist())
    if isinstance(value, (float, np.floating)) or hasattr(value, "numpy"):
        return float(f"{float(value):.9g}")
    return value


# Forward pass.

FORWARD_SIDE, FORWARD_PICTURES = 224, 2


def every(values, count=8):
    """So many numbers, evenly from the whole of the map; by an odd step, so that channels take turns."""
    flat = np.asarray(values).ravel()
    return flat[:: len(flat) // count | 1][:count]


def maps_of(own_padding, precision):
    """What each layer with ReLU6 answers, by name."""
    keras.config.set_dtype_policy(precision)
    model = net.fill(net.mobilenet(0.25, FORWARD_SIDE, own_padding))
    keras.config.set_dtype_policy("float32")
    pixels = net.decoded(net.pictures("pictures/forward", FORWARD_PICTURES, FORWARD_SIDE))
    layers = [layer for layer in model.layers if layer.name.endswith("_relu")]
    maps = keras.Model(model.input, [layer.output for layer in layers])(pixels.astype(precision))
    return {layer.name: one.numpy() for layer, one in zip(layers, maps)}


def forward(own_padding):
    """In double precision: the largest number of each layer and a few others, all of the last map's means. How far single
    precision is off: the largest difference, as a share of the map's largest number."""
    exact, single = maps_of(own_padding, "float64"), maps_of(own_padding, "float32")
    samples = [
        {
            "layer": name, "largest": one.max(), "values": every(one, 16),
            "singlePrecision": abs(single[name] - one).max() / one.max(),
        }
        for name, one in exact.items()
    ]
    return {"layers": samples, "features": exact["conv_pw_13_relu"].mean(axis=(1, 2))}


write(
    "forward",
    {
        "alpha": 0.25, "side": FORWARD_SIDE, "pictures": FORWARD_PICTURES,
        "kpuPadding": forward(False), "ownPadding": forward(True),
    },
)

# Gradients of single layers, in double precision.

MAP = (2, 6, 4, 5)
VALID = {"kernel_size": 3, "padding": "valid", "use_bias": False, "dtype": "float64"}
PADDED = keras.layers.ZeroPadding2D(1, dtype="float64")
OPERATIONS = {
    "convolution 3, stride 1": (PADDED, keras.layers.Conv2D(6, **VALID)),
    "convolution 3, stride 2": (PADDED, keras.layers.Conv2D(6, strides=2, **VALID)),
    "convolution 1": (keras.layers.Conv2D(6, 1, dtype="float64"),),
    "depthwise, stride 1": (PADDED, keras.layers.DepthwiseConv2D(**VALID)),
    "depthwise, stride 2": (PADDED, keras.layers.DepthwiseConv2D(strides=2, **VALID)),
    "batch norm of the batch": (keras.layers.BatchNormalization(epsilon=1e-3, dtype="float64"),),
    "batch norm of the averages": (keras.layers.BatchNormalization(epsilon=1e-3, dtype="float64"),),
    "relu6": (keras.layers.ReLU(6, dtype="float64"),),
    "mean": (keras.layers.GlobalAveragePooling2D(dtype="float64"),),
    "dense": (keras.layers.GlobalAveragePooling2D(dtype="float64"), keras.layers.Dense(3, dtype="float64")),
}


def operation(name, layers):
    """The answer to a map, and the slopes of Σ answer · upstream by the map and by every tensor that learns."""
    x = tf.Variable(net.draw("operation/input", int(np.prod(MAP)), -4, 8).reshape(MAP).astype("float64"))
    apply = lambda training: [value := x, [value := layer(value, training=training) for layer in layers]][1][-1]
    apply(False)
    tensors = [tensor for layer in layers for tensor in layer.weights]
    for tensor in tensors:
        low, high = net.RANGES.get(tensor.name, (-1, 1))
        tensor.assign(net.draw(f"operation/{tensor.name}", int(np.prod(tensor.shape)), low, high).reshape(tensor.shape))
    with tf.GradientTape() as tape:
        output = apply(name.endswith("the batch"))
        upstream = net.draw("operation/upstream", int(np.prod(output.shape)), -1, 1).reshape(output.shape)
        total = tf.reduce_sum(output * upstream)
    learning = [tensor for tensor in tensors if tensor.trainable]
    slopes = tape.gradient(total, [x, *(tensor.value for tensor in learning)])
    statistics = {tensor.name: tensor.numpy() for tensor in tensors if not tensor.trainable}
    return {
        "output": output, "input": slopes[0],
        "parameters": {tensor.name: slope for tensor, slope in zip(learning, slopes[1:])}, "statistics": statistics,
    }


write("operations", {name: operation(name, layers) for name, layers in OPERATIONS.items()})

# Trajectories: the same batches, from the same start.


class Random:
    """Graft's random numbers (libs/foundation): sfc32, its state from the SHA-256 of seed and names."""

    def __init__(self, *names):
        digest = hashlib.sha256(json.dumps(names, separators=(",", ":")).encode()).digest()
        self.a, self.b, self.c = (int.from_bytes(digest[at : at + 4], "little") for at in (0, 4, 8))
        self.counter = 1
        for _ in range(12):
            self.uniform()

    def uniform(self):
        total = (self.a + self.b + self.counter) % 2**32
        self.counter += 1
        self.a = self.b ^ (self.b >> 9)
        self.b = self.c * 9 % 2**32
        self.c = ((self.c << 21 | self.c >> 11) + total) % 2**32
        return total / 2**32


def batch(run, step, pictures, side):
    pixels = net.pictures(f"pictures/{run}/{step}", pictures, side)
    return net.decoded(pixels), np.arange(pictures) % 2


def train(model, run, steps, pictures, side, dropout_seed=1):
    """The loss of each step, before the step."""
    dropouts = [layer for layer in model.layers if isinstance(layer, net.MaskedDropout)]
    streams = {layer: Random(dropout_seed, "dropout", layer.name) for layer in dropouts}
    losses = []
    for step in range(steps):
        x, labels = batch(run, step, pictures, side)
        for layer, stream in streams.items():
            draws = np.array([stream.uniform() for _ in range(pictures * layer.input.shape[1])])
            layer.mask = np.where(draws < layer.rate, 0, 1 / (1 - layer.rate)).astype(np.float32).reshape(pictures, -1)
        model.reset_metrics()
        losses.append(model.train_on_batch(x, keras.utils.to_categorical(labels, 2)))
    return losses


def compiled(model, rate):
    model.compile(keras.optimizers.Adam(rate), "categorical_crossentropy", run_eagerly=True)
    return model


def norms_after(model, names):
    layers = {layer.name: layer for layer in model.layers}
    return {name: {tensor.name: every(tensor) for tensor in layers[name].weights} for name in names}


STEPS, PICTURES, RATE = 8, 16, 1e-4
WATCHED = ["conv_dw_3_bn", "conv_pw_3_bn", "conv_pw_13_bn"]
SMALL_HEAD = [{"dense": 64}, {"dropout": 0.5}, {"dense": 32}]


def trajectory(first, side, head=SMALL_HEAD, frozen_statistics=False):
    """With the statistics of a batch only where the result does not hang on the last bits: in double precision, Keras's own
    losses are 0.06 % off with 20 layers frozen at 128 × 128 pixels, and 0.5 % with none frozen."""
    base = net.mobilenet(0.25, side, frozen_statistics=frozen_statistics)
    net.freeze_first(base, first)
    model = compiled(net.fill(net.classifier(base, head, 2)), RATE)
    losses = train(model, "trajectory", STEPS, PICTURES, side)
    norms = norms_after(model, WATCHED)
    choice = {"first": first, "side": side, "head": head, "frozenStatistics": frozen_statistics}
    return {**choice, "losses": losses, "norms": norms}


write(
    "trajectories",
    {
        "alpha": 0.25, "pictures": PICTURES, "learningRate": RATE,
        "first 20 frozen": trajectory(20, 128),
        "first 20 frozen, statistics of all": trajectory(20, 64, frozen_statistics=True),
        "statistics of all frozen": trajectory(0, 64, head=[], frozen_statistics=True),
        "all frozen": trajectory(86, 64),
    },
)

# Rules of a step, on a head alone.

FEATURES, EXAMPLES, CLASSES = 6, 12, 3
HEAD_BATCHES = [(0, 5), (5, 10), (10, 12)]


def head_model():
    """Twelve vectors of six features, a dense layer of eight with ReLU, three classes."""
    start = keras.Input((FEATURES,))
    x = keras.layers.Dense(8, activation="relu", name="dense_1")(start)
    return net.fill(keras.Model(start, keras.layers.Dense(CLASSES, activation="softmax", name="predictions")(x)))


FEATURE_ROWS = net.draw("rules/features", EXAMPLES * FEATURES, -1, 1).reshape(EXAMPLES, FEATURES)
LABELS = np.arange(EXAMPLES) % CLASSES
DECAY = 0.5
RULES = {
    "sgd": (keras.optimizers.SGD(0.1), {}),
    "momentum": (keras.optimizers.SGD(0.1, momentum=0.9), {}),
    "nesterov": (keras.optimizers.SGD(0.1, momentum=0.9, nesterov=True), {}),
    "adam": (keras.optimizers.Adam(0.1), {}),
    "adam, other figures": (keras.optimizers.Adam(0.1, beta_1=0.5, beta_2=0.8, epsilon=0.01), {}),
    "adam with weight decay": (keras.optimizers.Adam(0.1, weight_decay=DECAY), {}),
    "momentum with weight decay": (keras.optimizers.SGD(0.1, momentum=0.9, weight_decay=DECAY), {}),
    "label smoothing": (keras.optimizers.Adam(0.1), {"label_smoothing": 0.2}),
    "class weights": (keras.optimizers.Adam(0.1), {"class_weight": [1, 2.5, 0.25]}),
    "class weights and label smoothing": (
        keras.optimizers.SGD(0.1, momentum=0.9), {"label_smoothing": 0.1, "class_weight": [0.5, 1, 3]},
    ),
}


def rule(optimizer, label_smoothing=0.0, class_weight=None):
    """Two rounds over three batches: the loss before each step, and all numbers after the last."""
    model = head_model()
    optimizer.build(model.trainable_variables)
    if optimizer.weight_decay:
        optimizer.exclude_from_weight_decay(var_names=["bias"])
    model.compile(optimizer, keras.losses.CategoricalCrossentropy(label_smoothing=label_smoothing))
    losses = []
    for start, end in HEAD_BATCHES * 2:
        model.reset_metrics()
        targets = keras.utils.to_categorical(LABELS[start:end], CLASSES)
        weights = None if class_weight is None else dict(enumerate(class_weight))
        losses.append(model.train_on_batch(FEATURE_ROWS[start:end], targets, class_weight=weights))
    tensors = {net.tensor_name(layer, tensor): tensor.numpy() for layer in model.layers for tensor in layer.weights}
    return {"labelSmoothing": label_smoothing, "classWeights": class_weight, "losses": losses, "tensors": tensors}


def epoch():
    """What an epoch of `fit` reports: training figures with class weights, validation figures without. Learns nothing."""
    model = head_model()
    loss = keras.losses.CategoricalCrossentropy(label_smoothing=0.1)
    model.compile(keras.optimizers.SGD(0.0), loss, metrics=["accuracy"])
    targets = keras.utils.to_categorical(LABELS, CLASSES)
    history = model.fit(
        FEATURE_ROWS[:7], targets[:7], validation_data=(FEATURE_ROWS[7:], targets[7:]), batch_size=5,
        class_weight={0: 0.5, 1: 1, 2: 3}, verbose=0,
    )
    return {name: values[0] for name, values in history.history.items()}


write("rules", {**{name: rule(optimizer, **options) for name, (optimizer, options) in RULES.items()}, "epoch": epoch()})

# Learning rates: of each step, or after each epoch.

VALIDATION_LOSSES = [1.0, 0.9, 0.95, 0.9, 0.91, 0.8, 0.85, 0.81, 0.82, 0.83, 0.7, 0.71]


def watched(callback, read):
    """What `read` says after each epoch of a run with these validation losses."""
    model = head_model()
    model.compile(keras.optimizers.SGD(1.0), "categorical_crossentropy")
    callback.set_model(model)
    callback.on_train_begin()
    seen = []
    for index, loss in enumerate(VALIDATION_LOSSES):
        callback.on_epoch_end(index, {"val_loss": loss})
        seen.append(read(model))
        if model.stop_training:
            break
    return seen


def rates(schedule, steps):
    return [schedule(step) for step in range(steps)]


schedules = keras.optimizers.schedules
plateau = keras.callbacks.ReduceLROnPlateau("val_loss", factor=0.5, patience=2, min_delta=0)
stopping = keras.callbacks.EarlyStopping("val_loss", patience=3, min_delta=0.02)
write(
    "schedules",
    {
        "cosine": {"rate": 0.1, "steps": 12, "rates": rates(schedules.CosineDecay(0.1, 12), 12)},
        # Keras's first step of a warm-up has the rate 0.
        "cosine after warm-up": {
            "rate": 0.1, "steps": 15, "warmup": 3,
            "rates": rates(schedules.CosineDecay(0.0, 12, warmup_target=0.1, warmup_steps=3), 15),
        },
        "step": {"rate": 0.1, "rates": rates(schedules.ExponentialDecay(0.1, 6, 0.5, staircase=True), 15)},
        "plateau": {
            "rate": 1, "factor": 0.5, "patience": 2, "losses": VALIDATION_LOSSES,
            "rates": watched(plateau, lambda model: float(model.optimizer.learning_rate.numpy())),
        },
        "early stopping": {
            "patience": 3, "minDelta": 0.02, "losses": VALIDATION_LOSSES,
            "epochs": len(watched(stopping, lambda model: None)), "bestEpoch": stopping.best_epoch + 1,
        },
    },
)

# The workshop's networks.

WORKSHOP_STEPS, WORKSHOP_PICTURES = 2, 4
WORKSHOPS = {
    "readme": (20, [{"dense": 1024}, {"dropout": 0.5}, {"dense": 1024}, {"dense": 512}]),
    "last script": (86, [{"dense": 1024}, {"dropout": 0.5}, {"dense": 512}]),
}


def workshop(first, head):
    """Keras's own count of layers and parameters; the losses of two steps with the padding of the KPU."""
    keras.utils.clear_session()
    base = net.mobilenet(1.0, 224, own_padding=True)
    net.freeze_first(base, first)
    whole = net.classifier(base, head, 2)
    parameters = {layer.name: layer.count_params() for layer in whole.layers if layer.count_params() > 0}
    count = lambda tensors: sum(int(np.prod(tensor.shape)) for tensor in tensors)
    padded = net.mobilenet(1.0, 224)
    net.freeze_first(padded, first)
    model = compiled(net.fill(net.classifier(padded, head, 2)), 1e-4)
    return {
        "first": first, "head": head, "pictures": WORKSHOP_PICTURES, "learningRate": 1e-4,
        "layers": [layer.name for layer in base.layers],
        "trainable": [layer.name for layer in base.layers if layer.trainable],
        "parameters": parameters,
        "trainableParameters": count(whole.trainable_weights),
        "otherParameters": count(whole.non_trainable_weights),
        "losses": train(model, "workshop", WORKSHOP_STEPS, WORKSHOP_PICTURES, 224),
    }


write("workshop", {name: workshop(*choice) for name, choice in WORKSHOPS.items()})
