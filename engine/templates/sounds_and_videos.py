"""Networks that hear and that watch: small ones that learn from built-in sound and video in seconds."""

from __future__ import annotations

from engine.data.sets.speech import SpokenDigits
from engine.data.sets.videos import MovingDigits
from engine.layers.activation import ReLU
from engine.layers.adaptive import GlobalAvgPool
from engine.layers.batch_norm import BatchNorm2d, BatchNorm3d
from engine.layers.convolution import Conv2d, Conv3d
from engine.layers.dense import Linear
from engine.layers.dropout import Dropout
from engine.layers.input_output import Input, Output
from engine.layers.pooling import MaxPool2d, MaxPool3d
from engine.layers.rearrange import Transpose
from engine.optim.optimisers import AdamW
from engine.optim.schedules import Cosine
from engine.project.recipe import Recipe
from engine.templates.builder import Sketch
from engine.templates.declared import Template


def _spoken_digits(sketch: Sketch) -> None:
    x = sketch.add(Input(column="spectrogram"))
    for filters in (16, 32, 64):
        x = sketch.chain(x, Conv2d(out_channels=filters, padding=1), BatchNorm2d(), ReLU(), MaxPool2d())
    sketch.chain(x, GlobalAvgPool(), Dropout(rate=0.3), Linear(out_features=10), Output())


def _moving_digits(sketch: Sketch) -> None:
    x = sketch.add(Transpose(), sketch.add(Input()), name="colour first")
    x = sketch.chain(x, Conv3d(out_channels=16, padding=1), BatchNorm3d(), ReLU(), MaxPool3d())
    x = sketch.chain(x, Conv3d(out_channels=32, padding=1), BatchNorm3d(), ReLU())
    sketch.chain(x, GlobalAvgPool(), Linear(out_features=8), Output())


TEMPLATES = (
    Template(
        "spoken-digits-cnn",
        "Spoken digits CNN",
        "Hears digits, as pictures of their pitch.",
        "70 voices",
        _spoken_digits,
        SpokenDigits(),
        Recipe(optimiser=AdamW(rate=3e-3), schedule=Cosine(), epochs=8, batch_size=32),
        reached="99.6 %",
    ),
    Template(
        "moving-digits-cnn",
        "Moving digits 3-D CNN",
        "Filters in time and space see which way.",
        "video 16×16",
        _moving_digits,
        MovingDigits(),
        Recipe(optimiser=AdamW(rate=3e-3), schedule=Cosine(), epochs=6, batch_size=32),
        reached="100 %",
    ),
)
