"""Small networks drawn in one line each, and the layers that they are made of."""

from __future__ import annotations

from typing import Any

from engine.data.settings import DataSettings
from engine.kinds import Layer, registry
from engine.losses.loss import Loss
from engine.project.project import Project
from engine.templates.builder import Sketch
from tests.engine.projects import layer, source


def chain(*layers: Layer, data: str = "Digits") -> Project:
    """An Input and layers that follow one another."""
    sketch = Sketch("Mistake", DataSettings(source=source(data)))
    sketch.chain(sketch.add(layer("Input")), *layers)
    return sketch.project()


def joined(left: list[Layer], right: list[Layer], join: str, *more: list[Layer]) -> Project:
    """Branches of the digits that come together, and what turns the sum into ten scores."""
    sketch = Sketch("Mistake", DataSettings())
    x = sketch.add(layer("Input"))
    ends = [sketch.chain(x, *branch) if branch else x for branch in (left, right, *more)]
    sketch.chain(sketch.add(layer(join), *ends), FLAT, TEN, OUT)
    return sketch.project()


def conv(filters: int = 32, size: Any = 3, **settings: Any) -> Layer:
    return layer("Conv2d", out_channels=filters, kernel_size=size, **settings)


def loss(name: str, target: str = "", **settings: Any) -> Layer:
    """An Output that judges by a loss of that name."""
    return layer("Output", target=target, loss=registry(Loss)[name](**settings))


FLAT, OUT = layer("Flatten"), layer("Output")
TEN, ONE = layer("Linear", out_features=10), layer("Linear", out_features=1)
TAIL = (FLAT, TEN, OUT)
WHOLE = chain(*TAIL)
POOL = layer("MaxPool2d")
ROWS = layer("Reshape", sizes=(8, 8))
