"""One test over every layer: default and random settings, on random shapes, against PyTorch itself."""

from __future__ import annotations

import json
import math
import re
import warnings
from fractions import Fraction
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from engine import kinds
from engine.analysis.measure import Arrival, Measured, incoming, runner
from engine.analysis.walk import measure
from engine.kinds import Layer
from engine.kinds.code import Call, Code, definitions
from engine.kinds.shapes import Shape, per_sample
from tests.engine.strategies import arrivals_for, settings_of, wired

LAYERS = {name: cls for name, cls in kinds.registry(Layer).items() if cls.outputs and cls.input_ports}
# torch's counter knows no flops of these, or counts products that are no sums
UNCOUNTED = {"Bilinear", "Einsum"}
few = settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate],  # shrinking would take minutes, and the examples are small
)


@pytest.fixture(autouse=True)
def _quiet() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch warns of slow or unusual settings, which are legal
        yield


def tensor(arrival: Arrival, samples: int) -> Any:
    """Values between 0.1 and 0.9, where every function is finite; zeros where whole numbers are wanted."""
    if arrival is None:
        return None
    if isinstance(arrival, tuple):
        return [tensor(shape, samples) for shape in arrival]
    if arrival.dtype == "int":
        return torch.zeros(arrival.at(samples), dtype=torch.int64)
    return (torch.rand(arrival.at(samples)) * 0.8 + 0.1).requires_grad_()


def dtype(value: torch.Tensor) -> str:
    if value.is_complex():
        return "complex"
    if value.is_floating_point():
        return "float"
    return "bool" if value.dtype == torch.bool else "int"


def size(made: Any) -> int:
    if isinstance(made, nn.Parameter):
        return made.numel()
    return sum(p.numel() for p in made.parameters()) if isinstance(made, nn.Module) else 0


def holds(kind: Layer, arrivals: tuple[Arrival, ...], found: Measured, usual: bool = False) -> None:
    """Everything `measure` says is what the real layer does on the CPU. That a kind costs nothing is only
    checked for its usual settings.
    """
    code = found.code
    assert isinstance(code, Code)
    made = code.module()
    assert size(made) == found.parameters
    run = runner(code.lines, tuple(port.name for port in kind.ports()), kind.outputs)
    for samples in (2, 3):
        results = run(made, *(tensor(arrival, samples) for arrival in arrivals))
        assert [Shape(tuple(r.shape), dtype(r)) for r in results] == [  # type: ignore[arg-type]
            Shape(shape.at(samples), shape.dtype) for shape in found.outputs
        ]
        assert all(torch.isfinite(result).all() for result in results)
    wanting = [result for result in results if result.requires_grad]
    if wanting:
        total = sum(((r.abs() if r.is_complex() else r) ** 2).sum() for r in wanting)
        total.backward()  # type: ignore[union-attr]
        parameters = [made] if isinstance(made, nn.Parameter) else list(made.parameters()) if made else []
        assert all(p.grad is None or torch.isfinite(p.grad).all() for p in parameters)
    reads(code)
    if found.macs or usual:
        costs(kind, arrivals, found)
    says(kind, arrivals, found)


def reads(code: Code) -> None:
    """The source makes the same module as the call."""
    if code.make:
        assert isinstance(code.make, Call)
        made = code.make.make()
        own = definitions(code.make.text) if code.make.text else {}
        again = eval(code.make.source(), {**own, "nn": nn, "torch": torch})
        if isinstance(made, nn.Module):
            assert repr(again) == repr(made)
            assert [p.shape for p in again.parameters()] == [p.shape for p in made.parameters()]
        else:
            assert (type(again), again.shape) == (type(made), made.shape)


def costs(kind: Layer, arrivals: tuple[Arrival, ...], found: Measured) -> None:
    """Multiply-adds are half of what torch counts on meta tensors, where its counts are right."""
    assert found.code is not None
    with torch.device("meta"):
        made = found.code.module()
        values = [tensor(arrival, 2) for arrival in arrivals]
    run = runner(found.code.lines, tuple(port.name for port in kind.ports()), kind.outputs)
    with FlopCounterMode(display=False) as counter:
        run(made, *values)
    # where lengths are given, the way back is computed from pieces, of which one is not needed for the result
    back = getattr(kind, "bidirectional", False) and any(arrivals[1:])
    if type(kind).__name__ not in UNCOUNTED and not back:
        assert counter.get_total_flops() == 2 * 2 * found.macs


def says(kind: Layer, arrivals: tuple[Arrival, ...], found: Measured) -> None:
    """The inspector's formulas come to the numbers beside them."""
    inputs = [incoming(port, arrival) for port, arrival in zip(kind.ports(), arrivals, strict=True)]
    assert str(kind.explain(*inputs))
    count = kind.count(*inputs)
    assert bool(count) == bool(found.parameters)
    if count:
        assert eval(count.replace("×", "*")) == found.parameters
    for line in kind.sizing(*inputs).splitlines():
        reckons(line, found)
    dims = {dim for shape in found.outputs for dim in shape.sample}
    for told in re.findall(r"becomes ([\d×]+)", str(kind.explain(*inputs))):
        assert set(map(int, told.split("×"))) <= dims


def reckons(line: str, found: Measured) -> None:
    """A printed reckoning is right, and comes to a size of what comes out."""
    dims = {dim for shape in found.outputs for dim in shape.sample}
    if "→" in line or line.startswith("same: "):
        assert not re.search(r" [=/] ", line)
        return
    sides = line.split(" = ")
    assert len(sides) > 1, line
    name, sides = (sides[0], sides[1:]) if sides[0].isalpha() else ("", sides)
    values = {value_of(side) for side in sides}
    assert len(values) == 1, line
    if not name:  # the width of a head is no size of the output
        assert values <= dims or set(map(int, sides[-1].split(" × "))) <= dims, line


def value_of(reckoning: str) -> Fraction:
    """What is printed, worked out exactly: a division that leaves a rest is a fraction."""
    words = {"⌊": "floor(", "⌋": ")", "⌈": "ceil(", "⌉": ")", "·": "*", "×": "*", "−": "-"}
    text = "".join(words.get(sign, sign) for sign in reckoning)
    text = re.sub(r"\d+", r"F(\g<0>)", text)
    return Fraction(eval(text, {"floor": math.floor, "ceil": math.ceil, "min": min, "F": Fraction}))


@pytest.mark.parametrize("name", [f"{sort}Pool{axes}d" for sort in ("Max", "Avg") for axes in (1, 2, 3)])
def test_a_window_that_sticks_out_is_reckoned_as_it_is_counted(name: str) -> None:
    @settings(few, max_examples=60)
    @given(
        st.integers(1, 7),
        st.integers(1, 7),
        st.integers(0, 3),
        st.lists(st.integers(1, 20), min_size=3, max_size=3),
    )
    def check(kernel: int, stride: int, padding: int, sizes: list[int]) -> None:
        kind = LAYERS[name](
            kernel_size=kernel, stride=stride, padding=min(padding, kernel // 2), ceil_mode=True
        )
        arrival = per_sample(2, *sizes[: int(name[-2])])
        found = measure(kind, (arrival,))
        if found.outputs:
            says(kind, (arrival,), found)

    check()


def test_the_last_window_begins_on_the_map() -> None:
    kind = LAYERS["AvgPool2d"](kernel_size=4, stride=4, padding=2, ceil_mode=True)
    (port,) = kind.ports()
    arrived = incoming(port, per_sample(1, 9, 9))
    assert kind.sizing(arrived) == "min(⌈(9 + 2·2 − 1·(4−1) − 1) / 4⌉, ⌊(9 + 2 − 1) / 4⌋) + 1 = 3"
    assert value_of("⌈(9 + 2·2 − 1·(4−1) − 1) / 4⌉ + 1") == 4


@pytest.mark.parametrize("name", LAYERS)
def test_defaults_work_on_a_typical_shape(name: str) -> None:
    kind = LAYERS[name]()
    arrivals = wired(kind)
    found = measure(kind, arrivals)
    assert found.outputs, [f"{o.name}: {o.why}" for o in found.objections]
    holds(kind, arrivals, found, usual=True)


@pytest.mark.parametrize("name", LAYERS)
def test_legal_settings_work_or_say_why(name: str) -> None:
    legal = settings_of(LAYERS[name])

    @few
    @given(st.data())
    def check(data: st.DataObject) -> None:
        kind = data.draw(legal)
        arrivals = data.draw(arrivals_for(kind.ports()))
        assert kinds.from_json(json.loads(json.dumps(kinds.to_json(kind))), Layer) == kind
        assert isinstance(kind.summary(), str)
        found = measure(kind, arrivals)
        if found.outputs:
            holds(kind, arrivals, found)
        else:
            objects(kind, arrivals, found)

    check()


def objects(kind: Layer, arrivals: tuple[Arrival, ...], found: Measured) -> None:
    """A refusal says what was expected and why, and the settings it offers help."""
    assert found.objections
    for objection in found.objections:
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", objection.name)
        assert objection.name != "torch", f"{kind} on {arrivals}: {objection.why}"
        assert str(objection.expected)
        assert str(objection.why).endswith(".")
        for setting, value in objection.facts.get("settings", ()):
            changed = kinds.changed(kind, setting, value)
            assert changed != kind
            assert objection.name not in {o.name for o in measure(changed, arrivals).objections}


@pytest.mark.parametrize("name", LAYERS)
def test_nothing_that_arrives_makes_it_raise(name: str) -> None:
    """Also where sizes are absurd: an answer or an objection, never an exception."""
    legal = settings_of(LAYERS[name])

    @settings(few, max_examples=6)
    @given(st.data())
    def check(data: st.DataObject) -> None:
        kind = data.draw(legal)
        arrivals = data.draw(arrivals_for(kind.ports()))
        huge = data.draw(st.sampled_from([1, 7, 10**4, 10**9]))
        found = measure(kind, tuple(grown(arrival, huge) for arrival in arrivals))
        assert bool(found.outputs) != bool(found.objections)

    check()


def grown(arrival: Arrival, times: int) -> Arrival:
    if arrival is None:
        return None
    if isinstance(arrival, tuple):
        return tuple(Shape(grow(shape, times), shape.dtype) for shape in arrival)
    return Shape(grow(arrival, times), arrival.dtype)


def grow(shape: Shape, times: int) -> tuple[Any, ...]:
    return tuple(dim * times if isinstance(dim, int) and i == 1 else dim for i, dim in enumerate(shape.dims))
