"""What hypothesis draws for tests over all kinds: legal settings, and shapes that suit their ports."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from engine import kinds
from engine.analysis.measure import Arrival
from engine.kinds import Layer, types
from engine.kinds.nested import Nested
from engine.kinds.ports import Port
from engine.kinds.shapes import Shape, per_sample
from engine.layers.arithmetic import Equation
from engine.losses.classification import ClassWeights

# Sizes that suit most layers: channels divide, maps are larger than kernels.
TYPICAL = {"C": 6, "F": 8, "E": 8, "T": 6, "S": 6, "L": 16, "H": 16, "W": 16, "D": 16, "A": 4, "B": 6, "G": 2}

# What the default settings need, where typical sizes do not suit each other.
SUITED: dict[str, tuple[Arrival, ...]] = {
    "Einsum": ((per_sample(4, 5), per_sample(5, 3)),),
    "MatMul": (per_sample(4, 5), per_sample(5, 3)),
    "PixelShuffle": (per_sample(8, 4, 4),),
    "Spectrogram": (per_sample(400),),
    "LogMelSpectrogram": (per_sample(400),),
    "Squeeze": (per_sample(1, 4),),
    "RelativePositionBias": (per_sample(2, 6, 6),),
    "Expand": (per_sample(1, 4),),
}


def settings_of(cls: type[Any]) -> st.SearchStrategy[Any]:
    """A value of that kind: some settings at their default, others anywhere within small limits."""
    choices = {
        param.name: st.one_of(st.just(param.default), values_of(param.type)) for param in kinds.params(cls)
    }
    return st.fixed_dictionaries(choices).map(lambda settings: cls(**settings))


def values_of(declared: types.SettingType) -> st.SearchStrategy[Any]:
    """Legal values of a type, small ones."""
    match declared:
        case types.Integer():
            lo = -3 if declared.lo is None else declared.lo
            found: st.SearchStrategy[Any] = st.integers(lo, min(lo + 4, declared.hi or lo + 4))
        case types.Number():
            lo_number = -2.0 if declared.lo is None else declared.lo
            hi = lo_number + 4 if declared.hi is None else min(declared.hi, lo_number + 4)
            step = (hi - lo_number) / 8
            found = st.integers(1 if declared.above else 0, 8).map(lambda k: lo_number + k * step)
        case types.Boolean():
            return st.booleans()
        case types.Choice():
            return st.sampled_from(declared.options)
        case types.Size():
            each = st.integers(declared.lo, declared.lo + 4)
            found = st.one_of(each, st.tuples(*[each] * declared.axes))
            if declared.words:
                found = st.one_of(found, st.sampled_from(declared.words))
        case types.Extent():
            return st.lists(st.integers(1, 4), min_size=1, max_size=3).flatmap(
                lambda sizes: st.one_of(st.just(sizes), st.just([*sizes[:-1], -1]))
            )
        case types.Integers():
            lo = -3 if declared.lo is None else declared.lo
            return st.lists(st.integers(lo, lo + 4), min_size=max(declared.least, 1), max_size=4)
        case types.AxisList():
            return st.lists(st.integers(-3, 3).filter(bool), min_size=1, max_size=4)
        case types.Numbers():
            sizes = st.lists(st.integers(1, 3), min_size=1, max_size=3)
            return sizes.flatmap(lambda some: _numbers(some))
        case types.Axis():
            return st.integers(-3, 4).filter(bool)
        case types.Several():
            return st.lists(st.sampled_from(declared.options), unique=True)
        case Nested():
            return st.sampled_from(sorted(kinds.registry(declared.base))).flatmap(
                lambda name: settings_of(kinds.registry(declared.base)[name])
            )
        case Equation():
            return st.sampled_from(
                ["nij,njk->nik", "ni->n", "nij->nji", "ni,ni->ni", "nii->n", "nij,nkj->nik"]
            )
        case ClassWeights():
            return st.sampled_from(["", "balanced", "1, 2, 3", "1, 2", "0, 1, 2"])
        case types.MeasureName():
            return st.sampled_from(["loss", "accuracy", "output2.rmse"])
        case types.Text():
            return st.sampled_from(["", "pixels", "ein Name"])
        case _:
            raise NotImplementedError(type(declared).__name__)
    return st.one_of(st.none(), found) if getattr(declared, "optional", False) else found


def _numbers(sizes: list[int]) -> st.SearchStrategy[Any]:
    first, *rest = sizes
    each = _numbers(rest) if rest else st.integers(-4, 4).map(lambda k: k / 2)
    return st.lists(each, min_size=first, max_size=first)


# Made once: hypothesis checks a new strategy anew, and that takes longer than drawing from it.
_sizes = st.integers(1, 12)
_mostly = st.sampled_from([True, True, True, False])
_few = st.lists(st.integers(1, 6), max_size=2)


@st.composite
def arrivals_for(draw: st.DrawFn, ports: tuple[Port, ...]) -> tuple[Arrival, ...]:
    """Shapes that fit the patterns of these ports; sizes of the same name are mostly equal."""
    sizes: dict[str, int] = {}
    found: list[Arrival] = []
    for port in ports:
        if port.optional and draw(st.booleans()):
            found.append(None)
        elif port.many:
            first = _shape(draw, port, sizes)
            count = draw(st.integers(port.least, 3))
            others = [first if draw(_mostly) else _shape(draw, port, sizes) for _ in range(count - 1)]
            found.append((first, *others))
        else:
            found.append(_shape(draw, port, sizes))
    return tuple(found)


def _shape(draw: st.DrawFn, port: Port, sizes: dict[str, int]) -> Shape:
    dims: list[int] = []
    for token in port.pattern.text.split():
        name = token.rstrip("?")
        if token == "N" or (token != name and draw(st.booleans())):
            continue
        if token == "*":
            dims += draw(_few)
            continue
        if name not in sizes:
            sizes[name] = TYPICAL[name] if draw(_mostly) else draw(_sizes)
        dims.append(sizes[name] if draw(_mostly) else draw(_sizes))
    return per_sample(*dims, dtype="int" if port.dtype == "int" else "float")


def typical(port: Port) -> Arrival:
    """One shape that suits the port, with sizes a person would meet."""
    dims: list[int] = []
    for token in port.pattern.text.split():
        if token == "*":
            dims += [4] if not dims else []
        elif token != "N" and not token.endswith("?"):
            dims.append(TYPICAL[token])
    shape = per_sample(*dims, dtype="int" if port.dtype == "int" else "float")
    return (shape,) * port.least if port.many else shape


def wired(kind: Layer) -> tuple[Arrival, ...]:
    """Typical shapes at every port that must be wired, such that the default settings accept them."""
    if type(kind).__name__ in SUITED:
        return SUITED[type(kind).__name__]
    return tuple(None if port.optional else typical(port) for port in kind.ports())
