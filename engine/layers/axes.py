"""Settings that name an axis: whether there is such an axis, and how it is counted in code."""

from __future__ import annotations

from collections.abc import Iterator

from engine.kinds import Layer, param, settings, types
from engine.kinds.objections import AXIS_MISSING, NOTHING_LEFT, Objection
from engine.kinds.ports import Incoming, port

NO_AXIS = AXIS_MISSING.worded(why="What arrives is one number for each sample.")


def axis_objection(axis: int, x: Incoming) -> Iterator[Objection]:
    """An axis that what arrives does not have."""
    if not -x.rank < axis < x.rank:
        declared = AXIS_MISSING if x.rank > 1 else NO_AXIS
        yield declared(axis=axis, last=x.rank - 1, settings=(("axis", x.rank - 1),) if x.rank > 1 else ())


def size_along(x: Incoming, axis: int) -> int:
    """The size of an axis that is there."""
    size = x.shape.dims[axis]
    assert isinstance(size, int)  # the batch is no axis that a setting can name
    return size


def axis_words(axis: int, usual: int) -> str:
    """The axis for the second line of a node, nothing where it is the usual one."""
    return "" if axis == usual else f"axis {axis}".replace("-", "−")


def nothing_left(size: int) -> Objection:
    """Cutting that leaves no number at all."""
    return NOTHING_LEFT(size=size, settings=(("start", 0), ("stop", None)))


@settings
class OnAxis(Layer):
    """What layers share that work along one axis."""

    family = "combine"
    tall = False
    axis: int = param(1, type=types.Axis(), doc="Axis it works along: 1 for channels, −1 for the last")
    x = port("N F *", doc="anything with an axis besides the samples")

    def summary(self) -> str:
        return axis_words(self.axis, 1)

    def object(self, x: Incoming) -> Iterator[Objection]:
        yield from axis_objection(self.axis, x)
