"""GoogLeNet: filters of several sizes beside each other."""

from __future__ import annotations

from engine.data.sets.invented import RandomPictures
from engine.layers.activation import ReLU
from engine.layers.adaptive import GlobalAvgPool
from engine.layers.batch_norm import BatchNorm2d
from engine.layers.combine import Concatenate
from engine.layers.convolution import Conv2d
from engine.layers.dense import Linear
from engine.layers.dropout import Dropout
from engine.layers.input_output import Input, Output
from engine.layers.pooling import MaxPool2d
from engine.project.blocks import Block
from engine.templates.builder import Sketch, block
from engine.templates.convolutional import FEW, PICTURE
from engine.templates.declared import Template

SIZES = ("one", "before_three", "three", "before_five", "five", "pooled")
# name, 1×1, 3×3 from, 3×3, "5×5" from, "5×5", after the pool
STAGES = (
    (("3a", 64, 96, 128, 16, 32, 32), ("3b", 128, 128, 192, 32, 96, 64)),
    (
        ("4a", 192, 96, 208, 16, 48, 64),
        ("4b", 160, 112, 224, 24, 64, 64),
        ("4c", 128, 128, 256, 24, 64, 64),
        ("4d", 112, 144, 288, 32, 64, 64),
        ("4e", 256, 160, 320, 32, 128, 128),
    ),
    (("5a", 256, 160, 320, 32, 128, 128), ("5b", 384, 192, 384, 48, 128, 128)),
)


def _googlenet(sketch: Sketch) -> None:
    wide = MaxPool2d(kernel_size=3, stride=2, ceil_mode=True)
    mixed = inception("Inception", *STAGES[0][0][1:])
    x = filters(sketch, sketch.add(Input()), 64, kernel_size=7, stride=2, padding=3)
    x = filters(sketch, sketch.add(wide, x), 64, kernel_size=1)
    x = filters(sketch, x, 192, padding=1)
    for pool, stage in zip((wide, wide, MaxPool2d(ceil_mode=True)), STAGES, strict=True):
        x = sketch.add(pool, x)
        for name, *sizes in stage:
            x = sketch.repeat(mixed, x, name=f"inception {name}", **dict(zip(SIZES, sizes, strict=True)))
    sketch.chain(x, GlobalAvgPool(), Dropout(rate=0.2), Linear(out_features=1000), Output())


def filters(sketch: Sketch, x: str, number: int, **settings: int) -> str:
    """A convolution without bias, normalised, with ReLU."""
    convolution = Conv2d(out_channels=number, bias=False, **settings)
    return sketch.chain(x, convolution, BatchNorm2d(eps=0.001), ReLU())


def inception(name: str, one: int, before: int, three: int, few: int, five: int, pooled: int) -> Block:
    """Four branches, joined. Source: Szegedy et al. 2014, "Going deeper with convolutions"."""

    def draw(inner: Sketch, x: str) -> str:
        first = filters(inner, x, one, kernel_size=1)
        second = filters(inner, filters(inner, x, before, kernel_size=1), three, padding=1)
        third = filters(inner, filters(inner, x, few, kernel_size=1), five, padding=1)
        around = MaxPool2d(kernel_size=3, stride=1, padding=1, ceil_mode=True)
        fourth = filters(inner, inner.add(around, x), pooled, kernel_size=1)
        return inner.add(Concatenate(), first, second, third, fourth)

    offers = {name: (f"conv{place}.out_channels",) for place, name in enumerate(SIZES, 1)}
    return block(name, draw, offers=offers)


TEMPLATES = (
    Template(
        "googlenet",
        "GoogLeNet",
        "Filters of several sizes side by side.",
        PICTURE,
        _googlenet,
        RandomPictures(),
        FEW,
        year=2014,
    ),
)
