"""Networks that make what they saw out of less: autoencoders."""

from __future__ import annotations

from engine.data.sets.pictures import Digits
from engine.layers.activation import ReLU
from engine.layers.arithmetic import Subtract
from engine.layers.chance import NormalSample
from engine.layers.combine import Add, Multiply
from engine.layers.dense import Linear
from engine.layers.functions import Exponential, ScaleShift
from engine.layers.input_output import Input, Output
from engine.layers.reduce import Sum
from engine.layers.reshape import Flatten, Reshape
from engine.losses.pairs import Minimise
from engine.losses.regression import MeanSquaredError
from engine.optim.optimisers import Adam
from engine.optim.schedules import Cosine
from engine.project.recipe import Recipe
from engine.templates.builder import Sketch
from engine.templates.declared import Template

LEARN = Recipe(optimiser=Adam(rate=2e-3), schedule=Cosine(), epochs=100, batch_size=32)


def _autoencoder(sketch: Sketch) -> None:
    x = sketch.chain(sketch.add(Input()), Flatten(), Linear(out_features=64), ReLU())
    x = sketch.add(Linear(out_features=12), x, name="code")
    _decoded(sketch, sketch.add(ReLU(), x))


def _decoded(sketch: Sketch, code: str) -> None:
    x = sketch.chain(code, Linear(out_features=64), ReLU(), Linear(out_features=64), Reshape(sizes=(1, 8, 8)))
    sketch.add(Output(target="image", loss=MeanSquaredError()), x)


def _variational(sketch: Sketch) -> None:
    x = sketch.chain(sketch.add(Input()), Flatten(), Linear(out_features=64), ReLU())
    mean = sketch.add(Linear(out_features=8), x, name="mean")
    variance = sketch.add(Linear(out_features=8), x, name="log variance")
    _decoded(sketch, sketch.add(NormalSample(), mean, variance))
    squares = sketch.add(Multiply(), mean, sketch.add(ScaleShift(), mean))
    far = sketch.add(Add(), squares, sketch.add(Exponential(), variance))
    far = sketch.chain(sketch.add(Subtract(), far, variance), ScaleShift(scale=0.5, shift=-0.5), Sum())
    sketch.add(Output(loss=Minimise(), weight=0.002), far, name="KL")


TEMPLATES = (
    Template(
        "autoencoder",
        "Autoencoder",
        "Squeezes a digit to 12 numbers and back.",
        "digits 8×8",
        _autoencoder,
        Digits(),
        LEARN,
        reached="RMSE 2.17",
        year=2006,
    ),
    Template(
        "variational-autoencoder",
        "Variational autoencoder",
        "Draws the numbers in between by chance.",
        "digits 8×8",
        _variational,
        Digits(),
        LEARN,
        reached="RMSE 2.17",
        year=2013,
    ),
)
