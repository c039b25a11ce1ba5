"""Networks for further kinds of data: tables to decide by, a trend, written text, points in the plane."""

from __future__ import annotations

from engine.data.sets.series import CarbonDioxide
from engine.data.sets.tables import BreastCancer
from engine.data.sets.texts import FirstNames, Poems
from engine.data.sets.toys import Spirals
from engine.layers.activation import ReLU, Tanh
from engine.layers.adaptive import GlobalAvgPool, GlobalMaxPool
from engine.layers.arithmetic import Subtract
from engine.layers.attention import Embedding
from engine.layers.combine import Add, Concatenate
from engine.layers.convolution import Conv1d
from engine.layers.cutting import Slice
from engine.layers.dense import Linear
from engine.layers.dropout import Dropout
from engine.layers.input_output import Input, Output
from engine.layers.rearrange import Transpose
from engine.layers.reduce import Mean
from engine.layers.reshape import Flatten
from engine.losses.regression import MeanSquaredError
from engine.optim.optimisers import Adam, AdamW
from engine.project.recipe import Recipe
from engine.templates.builder import Sketch
from engine.templates.declared import Template


def _cancer_mlp(sketch: Sketch) -> None:
    x = sketch.add(Input())
    sketch.chain(x, Linear(out_features=16), ReLU(), Dropout(rate=0.3), Linear(out_features=2), Output())


def _co2(sketch: Sketch) -> None:
    window = sketch.chain(sketch.add(Input()), Flatten())
    last = sketch.add(Slice(start=-1), window, name="last week")
    change = sketch.add(Subtract(stretch=True), window, last, name="against it")
    change = sketch.chain(change, Linear(out_features=32), ReLU(), Linear(out_features=1))
    sketch.add(Output(loss=MeanSquaredError()), sketch.add(Add(), last, change))


def _names(sketch: Sketch) -> None:
    x = sketch.chain(sketch.add(Input()), Embedding(entries=28, width=24), Transpose())
    x = sketch.chain(x, Conv1d(out_channels=96, kernel_size=3, padding=1), ReLU(), GlobalMaxPool())
    sketch.chain(x, Dropout(rate=0.3), Linear(out_features=2), Output())


def _poems(sketch: Sketch) -> None:
    poem = sketch.chain(sketch.add(Input()), Embedding(entries=3002, width=32), Dropout(rate=0.3))
    pairs = sketch.chain(poem, Transpose(), Conv1d(out_channels=32, kernel_size=2), ReLU(), GlobalAvgPool())
    both = sketch.add(Concatenate(), pairs, sketch.add(Mean(), poem))
    sketch.chain(both, Dropout(), Linear(out_features=2), Output())


def _spirals(sketch: Sketch) -> None:
    x = sketch.chain(sketch.add(Input()), Linear(out_features=64), Tanh(), Linear(out_features=64), Tanh())
    sketch.chain(x, Linear(out_features=2), Output())


TEMPLATES = (
    Template(
        "cancer-mlp",
        "Breast cancer MLP",
        "Thirty measurements tell tumours apart.",
        "cancer, 569 samples",
        _cancer_mlp,
        BreastCancer(),
        Recipe(optimiser=Adam(rate=1e-3), epochs=200, batch_size=32, patience=20),
        reached="95.3 %",
    ),
    Template(
        "co2-forecast",
        "CO₂ forecaster",
        "Foretells the change, not the value.",
        "CO₂, weekly",
        _co2,
        CarbonDioxide(window=104, horizon=4),
        Recipe(optimiser=Adam(rate=1e-3), epochs=200, batch_size=64, patience=20),
        reached="RMSE 0.465",
    ),
    Template(
        "names-cnn",
        "Names CNN",
        "Reads first names letter by letter.",
        "names, 4,832",
        _names,
        FirstNames(),
        Recipe(optimiser=AdamW(rate=2e-3), epochs=60, batch_size=64, patience=8),
        reached="89.7 %",
    ),
    Template(
        "poems-cnn",
        "Poems CNN",
        "Tells Tang from Song by pairs of characters.",
        "poems, 7,997",
        _poems,
        Poems(),
        Recipe(optimiser=AdamW(rate=5e-3), epochs=40, batch_size=128, patience=5),
        reached="82.3 %",
    ),
    Template(
        "spirals-mlp",
        "Spirals MLP",
        "Bends a line between two spirals.",
        "spirals, 1,000 points",
        _spirals,
        Spirals(),
        Recipe(optimiser=Adam(rate=5e-3), epochs=200, batch_size=64, patience=40),
        reached="100 %",
    ),
)
