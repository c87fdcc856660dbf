"""keras-imagenet.py FILE: lets Keras answer with its own MobileNet v1 of 1000 classes (its padding, its top), alpha 0.25, 224 × 224, and writes
what libs/training is tested against. Picture and weights follow from names (keras_network.draw), so that the file holds the answer only."""

import json
import sys

import keras_network as net
import keras
import tensorflow as tf

model = keras.applications.MobileNet(input_shape=(224, 224, 3), alpha=0.25, include_top=True, weights=None)
net.fill(model)
answer = model(net.decoded(net.pictures("imagenet picture", 1, 224))).numpy()[0]
with open(sys.argv[1], "w") as file:
    made_by = {"keras": keras.__version__, "tensorflow": tf.__version__}
    values = ", ".join(f"{value:.9g}" for value in answer)
    file.write(f'{{\n  "madeBy": {json.dumps(made_by)},\n  "answer": [{values}]\n}}\n')
