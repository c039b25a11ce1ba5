"""Layers that cut, repeat, turn and stack along axes."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

from engine.kinds import Layer, declare, param, types
from engine.kinds.code import Code, expression
from engine.kinds.objections import AXIS_MISSING, RESHAPE_COUNT, UNEQUAL_SHAPES, Objection, ObjectionKind
from engine.kinds.ports import Incoming, port, ports
from engine.layers.axes import OnAxis, axis_words, size_along

NO_SUCH_PLACE = AXIS_MISSING.worded(expected="a place from 1 to {last}", why="There are {axes} axes already.")
PLACE_COUNT = RESHAPE_COUNT.worded(
    expected="{expected} places", why="Axis {axis} has {size} places, and all of them are kept."
)
PLACES_LEFT_OPEN = PLACE_COUNT.worded(expected="a multiple of {expected} places")
AXIS_NOT_ONE = ObjectionKind(
    "axis-not-one",
    expected="size 1 along axis {axis}",
    why="It has {size} places, and taking it away would lose them.",
)
AXIS_NOT_ONE_YET = AXIS_NOT_ONE.worded(why="It has {size} places already; Repeat copies those.")


@declare(
    family="combine",
    tall=False,
    icon="concat",
    hint="on a new axis",
    search="stack join new axis merge together",
)
class Stack(Layer):
    """Joins inputs of equal shape along a new axis.

    To treat several results as steps or as channels.

    Formula: y[…, k, …] = xₖ[…]; k along the new axis

    Source: torch.stack.
    """

    axis: int = param(
        1, type=types.Axis(), doc="Where the new axis stands: 1 right after the samples, −1 last"
    )
    xs = ports("N *", doc="equal shapes")

    def summary(self) -> str:
        return axis_words(self.axis, 1)

    def object(self, xs: list[Incoming]) -> Iterator[Objection]:
        odd = tuple(i for i, x in enumerate(xs) if x.shape.sample != xs[0].shape.sample)
        if odd:
            yield UNEQUAL_SHAPES(shape=xs[0].shape, place=odd[0] + 1, other=xs[odd[0]].shape, odd=odd)
        elif not -xs[0].rank <= self.axis <= xs[0].rank:
            yield NO_SUCH_PLACE(last=xs[0].rank, axes=xs[0].rank - 1, settings=(("axis", xs[0].rank),))

    def torch(self, xs: list[Incoming]) -> Code:
        return expression(f"torch.stack([{', '.join(f'{{xs[{i}]}}' for i in range(len(xs)))}], {self.axis})")


@declare(hint="splits an axis", icon="reshape", search="unflatten split axis reshape view heads")
class Unflatten(OnAxis):
    """Splits one axis into several; the others stay.

    To make heads of a width, or a picture of a row.

    Formula: y[…, i, j, …] = x[…, J·i + j, …]; I and J are the sizes

    Source: torch.unflatten; row-major order, the last axis fastest.
    """

    sizes: tuple[int, ...] = param(
        (2, -1), type=types.Extent(), doc="The new axes; one may be −1 for the rest"
    )

    def summary(self) -> str:
        return "to " + "×".join("…" if size == -1 else str(size) for size in self.sizes)

    def object(self, x: Incoming) -> Iterator[Objection]:
        yield from super().object(x)
        if not -x.rank < self.axis < x.rank:
            return
        size = size_along(x, self.axis)
        known = prod(part for part in self.sizes if part != -1)
        if size % known if -1 in self.sizes else size != known:
            choices = [
                (*self.sizes[:i], -1, *self.sizes[i + 1 :])
                for i in reversed(range(len(self.sizes)))
                if -1 not in self.sizes and size % prod(self.sizes[:i] + self.sizes[i + 1 :]) == 0
            ]
            declared = PLACES_LEFT_OPEN if -1 in self.sizes else PLACE_COUNT
            yield declared(
                expected=known,
                axis=self.axis,
                size=size,
                settings=tuple(("sizes", choice) for choice in [*choices, (-1,)]),
            )

    def torch(self, x: Incoming) -> Code:
        sizes = ", ".join(map(str, self.sizes)) + ("," if len(self.sizes) == 1 else "")
        return expression(f"{{x}}.unflatten({self.axis}, ({sizes}))")


@declare(
    family="combine",
    tall=False,
    hint="swaps two axes",
    search="transpose swap axes turn channels last first matrix",
)
class Transpose(Layer):
    """Swaps two axes of each sample.

    Between layers that want channels first and layers that want features last.

    Formula: y[…, j, …, i, …] = x[…, i, …, j, …]; i along first, j along second

    Source: torch.transpose.
    """

    first: int = param(1, type=types.Axis(), doc="One axis")
    second: int = param(2, type=types.Axis(), doc="The other")
    x = port("N A B *", doc="anything with two axes or more besides the samples", dtype="any")

    def summary(self) -> str:
        return f"{self.first} and {self.second}".replace("-", "−")

    def object(self, x: Incoming) -> Iterator[Objection]:
        for name in ("first", "second"):
            if not -x.rank < getattr(self, name) < x.rank:
                other = getattr(self, "second" if name == "first" else "first")
                legal = -x.rank < other < x.rank
                yield AXIS_MISSING(
                    axis=getattr(self, name),
                    last=x.rank - 1,
                    settings=((name, 1 if other % x.rank != 1 else 2),) if legal else (),
                )
                return

    def torch(self, x: Incoming) -> Code:
        return expression(f"{{x}}.transpose({self.first}, {self.second})")


@declare(hint="drops an axis of 1", icon="reshape", search="squeeze remove axis dimension drop one")
class Squeeze(OnAxis):
    """Takes away an axis of size 1.

    After a layer that leaves one, such as pooling to a single place.

    Formula: y[…] = x[…, 0, …]

    Source: torch.squeeze.
    """

    x = port("N F *", doc="anything with an axis of size 1", dtype="any")

    def object(self, x: Incoming) -> Iterator[Objection]:
        yield from super().object(x)
        if -x.rank < self.axis < x.rank and size_along(x, self.axis) != 1:
            ones = tuple(axis for axis in range(1, x.rank) if x.shape.dims[axis] == 1)
            yield AXIS_NOT_ONE(
                axis=self.axis, size=size_along(x, self.axis), settings=tuple(("axis", axis) for axis in ones)
            )

    def torch(self, x: Incoming) -> Code:
        return expression(f"{{x}}.squeeze({self.axis})")


@declare(
    family="combine",
    tall=False,
    hint="adds an axis, of 1",
    search="unsqueeze add axis dimension new one channel",
)
class Unsqueeze(Layer):
    """Adds an axis of size 1.

    To make a channel for a grey picture, or to get shapes to match.

    Formula: y[…, 0, …] = x[…]

    Source: torch.unsqueeze.
    """

    axis: int = param(1, type=types.Axis(), doc="Where it stands: 1 right after the samples, −1 last")
    x = port("N *", doc="anything", dtype="any")

    def summary(self) -> str:
        return axis_words(self.axis, 1)

    def object(self, x: Incoming) -> Iterator[Objection]:
        if not -x.rank <= self.axis <= x.rank:
            yield NO_SUCH_PLACE(last=x.rank, axes=x.rank - 1, settings=(("axis", x.rank),))

    def torch(self, x: Incoming) -> Code:
        return expression(f"{{x}}.unsqueeze({self.axis})")


@declare(hint="copies an axis", icon="reshape", search="expand broadcast copy grow repeat")
class Expand(OnAxis):
    """Copies an axis of size 1 until it has a given size.

    To bring one value to every place.

    Formula: y[…, i, …] = x[…, 0, …]; i < size

    Source: torch.Tensor.expand.
    """

    size: int = param(2, lo=1, hi=100_000_000, doc="Size of the axis after it")
    x = port("N F *", doc="anything with an axis of size 1", dtype="any")

    def summary(self) -> str:
        words = axis_words(self.axis, 1)
        return f"to {self.size}, {words}" if words else f"to {self.size}"

    def object(self, x: Incoming) -> Iterator[Objection]:
        yield from super().object(x)
        if -x.rank < self.axis < x.rank and size_along(x, self.axis) not in {1, self.size}:
            ones = tuple(axis for axis in range(1, x.rank) if x.shape.dims[axis] == 1)
            yield AXIS_NOT_ONE_YET(
                axis=self.axis,
                size=size_along(x, self.axis),
                settings=(*(("axis", axis) for axis in ones), ("size", size_along(x, self.axis))),
            )

    def torch(self, x: Incoming) -> Code:
        axis = self.axis % x.rank
        sizes = ", ".join(str(self.size) if i == axis else "-1" for i in range(x.rank))
        return expression(f"{{x}}.expand({sizes})")


@declare(hint="again and again", icon="reshape", search="repeat tile copy again")
class Repeat(OnAxis):
    """Repeats what stands along an axis a number of times.

    To bring one code to every step of a sequence, after Unsqueeze.

    Formula: y[…, i, …] = x[…, i mod s, …]; i < times·s, x has s places along axis

    Source: torch.Tensor.repeat.
    """

    times: int = param(2, lo=1, hi=1_000_000, doc="How often")
    x = port("N F *", doc="anything with an axis besides the samples", dtype="any")

    def summary(self) -> str:
        words = axis_words(self.axis, 1)
        return f"{self.times} times, {words}" if words else f"{self.times} times"

    def torch(self, x: Incoming) -> Code:
        axis = self.axis % x.rank
        times = ", ".join(str(self.times) if i == axis else "1" for i in range(x.rank))
        return expression(f"{{x}}.repeat({times})")


@declare(hint="shifts in a circle", icon="reshape", search="roll shift rotate circular swin window")
class Roll(OnAxis):
    """Shifts the places of an axis; what falls off one end comes in at the other.

    For shifted windows, as in Swin Transformers.

    Formula: y[…, i, …] = x[…, (i − by) mod s, …]; x has s places along axis

    Source: torch.roll; Liu et al. 2021, "Swin Transformer".
    """

    by: int = param(1, type=types.Integer(), doc="How many places; negative ones shift back")

    def summary(self) -> str:
        words = axis_words(self.axis, 1)
        text = str(self.by).replace("-", "−")
        return f"by {text}, {words}" if words else f"by {text}"

    def torch(self, x: Incoming) -> Code:
        return expression(f"{{x}}.roll({self.by}, {self.axis})")
