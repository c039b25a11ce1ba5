"""Layers that lay the same numbers out differently."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

from engine.kinds import Layer, declare, param, types
from engine.kinds.code import Code, expression
from engine.kinds.objections import AXIS_MISSING, RESHAPE_COUNT, Objection, ObjectionKind
from engine.kinds.ports import Incoming, port

START_MISSING = AXIS_MISSING.worded(expected="an axis {start} to begin with")
COUNT_LEFT_OPEN = RESHAPE_COUNT.worded(expected="a multiple of {known} number{known:|s}")
ORDER_DIFFERS = ObjectionKind(
    "order-differs",
    expected="each of the axes {axes} once",
    why="The order names {order}.",
)


@declare(
    family="combine",
    tall=False,
    hint="to one row",
    search="flatten row vector unroll 1d before linear reshape view",
)
class Flatten(Layer):
    """Lays all numbers of a sample out in one row.

    Between convolutions and the first Linear layer.

    Formula: y[n, …, (i·J + j)·K + k] = x[n, …, i, j, k]; I, J, K the sizes of x from start on

    Source: torch.flatten; row-major order, the last axis fastest.
    """

    start: int = param(
        1,
        type=types.Axis(),
        doc="First axis that is laid out, −2 for the last two; those before it stay",
        advanced=True,
    )
    x = port("N *", doc="anything", dtype="any")

    def summary(self) -> str:
        return "" if self.start == 1 else f"from axis {self.start}".replace("-", "−")

    def object(self, x: Incoming) -> Iterator[Objection]:
        if x.rank > 1 and not -x.rank < self.start < x.rank:
            yield START_MISSING(start=self.start, last=x.rank - 1, settings=(("start", 1),))

    def first(self, x: Incoming) -> int:
        """The first axis that is laid out, counted from the first."""
        return self.start + x.rank if self.start < 0 else self.start

    def torch(self, x: Incoming) -> Code:
        return expression("{x}.unsqueeze(1)" if x.rank == 1 else f"{{x}}.flatten({self.start})")

    def sizing(self, x: Incoming) -> str:
        sizes = x.shape.sample[self.first(x) - 1 :]
        return " × ".join(map(str, sizes)) + f" = {prod(sizes)}" if len(sizes) > 1 else ""


@declare(
    family="combine",
    tall=False,
    hint="new sizes",
    search="reshape view resize unflatten split axes",
)
class Reshape(Layer):
    """Lays the numbers of a sample out in other sizes; their number and order stay.

    To make a picture of a row, or to split an axis in two. The batch is never touched.

    Formula: y[n, i, j, …] = x[n, k, l, …]; where (i·J + j)·… = (k·L + l)·…, and y has the given sizes

    Source: torch.reshape; row-major order, the last axis fastest.
    """

    sizes: tuple[int, ...] = param(
        (-1,), type=types.Extent(), doc="Sizes of one sample, without the batch; one may be −1 for the rest"
    )
    x = port("N *", doc="anything", dtype="any")

    def summary(self) -> str:
        return "to " + "×".join("…" if size == -1 else str(size) for size in self.sizes)

    def result(self, x: Incoming) -> tuple[int, ...] | None:
        """The sizes with −1 filled in, or None where the numbers do not come out."""
        known = prod(size for size in self.sizes if size != -1)
        whole = x.shape.size
        if -1 not in self.sizes:
            return self.sizes if known == whole else None
        return None if whole % known else tuple(whole // known if size == -1 else size for size in self.sizes)

    def object(self, x: Incoming) -> Iterator[Objection]:
        if self.result(x) is not None:
            return
        whole = x.shape.size
        choices = [
            (*self.sizes[:i], -1, *self.sizes[i + 1 :])
            for i in reversed(range(len(self.sizes)))
            if -1 not in self.sizes and whole % prod(self.sizes[:i] + self.sizes[i + 1 :]) == 0
        ]
        known = prod(size for size in self.sizes if size != -1)
        declared = COUNT_LEFT_OPEN if -1 in self.sizes else RESHAPE_COUNT
        yield declared(
            known=f"{known:,}",
            whole=f"{whole:,}",
            expected=known,
            settings=tuple(("sizes", choice) for choice in [*choices, (-1,)]),
        )

    def torch(self, x: Incoming) -> Code:
        result = self.result(x) or self.sizes
        return expression(f"{{x}}.reshape(-1, {', '.join(map(str, result))})")

    def sizing(self, x: Incoming) -> str:
        before, after = x.shape.sample or (1,), self.result(x) or self.sizes  # a number alone is one value
        return f"{' × '.join(map(str, before))} = {' × '.join(map(str, after))}"


@declare(
    family="combine",
    tall=False,
    hint="reorders axes",
    search="transpose swap axes dimensions channels last first permute order",
)
class Permute(Layer):
    """Puts the axes of each sample into another order.

    Between layers that want channels first and layers that want features last, such as a convolution and an
    LSTM.

    Formula: y[n, i[order₁], i[order₂], …] = x[n, i[1], i[2], …]

    Source: torch.permute.
    """

    order: tuple[int, ...] = param(
        (2, 1),
        type=types.AxisList(),
        doc="The axes of what arrives in their new order, counted from 1, or back from the last, −1",
    )
    x = port("N A B *", doc="anything with two axes or more besides the samples", dtype="any")

    def summary(self) -> str:
        return ", ".join(map(str, self.order)).replace("-", "−")

    def counted(self, rank: int) -> tuple[int, ...]:
        """The order counted from the first axis, where what arrives has so many with the samples."""
        return tuple(axis + rank if axis < 0 else axis for axis in self.order)

    def object(self, x: Incoming) -> Iterator[Objection]:
        wanted = tuple(range(1, x.rank))
        if tuple(sorted(self.counted(x.rank))) != wanted:
            turned = (*wanted[1:], wanted[0])
            yield ORDER_DIFFERS(
                axes=", ".join(map(str, wanted)),
                order=", ".join(map(str, self.order)),
                settings=(("order", turned), ("order", wanted[::-1])),
            )

    def torch(self, x: Incoming) -> Code:
        return expression(f"{{x}}.permute(0, {', '.join(map(str, self.order))})")
