"""The families of the famous networks, small enough to learn from built-in data in seconds."""

from __future__ import annotations

from typing import Any

from engine.data.sets.invented import Backwards
from engine.data.sets.pictures import Digits, Fashion
from engine.layers.activation import ReLU, ReLU6, Tanh
from engine.layers.adaptive import GlobalAvgPool
from engine.layers.attention import Embedding
from engine.layers.batch_norm import BatchNorm2d
from engine.layers.convolution import Conv2d
from engine.layers.cutting import Select
from engine.layers.dense import Linear
from engine.layers.dropout import Dropout
from engine.layers.input_output import Input, Output
from engine.layers.pooling import AvgPool2d, MaxPool2d
from engine.layers.positions import LearnedPositions
from engine.layers.rearrange import Transpose
from engine.layers.reshape import Flatten
from engine.layers.resize import Upsample
from engine.layers.sample_norm import LayerNorm
from engine.losses.classification import Hinge
from engine.losses.regression import MeanSquaredError
from engine.optim.optimisers import SGD, Adam, AdamW
from engine.optim.schedules import Cosine
from engine.project.recipe import Recipe
from engine.templates.builder import Sketch
from engine.templates.convolutional import fire, unet
from engine.templates.declared import Template
from engine.templates.inception import SIZES, filters, inception
from engine.templates.residual import dense_layer, inverted
from engine.templates.transformers import patches, pre_norm

DIGITS = "digits 8×8"
LEARN = Recipe(optimiser=AdamW(rate=3e-3), schedule=Cosine(), epochs=15, batch_size=32)


def _perceptron(sketch: Sketch) -> None:
    sketch.chain(sketch.add(Input()), Flatten(), Linear(out_features=10), Output(loss=Hinge()))


def _fashion_lenet(sketch: Sketch) -> None:
    x = sketch.chain(
        sketch.add(Input()), Conv2d(out_channels=6, kernel_size=5, padding=2), Tanh(), AvgPool2d()
    )
    x = sketch.chain(x, Conv2d(out_channels=16, kernel_size=5), Tanh(), AvgPool2d(), Flatten())
    x = sketch.chain(x, Linear(out_features=120), Tanh(), Linear(out_features=84), Tanh())
    sketch.chain(x, Linear(out_features=10), Output())


def _digits_inception(sketch: Sketch) -> None:
    x = filters(sketch, sketch.add(Input()), 16, padding=1)
    mixed = inception("Inception", 16, 16, 32, 8, 8, 8)
    x = sketch.add(MaxPool2d(), sketch.repeat(mixed, x))
    wider: dict[str, Any] = dict(zip(SIZES, (32, 24, 48, 8, 16, 16), strict=True))
    x = sketch.repeat(mixed, x, **wider)
    sketch.chain(x, GlobalAvgPool(), Dropout(rate=0.2), Linear(out_features=10), Output())


def _digits_densenet(sketch: Sketch) -> None:
    x = sketch.add(Conv2d(out_channels=24, padding=1, bias=False), sketch.add(Input()))
    x = sketch.repeat(dense_layer(12), x, times=4)
    x = sketch.chain(
        x, BatchNorm2d(), ReLU(), Conv2d(out_channels=36, kernel_size=1, bias=False), AvgPool2d()
    )
    x = sketch.repeat(dense_layer(12), x, times=4)
    sketch.chain(x, BatchNorm2d(), ReLU(), GlobalAvgPool(), Linear(out_features=10), Output())


def _digits_squeezenet(sketch: Sketch) -> None:
    x = sketch.chain(sketch.add(Input()), Conv2d(out_channels=32, padding=1), ReLU())
    squeezed = fire(16, 32)
    x = sketch.add(MaxPool2d(), sketch.repeat(squeezed, x, times=2))
    x = sketch.repeat(squeezed, x, times=2, few=24, many=48)
    x = sketch.chain(x, Conv2d(out_channels=10, kernel_size=1), GlobalAvgPool())
    sketch.add(Output(), x)


def _digits_mobilenet(sketch: Sketch) -> None:
    first = Conv2d(out_channels=16, padding=1, bias=False)
    x = sketch.chain(sketch.add(Input()), first, BatchNorm2d(), ReLU6())
    keeping = inverted(16, 4, 16)
    x = sketch.repeat(keeping, x, times=2)
    x = sketch.repeat(inverted(16, 4, 32, stride=2), x)
    x = sketch.repeat(keeping, x, times=2, inside=128, filters=32)
    x = sketch.chain(x, Conv2d(out_channels=96, kernel_size=1, bias=False), BatchNorm2d(), ReLU6())
    sketch.chain(x, GlobalAvgPool(), Dropout(rate=0.2), Linear(out_features=10), Output())


def _digits_unet(sketch: Sketch) -> None:
    blurred = sketch.chain(sketch.add(Input()), AvgPool2d(), Upsample())
    x = unet(sketch, blurred, (16, 32, 64), normed=True)
    x = sketch.add(Conv2d(out_channels=1, kernel_size=1), x)
    sketch.add(Output(target="image", loss=MeanSquaredError()), x)


def _digits_vit(sketch: Sketch) -> None:
    x = patches(sketch, sketch.add(Input()), 2, 48)
    x = sketch.repeat(pre_norm("Encoder block", 48, 4, dropout=0.05), x, times=2)
    sketch.chain(x, LayerNorm(), Select(), Linear(out_features=10), Output())


def _backwards_transformer(sketch: Sketch) -> None:
    x = sketch.add(Input(column="read"))
    x = sketch.chain(x, Embedding(entries=10, width=64), LearnedPositions())
    x = sketch.repeat(pre_norm("Encoder block", 64, 4, dropout=0.0), x, times=2)
    sketch.chain(x, LayerNorm(), Linear(out_features=10), Transpose(), Output())


TEMPLATES = (
    Template(
        "perceptron",
        "Perceptron",
        "One layer of weights, where all began.",
        DIGITS,
        _perceptron,
        Digits(),
        Recipe(optimiser=SGD(rate=0.1), epochs=60, batch_size=32),
        reached="96.3 %",
        year=1958,
    ),
    Template(
        "fashion-lenet",
        "Fashion LeNet",
        "LeNet-5 looks at clothes.",
        "fashion 28×28",
        _fashion_lenet,
        Fashion(),
        Recipe(optimiser=Adam(rate=2e-3), schedule=Cosine(), epochs=12, batch_size=64),
        reached="84.7 %",
    ),
    Template(
        "digits-inception",
        "Digits Inception",
        "Filters of several sizes side by side.",
        DIGITS,
        _digits_inception,
        Digits(),
        LEARN,
        reached="99.3 %",
    ),
    Template(
        "digits-densenet",
        "Digits DenseNet",
        "Every layer sees all before it.",
        DIGITS,
        _digits_densenet,
        Digits(),
        LEARN,
        reached="99.6 %",
    ),
    Template(
        "digits-squeezenet",
        "Digits SqueezeNet",
        "Squeezed, then widened, again and again.",
        DIGITS,
        _digits_squeezenet,
        Digits(),
        Recipe(optimiser=Adam(rate=1e-3), schedule=Cosine(), epochs=30, batch_size=32),
        reached="85.6 %",
    ),
    Template(
        "digits-mobilenet",
        "Digits MobileNet",
        "Wide inside; each map has its own filter.",
        DIGITS,
        _digits_mobilenet,
        Digits(),
        LEARN,
        reached="99.3 %",
    ),
    Template(
        "digits-unet",
        "Digits U-Net",
        "Sharpens a digit of 4×4 blurred points.",
        DIGITS,
        _digits_unet,
        Digits(),
        LEARN,
        reached="RMSE 1.64",
    ),
    Template(
        "digits-vit",
        "Digits vision Transformer",
        "Patches of a digit, read like words.",
        DIGITS,
        _digits_vit,
        Digits(),
        Recipe(optimiser=AdamW(rate=3e-3, weight_decay=0.01), schedule=Cosine(), epochs=30, batch_size=64),
        reached="94.4 %",
    ),
    Template(
        "backwards-transformer",
        "Transformer, small",
        "Attention writes a row of digits backwards.",
        "8 digits",
        _backwards_transformer,
        Backwards(),
        Recipe(optimiser=AdamW(rate=2e-3), schedule=Cosine(), epochs=20, batch_size=32),
        reached="100 %",
    ),
)
