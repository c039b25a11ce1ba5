"""Layers that cut an axis into parts or take a stretch of it."""

from __future__ import annotations

from collections.abc import Iterator

from engine.kinds import declare, param, settings, types
from engine.kinds.code import Code, expression
from engine.kinds.objections import Objection, ObjectionKind
from engine.kinds.ports import Incoming
from engine.layers.axes import OnAxis, axis_words, nothing_left, size_along

PARTS_DO_NOT_ADD_UP = ObjectionKind(
    "parts-do-not-add-up",
    expected="parts that add up to {size}",
    why="{parts} is {sum}.",
)
PARTS_DO_NOT_DIVIDE = ObjectionKind(
    "parts-do-not-divide",
    expected="a size that {pieces} parts share evenly",
    why="Axis {axis} has {size} place{size:|s}.",
)
INDEX_MISSING = ObjectionKind(
    "index-missing",
    expected="a place from 0 to {last}",
    why="Axis {axis} has {size} place{size:|s}.",
)


def index(axis: int, rank: int, text: str) -> str:
    """An index along one axis: `[:, :, 2:5]`."""
    return "[" + ":, " * (axis % rank) + text + "]"


@settings
class Cutting(OnAxis):
    """What layers share that give several parts. How many outputs there are follows from the settings."""

    icon = "split"
    outputs = ("out1", "out2")

    def parts(self) -> int:
        """How many parts come out."""
        return 2

    def __attrs_post_init__(self) -> None:
        # a frozen value's own attribute, in place of the one of its class
        object.__setattr__(self, "outputs", tuple(f"out{i + 1}" for i in range(self.parts())))

    def names(self) -> str:
        """The left side of the assignment."""
        names = ", ".join(f"{{{name}}}" for name in self.outputs)
        return names if len(self.outputs) > 1 else names + ","


@declare(hint="parts of given sizes", search="split cut divide parts separate branch")
class Split(Cutting):
    """Cuts an axis into parts of given sizes.

    To send some channels one way and the others another.

    Formula: outₖ[…, i, …] = x[…, s + i, …]; s = sizes₁ + … + sizesₖ₋₁

    Source: torch.split.
    """

    sizes: tuple[int, ...] = param(
        (4, 4), type=types.Integers(lo=1), doc="Sizes of the parts, which make up the axis"
    )

    def parts(self) -> int:
        return len(self.sizes)

    def summary(self) -> str:
        return " + ".join(map(str, self.sizes))

    def object(self, x: Incoming) -> Iterator[Objection]:
        yield from super().object(x)
        if not -x.rank < self.axis < x.rank:
            return
        size, count = size_along(x, self.axis), len(self.sizes)
        if sum(self.sizes) != size:
            even = tuple(size // count + (i < size % count) for i in range(count))
            yield PARTS_DO_NOT_ADD_UP(
                size=size,
                parts=self.summary(),
                sum=sum(self.sizes),
                settings=(("sizes", even),) if size >= count else (("sizes", (size,)),),
            )

    def torch(self, x: Incoming) -> Code:
        return Code((f"{self.names()} = {{x}}.split([{', '.join(map(str, self.sizes))}], {self.axis})",))


@declare(hint="equal parts", search="chunk split halve divide equal parts separate branch")
class Chunk(Cutting):
    """Cuts an axis into a number of equal parts.

    To get queries, keys and values from one Linear layer, or mean and variance from one code.

    Formula: outₖ[…, i, …] = x[…, (k − 1)·s / pieces + i, …]; x has s places along axis

    Source: torch.chunk.
    """

    pieces: int = param(2, lo=1, hi=64, doc="How many parts")

    def parts(self) -> int:
        return self.pieces

    def summary(self) -> str:
        return f"{self.pieces} parts"

    def object(self, x: Incoming) -> Iterator[Objection]:
        yield from super().object(x)
        if -x.rank < self.axis < x.rank and size_along(x, self.axis) % self.pieces:
            size = size_along(x, self.axis)
            fitting = [n for n in range(min(size, 64), 0, -1) if size % n == 0]
            fitting.sort(key=lambda n: abs(n - self.pieces))
            yield PARTS_DO_NOT_DIVIDE(
                pieces=self.pieces,
                axis=self.axis,
                size=size,
                settings=tuple(("pieces", n) for n in fitting[:3]),
            )

    def torch(self, x: Incoming) -> Code:
        return Code((f"{self.names()} = {{x}}.chunk({self.pieces}, {self.axis})",))


@declare(hint="a stretch of an axis", icon="split", search="slice crop cut range part window narrow")
class Slice(OnAxis):
    """Takes a stretch of an axis, from one place to before another.

    To crop a map, or to take some channels.

    Formula: y[…, i, …] = x[…, start + step·i, …]; start + step·i < stop

    Source: Python's slices.
    """

    start: int | None = param(
        0, type=types.Integer(optional=True), doc="First place; negative ones count from the end"
    )
    stop: int | None = param(
        None, type=types.Integer(optional=True), doc="Place before which it ends; none goes to the end"
    )
    step: int = param(1, lo=1, doc="Every how many places one is taken", advanced=True)

    def _text(self) -> str:
        ends = f"{self.start or ''}:{'' if self.stop is None else self.stop}"
        return ends if self.step == 1 else f"{ends}:{self.step}"

    def summary(self) -> str:
        words = axis_words(self.axis, 1)
        text = self._text().replace("-", "−")
        return f"{text}, {words}" if words else text

    def object(self, x: Incoming) -> Iterator[Objection]:
        yield from super().object(x)
        if -x.rank < self.axis < x.rank:
            size = size_along(x, self.axis)
            if not range(size)[slice(self.start, self.stop, self.step)]:
                yield nothing_left(size)

    def torch(self, x: Incoming) -> Code:
        return expression("{x}" + index(self.axis, x.rank, self._text()))


@declare(hint="one place of an axis", icon="split", search="select pick index choose token step first last")
class Select(OnAxis):
    """Takes one place of an axis, and the axis is gone.

    To take the class token of a Transformer, or the last step of a sequence.

    Formula: y[…] = x[…, index, …]

    Source: torch.select.
    """

    index: int = param(0, doc="Which place; −1 is the last", type=types.Integer())

    def summary(self) -> str:
        words = axis_words(self.axis, 1)
        text = str(self.index).replace("-", "−")
        return f"{text}, {words}" if words else text

    def object(self, x: Incoming) -> Iterator[Objection]:
        yield from super().object(x)
        if -x.rank < self.axis < x.rank:
            size = size_along(x, self.axis)
            if not -size <= self.index < size:
                yield INDEX_MISSING(
                    last=size - 1, axis=self.axis, size=size, settings=(("index", size - 1), ("index", 0))
                )

    def torch(self, x: Incoming) -> Code:
        return expression("{x}" + index(self.axis, x.rank, str(self.index)))
