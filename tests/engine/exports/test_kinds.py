"""Every kind of layer leaves in each format that traces it, or is named as the one that cannot."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine import kinds
from engine.analysis.check import check
from engine.data.settings import DataSettings
from engine.exports import export
from engine.kinds import Layer
from engine.kinds.shapes import Shape
from engine.losses.regression import MeanSquaredError
from engine.message import Trouble
from engine.project.project import Project
from engine.templates.builder import Sketch
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


def around(*names: str) -> Project:
    """A network in which each of these kinds stands between weights of its own, before an Output of its
    own.
    """
    sketch = Sketch("Kinds", DataSettings(source=source("Diabetes")))
    start = sketch.add(layer("Input"))
    for name in names:
        flat = sketch.add(layer("Flatten"), _branch(sketch, start, name))
        sketch.chain(flat, layer("Linear", out_features=1), layer("Output", loss=MeanSquaredError()))
    return sketch.project()


def _branch(sketch: Sketch, start: str, name: str) -> str:
    """Draw one layer of that kind behind the input. Gives the id of what comes out as decimal numbers."""
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
    return x


def shapes(kind: Layer) -> list[Shape]:
    """What arrives at each wire of a layer."""
    found: list[Shape] = []
    for arrival in wired(kind):
        found += arrival if isinstance(arrival, tuple) else [] if arrival is None else [arrival]
    return found


# What an exporter does once for each file takes longer than most layers, so ten of them share a network.
TOGETHER = [name for name in LAYERS if name not in {*CANNOT, *MAGNIFIED}]
GROUPS = [TOGETHER[i : i + 10] for i in range(0, len(TOGETHER), 10)]


@pytest.mark.parametrize("ending", [".onnx", ".pt2"])
@pytest.mark.parametrize("names", GROUPS, ids=lambda names: f"{names[0]} to {names[-1]}")
def test_every_kind_leaves(names: list[str], ending: str, tmp_path: Path) -> None:
    run = record(around(*names), tmp_path / "run")
    assert export(run, tmp_path / f"net{ending}").largest < 1e-5, names


@pytest.mark.parametrize("ending", [".onnx", ".pt2"])
@pytest.mark.parametrize("name", sorted(MAGNIFIED))
def test_what_magnifies_rounding_leaves_too(name: str, ending: str, tmp_path: Path) -> None:
    assert export(record(around(name), tmp_path / "run"), tmp_path / f"net{ending}").largest < 5e-5


@pytest.mark.parametrize(
    ("name", "ending"), [(name, end) for name, ends in CANNOT.items() for end in sorted(ends)]
)
def test_what_cannot_leave_is_named(name: str, ending: str, tmp_path: Path) -> None:
    run = record(around(name), tmp_path / "run")
    with pytest.raises(Trouble, match=rf"\({name}\).*: .+\. Choose|differently each time") as refused:
        export(run, tmp_path / f"net{ending}")
    assert "TORCH_LOGS" not in str(refused.value)
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def drawn() -> Project:
    """Settings that change the form of a layer, beside each other."""
    sketch = Sketch("Forms", DataSettings(source=source("Diabetes")))
    start = sketch.add(layer("Input"))

    def picture(*sizes: int) -> str:
        size = Shape(("N", *sizes)).size
        return sketch.chain(start, layer("Linear", out_features=size), layer("Reshape", sizes=sizes))

    odd = picture(2, 7, 7)
    pool = sketch.add(layer("MaxPoolIndices2d"), odd)
    ends = [
        sketch.add(layer("MaxUnpool2d"), pool, (pool, "indices"), odd),
        sketch.add(layer("RelativePositionBias", rows=2, reach=1), picture(2, 6, 6)),
        sketch.add(layer("RelativePositionBias", reach=2), picture(2, 6, 6)),
        sketch.add(layer("LearnedTensor", start=0.5, spread=0.0), start),
    ]
    for settings in ({"pattern": "ramp"}, {"pattern": "identity"}):
        constant = sketch.add(layer("ConstantTensor", sizes=(2, 3), **settings), start)
        ends.append(sketch.add(layer("Multiply"), constant, picture(2, 3)))
    for end in ends:
        flat = sketch.add(layer("Flatten"), end)
        sketch.chain(flat, layer("Linear", out_features=1), layer("Output", loss=MeanSquaredError()))
    return sketch.project()


@pytest.mark.parametrize("ending", [".onnx", ".pt2", ".py"])
def test_settings_that_change_a_form_leave_too(ending: str, tmp_path: Path) -> None:
    run = record(drawn(), tmp_path / "run")
    assert export(run, tmp_path / f"net{ending}").largest < 1e-5
