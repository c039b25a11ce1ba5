"""What every kind says about itself: what it does, its formula, when to use it, after whom."""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Any

import attrs
import pytest
import torch

import assets
from engine import kinds
from engine.analysis.measure import runner
from engine.analysis.walk import measure
from engine.data.columns.column_type import ColumnType
from engine.data.own.file_source import FileSource, sets
from engine.data.sampling import Sampling
from engine.data.source import Source
from engine.kinds import (
    BlockEnd,
    Kind,
    Layer,
    declare,
    param,
)
from engine.kinds.code import Code
from engine.kinds.shapes import per_sample
from engine.layers.activation import AlongAxis, Pointwise
from engine.layers.shaping import RReLU
from engine.message import Illegal

assert kinds.registry(Layer)  # which declares all the others
KINDS = [cls for base in kinds.registries() for cls in kinds.registry(base).values()]
ELEMENTWISE = [cls for cls in KINDS if issubclass(cls, Pointwise) and not issubclass(cls, AlongAxis)]
OF_ITSELF = {"Input", "Output", "Entry", "Exit"}
"""What belongs to the drawing alone and is after nobody."""


def name(kind: type[Kind]) -> str:
    return f"{kind.__module__.rpartition('.')[2]}.{kind.__name__}"


@pytest.mark.parametrize("kind", KINDS, ids=name)
def test_every_kind_says_what_it_does_when_to_use_it_how_and_after_whom(kind: type[Kind]) -> None:
    assert kind.doc().endswith(("?", "."))
    assert 10 < len(kind.doc()) < 200
    assert kind.use.endswith("."), "the second paragraph says when to use it"
    assert kind.use.startswith(kind.use[0].upper())
    of_data = issubclass(kind, Source | ColumnType | Sampling)
    assert of_data or kind.formula, "data has no formula, all else has one"
    assert len(kind.formula) < 240
    assert not kind.formula.endswith(".")
    own = kind.__name__ in OF_ITSELF or issubclass(kind, FileSource | ColumnType | Sampling)
    assert own or kind.source.endswith(".")
    assert 0 < len(kind.hint) <= (60 if issubclass(kind, Source) else 22)
    assert kind.search
    assert kind.search == kind.search.lower()
    for one in kinds.params(kind):
        assert one.doc
        assert not one.doc.endswith(".")
        assert one.type.accept(one.default) == one.default


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.formula], ids=name)
def test_a_formula_speaks_of_settings_and_wires_by_their_names(kind: type[Kind]) -> None:
    known = {one.name for one in kinds.params(kind)}
    known |= {port.name for port in getattr(kind, "input_ports", getattr(kind, "also", ()))}
    assert set(re.findall(r"[a-z]+(?:_[a-z]+)+", kind.formula)) <= known


def evaluated(kind: Any, x: float) -> float:
    """The formula of a kind as it is written, up to its first remark."""
    text = kind.formula.removeprefix("y = ").split(";")[0]
    for sign, python in (("·", "*"), ("−", "-"), ("^", "**")):
        text = text.replace(sign, python)
    text = re.sub(r"\|(.*?)\|", r"abs(\1)", re.sub(r"√(\w)", r"sqrt(\1)", text))
    names = {
        "e": math.e,
        "ln": math.log,
        "sqrt": math.sqrt,
        "tanh": math.tanh,
        "sign": lambda value: math.copysign(1, value),
        "Φ": lambda value: (1 + math.erf(value / math.sqrt(2))) / 2,
        "a": (kind.lower + kind.upper) / 2 if isinstance(kind, RReLU) else getattr(kind, "init", 0.0),
    }
    return float(eval(text, {**names, **kinds.values_to_json(kind), "x": x}))


@pytest.mark.parametrize("usual", [True, False])
@pytest.mark.parametrize("cls", ELEMENTWISE, ids=name)
def test_the_formula_of_a_function_gives_what_pytorch_gives(cls: type[Any], usual: bool) -> None:
    kind = cls()
    if not usual:
        numbers = {one.name: one.default for one in kinds.params(cls) if isinstance(one.default, float)}
        kind = attrs.evolve(kind, **{key: value * 1.5 + 0.25 for key, value in numbers.items()})
    points = torch.linspace(-3.1, 3.2, 12)
    code = measure(kind, (per_sample(),)).code
    assert isinstance(code, Code)
    module = code.module()
    run = runner(code.lines, ("x",), ("out",))
    (found,) = run(module.eval() if module is not None else None, points)
    defined = [(x, y) for x, y in zip(points.tolist(), found.tolist(), strict=True) if not math.isnan(y)]
    assert len(defined) > 4
    assert [evaluated(kind, x) for x, _ in defined] == pytest.approx([y for _, y in defined], abs=5e-4)


def test_what_shared_classes_say_holds_for_their_kinds_and_for_no_kind_below_another() -> None:
    """Conv1d, Conv2d and Conv3d have one formula, which stands once."""
    layers = kinds.registry(Layer)
    assert layers["Conv1d"].formula == layers["Conv3d"].formula
    assert kinds.stated(type("Own", (layers["ReLU"],), {"__doc__": "Something else."}), "Formula") == ""


def test_a_setting_cannot_take_the_place_of_what_a_kind_says() -> None:
    class Own(BlockEnd):
        """Says something."""

        source: str = param("", doc="a text")

    with pytest.raises(Illegal, match="a setting cannot be called source"):
        declare(family="io")(Own)


def test_data_comes_from_where_the_list_of_sources_says() -> None:
    text = (Path(assets.__file__).parent / "data" / "SOURCES.md").read_text(encoding="utf-8")
    rows = [
        [cell.strip().replace("*", "") for cell in line.strip("|").split(" | ")]
        for line in text.splitlines()
        if line.startswith("| ") and not line.startswith("| set")
    ]
    listed = {what.split(" (`")[0]: (f"{origin}.", licence) for what, _, origin, licence in rows}
    declared = {cls.label(): (cls.source, cls.licence.removesuffix(".") or "–") for cls in sets().values()}
    assert declared == {title: (origin, terms.strip(" |")) for title, (origin, terms) in listed.items()}
