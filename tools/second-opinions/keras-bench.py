"""keras-bench.py JOB: one of the jobs of tools/bench/src/training-job.ts in Keras. Says {"ready": true}, works once for each
line that it reads, and answers with the time that this took, the time on all processors, and the most memory so far."""

import json
import os
import resource
import sys
import time

os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")

import keras_network as net
import keras
import numpy as np
import tensorflow as tf

job = json.loads(sys.argv[1])
pictures, side = job["pictures"], job["side"]
keras.utils.set_random_seed(1)


def layers_of(head):
    for layer in head:
        if layer["type"] == "dropout":
            yield keras.layers.Dropout(layer["rate"])
        else:
            yield keras.layers.Dense(layer["units"], activation=layer["activation"])
    yield keras.layers.Dense(2, activation="softmax")


def network():
    """Keras's own MobileNet, which pads where that costs it least."""
    base = net.mobilenet(job["alpha"], side, own_padding=True)
    x = keras.layers.GlobalAveragePooling2D()(base.output)
    for layer in layers_of(job["head"]):
        x = layer(x)
    net.freeze_first(base, job["frozen"])
    return keras.Model(base.input, x)


def compiled(model):
    # Without XLA, as Keras itself decides where there are only CPUs; oneDNN has the convolutions.
    model.compile(keras.optimizers.Adam(1e-4), "categorical_crossentropy", jit_compile=False)
    return model


targets = keras.utils.to_categorical(np.arange(pictures) % 2, 2)


def fine_tune():
    model = compiled(network())
    x, y = tf.constant(net.decoded(net.pictures("bench", pictures, side))), tf.constant(targets)

    def work():
        for _ in range(job["repeats"]):
            model.train_on_batch(x, y)

    return work


def inference():
    model = network()
    answer = tf.function(lambda x: model(x, training=False))
    x = tf.constant(net.decoded(net.pictures("bench", pictures, side)))
    return lambda: [answer(x).numpy() for _ in range(job["repeats"])]


def fresh_head(features):
    start = keras.Input((features.shape[1],))
    x = start
    for layer in layers_of(job["head"]):
        x = layer(x)
    return compiled(keras.Model(start, x))


def fit(model, features):
    model.fit(features, targets, batch_size=32, epochs=job["repeats"], verbose=0)


def head():
    features = np.abs(net.draw("bench/features", pictures * int(1024 * job["alpha"]), -1, 1)).reshape(pictures, -1)
    if not job["again"]:
        return lambda: fit(fresh_head(features), features)
    model = fresh_head(features)
    return lambda: fit(model, features)


work = {"fine-tune": fine_tune, "inference": inference, "head": head}[job["kind"]]()
work()
print(json.dumps({"ready": True}), flush=True)
for _ in sys.stdin:
    wall, processors = time.perf_counter(), time.process_time()
    work()
    answer = {"wallSeconds": time.perf_counter() - wall, "processorSeconds": time.process_time() - processors}
    print(json.dumps({**answer, "peakBytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024}), flush=True)
