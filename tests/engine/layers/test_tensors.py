"""Tensors that come from no wire, the bias by distance, unpooling to odd sizes: against PyTorch by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from engine import kinds
from engine.analysis.check import check
from engine.analysis.measure import incoming, runner
from engine.analysis.walk import measure
from engine.cli.settings import set_by_path
from engine.files import number_files
from engine.kinds import Layer, types
from engine.kinds.shapes import Shape, per_sample
from engine.message import Illegal, Trouble
from engine.repairs.propose import propose
from engine.store import project_file
from engine.templates.builder import Sketch
from tests.engine.projects import chain, layer, node


def run(kind: Layer, *shapes: Shape | None, values: tuple[Any, ...]) -> tuple[Any, Any]:
    """The module of a layer and what it makes of these values."""
    arrivals = [incoming(port, shape) for port, shape in zip(kind.ports(), shapes, strict=True)]
    code = kind.code(*arrivals)
    made = code.module()
    results = runner(code.lines, tuple(port.name for port in kind.ports()), kind.outputs)(made, *values)
    return made, results[0]


@pytest.mark.parametrize("size", [7, 8, 9, 13])
@pytest.mark.parametrize("window", [{"kernel_size": 2}, {"kernel_size": 3, "stride": 2, "padding": 1}])
@pytest.mark.parametrize("spatial", [1, 2, 3])
def test_unpooling_gives_the_size_that_was_pooled(spatial: int, size: int, window: dict[str, int]) -> None:
    x = torch.rand(2, 3, *[size] * spatial)
    pooled, places = getattr(nn, f"MaxPool{spatial}d")(**window, return_indices=True)(x)
    expected = torch.zeros_like(x).flatten(2).scatter_(2, places.flatten(2), pooled.flatten(2)).view_as(x)
    kind = layer(f"MaxUnpool{spatial}d", **window)
    shapes = (
        per_sample(*pooled.shape[1:]),
        per_sample(*places.shape[1:], dtype="int"),
        per_sample(*x.shape[1:]),
    )
    _, found = run(kind, *shapes, values=(pooled, places, x))
    assert torch.equal(found, expected)
    arrivals = [incoming(port, shape) for port, shape in zip(kind.ports(), shapes, strict=True)]
    assert kind.shapes(*arrivals) == (per_sample(*x.shape[1:]),)


def segments(size: int) -> Sketch:
    """A pooling, and an unpooling of its places."""
    sketch = Sketch("Segments")
    x = sketch.chain(sketch.add(layer("Input")), layer("Conv2d", out_channels=4, kernel_size=9 - size))
    pool = sketch.add(layer("MaxPoolIndices2d"), x)
    up = sketch.add(layer("MaxUnpool2d"), pool, (pool, "indices"))
    sketch.chain(up, layer("Flatten"), layer("Linear", out_features=10), layer("Output"))
    return sketch


def test_an_odd_size_is_refused_with_the_wire_that_mends_it() -> None:
    project = segments(7).project()
    (problem,) = [one for one in check(project).problems if one.name == "places-differ"]
    repairs = propose(problem)
    first = next(one for one in repairs if "before the pooling" in str(one.title))
    mended = first.apply(project)
    analysis = check(mended)
    assert analysis.trainable, [str(one.message) for one in analysis.problems]
    up = node(mended, "unpool1") if "unpool1" in {n.name for n in mended.graph.nodes.values()} else None
    assert up is not None
    assert analysis.nodes[up].outputs["out"].sample == (4, 7, 7)


def test_a_size_that_no_pooling_left_is_refused() -> None:
    kind = layer("MaxUnpool2d")
    shapes = per_sample(3, 4, 4), per_sample(3, 4, 4, dtype="int"), per_sample(3, 12, 8)
    arrivals = [incoming(port, shape) for port, shape in zip(kind.ports(), shapes, strict=True)]
    (objection,) = kind.objections(*arrivals)
    assert "a height from 7 to 9" in str(objection.expected)


# --------------------------------------------------------------------------- constants

X = torch.rand(3, 5)
CONSTANTS = [
    ({"sizes": (2, 3), "value": 1.5}, torch.full((2, 3), 1.5)),
    ({"sizes": (4,), "pattern": "ramp"}, torch.arange(4.0)),
    ({"sizes": (2, 3), "pattern": "ramp", "value": -1.0, "step": 0.5}, torch.tensor([[-1.0, -0.5, 0.0]] * 2)),
    ({"sizes": (3, 3), "pattern": "identity"}, torch.eye(3)),
    ({"sizes": (2, 3, 4), "pattern": "identity"}, torch.eye(3, 4).expand(2, 3, 4)),
]


@pytest.mark.parametrize(("settings", "expected"), CONSTANTS, ids=str)
def test_a_constant_is_one_number_a_ramp_or_the_identity(settings: Any, expected: torch.Tensor) -> None:
    made, found = run(layer("ConstantTensor", **settings), per_sample(5), values=(X,))
    assert made is None
    assert torch.equal(found, expected.expand(3, *expected.shape))
    assert found.dtype == torch.float32


GIVEN = [
    [1, 2, 3],
    [[1.5, -2], [0, 1e-3]],
    [[[1], [2]], [[3], [4]], [[5], [6]]],
    7,
]


@pytest.mark.parametrize("values", GIVEN, ids=str)
def test_given_numbers_stand_there_for_each_sample(values: Any) -> None:
    kind = layer("GivenTensor", values=values)
    _, found = run(kind, per_sample(5), values=(X,))
    expected = torch.tensor(values if isinstance(values, list) else [values], dtype=torch.float32)
    assert torch.equal(found, expected.expand(3, *expected.shape))
    assert kind.sizes == tuple(expected.shape)
    assert kinds.from_json(kinds.to_json(kind), Layer) == kind


@pytest.mark.parametrize(
    "wrong", [[], [[]], [[1, 2], [3]], [1, [2]], ["1"], "1, 2", [float("nan")], [True], [0.0] * 5000, None]
)
def test_numbers_that_make_no_table_are_refused(wrong: Any) -> None:
    with pytest.raises(Illegal, match="in rows of equal length"):
        types.Numbers().accept(wrong)


def test_numbers_come_from_files(tmp_path: Path) -> None:
    array = np.arange(6.0).reshape(2, 3)
    np.save(tmp_path / "a.npy", array.astype(np.int16))
    (tmp_path / "a.csv").write_text("0, 1, 2\n3, 4, 5\n")
    for name in ("a.npy", "a.csv"):
        assert number_files.read(tmp_path / name) == array.tolist()
    np.save(tmp_path / "objects.npy", np.array([{}], dtype=object), allow_pickle=True)
    (tmp_path / "words.txt").write_text("one two")
    for name in ("objects.npy", "words.txt", "nowhere.npy"):
        with pytest.raises(Trouble):
            number_files.read(tmp_path / name)


def test_numbers_are_set_in_the_terminal_also_from_a_file(tmp_path: Path) -> None:
    np.save(tmp_path / "kernel.npy", np.eye(2))
    project = chain(layer("GivenTensor"), layer("Flatten"), layer("Linear", out_features=3), layer("Output"))
    name = project.graph.nodes[node(project, "given1")].name
    for text in ("[[1, 0], [0, 1]]", f"@{tmp_path / 'kernel.npy'}"):
        found = set_by_path(project, f"{name}.values={text}")
        assert found.graph.nodes[node(found, name)].kind.values == ((1.0, 0.0), (0.0, 1.0))
        assert project_file.loads(project_file.dumps(found)) == found
        assert check(found).trainable


# --------------------------------------------------------------------------- what is learned


def test_a_learned_tensor_can_start_at_a_constant() -> None:
    made, found = run(layer("LearnedTensor", sizes=(4,), start=0.1, spread=0.0), per_sample(5), values=(X,))
    assert isinstance(made, nn.Parameter)
    assert torch.equal(made, torch.full((1, 4), 0.1))
    found.sum().backward()
    assert torch.equal(made.grad, torch.full((1, 4), 3.0))
    made, _ = run(layer("LearnedTensor", sizes=(4000,), start=2.0, spread=0.5), per_sample(5), values=(X,))
    assert float(made.detach().mean()) == pytest.approx(2.0, abs=0.05)
    assert float(made.detach().std()) == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize(
    ("rows", "columns", "reach"),
    [(1, 6, None), (1, 6, 2), (1, 1, None), (2, 3, None), (4, 3, None), (3, 4, 1)],
)
def test_a_bias_is_looked_up_by_the_distance_of_two_places(
    rows: int, columns: int, reach: int | None
) -> None:
    places, heads = rows * columns, 2
    scores = torch.rand(3, heads, places, places)
    kind = layer("RelativePositionBias", rows=rows, reach=reach, spread=1.0)
    shape = per_sample(heads, places, places)
    table, found = run(kind, shape, values=(scores,))
    measured = measure(kind, (shape,))
    assert measured.parameters == table.numel()
    assert measured.outputs == (shape,)
    added = (found - scores).detach()
    known: dict[tuple[int, int], torch.Tensor] = {}
    most = reach or places
    for t in range(places):
        for s in range(places):
            down = max(-most, min(most, s // columns - t // columns))
            across = max(-most, min(most, s % columns - t % columns))
            bias = added[0, :, t, s]
            torch.testing.assert_close(bias, known.setdefault((down, across), bias), atol=1e-6, rtol=0)
    assert len(known) == table.shape[1], "every number of the table stands for one distance"
    assert len({tuple(bias.tolist()) for bias in known.values()}) == len(known)


def test_places_that_make_no_picture_are_refused_with_what_does() -> None:
    kind = layer("RelativePositionBias", rows=4)
    (port,) = kind.ports()
    (objection,) = kind.objections(incoming(port, per_sample(2, 6, 6)))
    assert {value for _, value in objection.facts["settings"]} <= {1, 2, 3, 6}
    (objection,) = kind.objections(incoming(port, per_sample(2, 6, 5)))
    assert "as many columns as rows" in str(objection.expected)
