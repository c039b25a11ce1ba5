"""Small networks that learn from built-in data in seconds. The first is the place to begin."""

from __future__ import annotations

from engine.data.sets.pictures import Digits, Fashion
from engine.data.sets.series import Sunspots
from engine.data.sets.tables import Diabetes, Wine
from engine.layers.activation import ReLU
from engine.layers.adaptive import GlobalAvgPool
from engine.layers.batch_norm import BatchNorm2d
from engine.layers.combine import Add
from engine.layers.convolution import Conv2d
from engine.layers.dense import Linear
from engine.layers.dropout import Dropout
from engine.layers.input_output import Input, Output
from engine.layers.pooling import MaxPool2d
from engine.layers.recurrent import GRU, LSTM
from engine.layers.reshape import Flatten, Reshape
from engine.losses.regression import MeanSquaredError
from engine.optim.optimisers import SGD, Adam, AdamW
from engine.optim.schedules import Cosine
from engine.project.recipe import Recipe
from engine.templates.builder import Sketch
from engine.templates.declared import Template


def _digits_mlp(sketch: Sketch) -> None:
    x = sketch.add(Input())
    sketch.chain(x, Flatten(), Linear(out_features=64), ReLU(), Linear(out_features=10), Output())


def _digits_cnn(sketch: Sketch) -> None:
    x = sketch.add(Input())
    x = sketch.chain(x, Conv2d(out_channels=32, padding=1), BatchNorm2d(), ReLU())
    x = sketch.chain(x, Conv2d(out_channels=32, padding=1), BatchNorm2d(), ReLU(), MaxPool2d())
    x = sketch.chain(x, Conv2d(out_channels=64, padding=1), BatchNorm2d(), ReLU(), MaxPool2d())
    sketch.chain(x, Flatten(), Dropout(rate=0.3), Linear(out_features=10), Output())


def _digits_resnet(sketch: Sketch) -> None:
    x = sketch.add(Input())
    x = sketch.chain(x, Conv2d(out_channels=32, padding=1), BatchNorm2d(), ReLU())
    x = _residual(sketch, x, 32, shortcut=False)
    x = sketch.add(MaxPool2d(), x)
    x = _residual(sketch, x, 64, shortcut=True)
    sketch.chain(x, GlobalAvgPool(), Linear(out_features=10), Output())


def _residual(sketch: Sketch, x: str, filters: int, shortcut: bool) -> str:
    """Two convolutions beside a skip. Source: He et al. 2015, "Deep residual learning"."""
    y = sketch.chain(x, Conv2d(out_channels=filters, padding=1, bias=False), BatchNorm2d(), ReLU())
    y = sketch.chain(y, Conv2d(out_channels=filters, padding=1, bias=False), BatchNorm2d())
    skip = sketch.add(Conv2d(out_channels=filters, kernel_size=1), x, name="shortcut") if shortcut else x
    return sketch.add(ReLU(), sketch.add(Add(), y, skip))


def _fashion_cnn(sketch: Sketch) -> None:
    x = sketch.add(Input())
    x = sketch.chain(x, Conv2d(out_channels=16, padding=1), BatchNorm2d(), ReLU(), MaxPool2d())
    x = sketch.chain(x, Conv2d(out_channels=32, padding=1), BatchNorm2d(), ReLU(), MaxPool2d())
    x = sketch.chain(x, Flatten(), Dropout(rate=0.4), Linear(out_features=64), ReLU(), Dropout(rate=0.3))
    sketch.chain(x, Linear(out_features=10), Output())


def _wine_mlp(sketch: Sketch) -> None:
    x = sketch.add(Input())
    sketch.chain(x, Linear(out_features=32), ReLU(), Dropout(rate=0.2), Linear(out_features=3), Output())


def _sunspots_lstm(sketch: Sketch) -> None:
    x = sketch.add(Input())
    x = sketch.chain(x, LSTM(hidden_size=64), Dropout(rate=0.1), Linear(out_features=1))
    sketch.add(Output(loss=MeanSquaredError()), x)


def _digits_gru(sketch: Sketch) -> None:
    x = sketch.add(Input())
    sketch.chain(x, Reshape(sizes=(8, 8)), GRU(hidden_size=64), Linear(out_features=10), Output())


def _diabetes_mlp(sketch: Sketch) -> None:
    x = sketch.add(Input())
    x = sketch.chain(x, Linear(out_features=32), ReLU(), Dropout(), Linear(out_features=1))
    sketch.add(Output(loss=MeanSquaredError()), x)


TEMPLATES = (
    Template(
        "digits-mlp",
        "Digits MLP",
        "Two dense layers. The place to begin.",
        "digits 8×8",
        _digits_mlp,
        Digits(),
        Recipe(optimiser=Adam(rate=1e-3), epochs=900, batch_size=32, patience=50),
        reached="96.3 %",
    ),
    Template(
        "digits-cnn",
        "Digits CNN",
        "Three convolutions: strokes, then shapes.",
        "digits 8×8",
        _digits_cnn,
        Digits(),
        Recipe(optimiser=Adam(rate=1e-3), schedule=Cosine(), epochs=50, batch_size=32),
        reached="99.6 %",
    ),
    Template(
        "digits-resnet",
        "Digits ResNet",
        "Two residual blocks with their skips.",
        "digits 8×8",
        _digits_resnet,
        Digits(),
        Recipe(
            optimiser=SGD(rate=0.05, momentum=0.9, nesterov=True), schedule=Cosine(), epochs=30, batch_size=32
        ),
        reached="100 %",
    ),
    Template(
        "fashion-cnn",
        "Fashion CNN",
        "Ten kinds of clothes, from shirts to boots.",
        "fashion 28×28",
        _fashion_cnn,
        Fashion(),
        Recipe(optimiser=AdamW(rate=2e-3, weight_decay=1e-3), schedule=Cosine(), epochs=10, batch_size=64),
        reached="87.0 %",
    ),
    Template(
        "wine-mlp",
        "Wine MLP",
        "Thirteen numbers tell vineyards apart.",
        "wine, 178 bottles",
        _wine_mlp,
        Wine(),
        Recipe(optimiser=Adam(rate=1e-3), epochs=2000, batch_size=8, patience=100),
        reached="96.7 %",
    ),
    Template(
        "sunspots-lstm",
        "LSTM forecaster",
        "24 years of sunspots foretell the next.",
        "sunspots, yearly",
        _sunspots_lstm,
        Sunspots(),
        Recipe(optimiser=Adam(rate=3e-3), epochs=500, batch_size=32, patience=50, clip=1.0),
        reached="RMSE 14.5",
    ),
    Template(
        "digits-gru",
        "Digits GRU",
        "Reads a digit row by row and remembers.",
        "digits 8×8",
        _digits_gru,
        Digits(),
        Recipe(optimiser=Adam(rate=2e-3), epochs=120, batch_size=32, patience=20),
        reached="95.2 %",
    ),
    Template(
        "diabetes-mlp",
        "Diabetes MLP",
        "Predicts a number, not a class.",
        "diabetes, 442 people",
        _diabetes_mlp,
        Diabetes(),
        # few samples, and answers full of chance: without a strong pull to zero it learns them by heart
        Recipe(optimiser=AdamW(rate=1e-3, weight_decay=1.0), epochs=400, batch_size=32, patience=40),
        reached="RMSE 59.0",
    ),
)
