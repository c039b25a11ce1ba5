"""Every kind of layer leaves in each format that traces it, or is named as the one that cannot."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine import kinds
from engine.check import check
from engine.data.settings import DataSettings
from engine.exports import export
from engine.graph import Project
from engine.kinds import Layer
from engine.message import Trouble
from engine.number_losses import MeanSquaredError
from engine.shapes import Shape
from engine.sketch import Sketch
from tests.engine.networks import record
from tests.engine.projects import layer, source
from tests.engine.strategies import wired

pytestmark = pytest.mark.proof
LAYERS = sorted(name for name, cls in kinds.registry(Layer).items() if cls.input_ports and cls.outputs)

# What PyTorch cannot trace or ONNX has no way for. A kind that gets one must leave this table.
CANNOT = {
    "FractionalMaxPool2d": {".onnx", ".pt2"},  # looks elsewhere each time, so no two answers agree
    "FractionalMaxPool3d": {".onnx", ".pt2"},
}

# The logarithm makes much of what rounding leaves in a silent band.
MAGNIFIED = {"LogMelSpectrogram"}


def around(name: str) -> Project:
    """A network with one layer of that kind between weights of its own."""
    sketch = Sketch(name, DataSettings(source=source("Diabetes")))
    start = sketch.add(layer("Input"))
    whole = layer("Cast", to="int")

    def carrying(shape: Shape) -> str:
        x = sketch.chain(start, layer("Linear", out_features=shape.size), layer("Sigmoid"))  # all have a root
        x = sketch.add(layer("Reshape", sizes=list(shape.sample)), x)
        return x if shape.dtype == "float" else sketch.chain(x, layer("ScaleShift", scale=9.0), whole)

    if name.startswith("MaxUnpool"):
        pool = layer(name.replace("MaxUnpool", "MaxPoolIndices"))
        pooled = sketch.add(pool, *(carrying(shape) for shape in shapes(pool)))
        x = sketch.add(layer(name), pooled, (pooled, "indices"))
    else:
        x = sketch.add(layer(name), *(carrying(shape) for shape in shapes(layer(name))))
    if next(iter(check(sketch.project()).nodes[x].outputs.values())).dtype == "int":
        x = sketch.add(layer("Embedding", entries=16, width=4), x)
    flat = sketch.add(layer("Flatten"), x)
    sketch.chain(flat, layer("Linear", out_features=1), layer("Output", loss=MeanSquaredError()))
    return sketch.project()


def shapes(kind: Layer) -> list[Shape]:
    """What arrives at each wire of a layer."""
    found: list[Shape] = []
    for arrival in wired(kind):
        found += arrival if isinstance(arrival, tuple) else [] if arrival is None else [arrival]
    return found


@pytest.mark.parametrize("ending", [".onnx", ".pt2"])
@pytest.mark.parametrize("name", LAYERS)
def test_leaves_or_is_named(name: str, ending: str, tmp_path: Path) -> None:
    run = record(around(name), tmp_path / "run")
    place = tmp_path / f"net{ending}"
    if ending in CANNOT.get(name, ()):
        with pytest.raises(Trouble, match=rf"\({name}\)|differently each time"):
            export(run, place)
        assert [path.name for path in tmp_path.iterdir()] == ["run"]
    else:
        assert export(run, place).largest < (5e-5 if name in MAGNIFIED else 1e-5)
