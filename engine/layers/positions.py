"""Layers that tell each step of a sequence where it stands, or how far apart two of them are."""

from __future__ import annotations

from collections.abc import Iterator
from math import log

from engine.kinds import Layer, declare, param, types
from engine.kinds.code import Call, Code
from engine.kinds.objections import HEADS_DO_NOT_DIVIDE, UNEQUAL_SHAPES, Objection, ObjectionKind
from engine.kinds.ports import Incoming, port
from engine.kinds.shapes import Shape
from engine.layers.weighted import Weighted
from engine.layers.windows import nearest_divisors

WIDTH_ODD = ObjectionKind(
    "width-odd",
    expected="an even number of features",
    why="Half of them get a sine and half a cosine, and there are {width}.",
)
HEADS_OF_PAIRS = HEADS_DO_NOT_DIVIDE.worded(
    expected="a width that is a multiple of {double}",
    why="A head turns pairs, and {width} numbers make none for {heads} head{heads:|s} alike.",
)

PLACES_UNLIKE = UNEQUAL_SHAPES.worded(
    expected="as many columns as rows, {rows}",
    why="A distance is between two places of the same sequence, and there are {columns} columns.",
)
NO_PICTURE = ObjectionKind(
    "no-picture",
    expected="a number of rows that divides {places}",
    why="{rows} rows of equal length do not make {places} places.",
)
RATES = "{{rates}} = torch.exp(torch.arange(0, {width}, 2, device={{x}}.device) * {rate!r})"


def learned(sizes: tuple[int, ...], spread: float, middle: float = 0.0) -> Call:
    """A parameter that begins with normal numbers around `middle` of that standard deviation."""
    if middle and not spread:
        return Call("nn.Parameter", (Call("torch.full", (sizes, middle)),))
    empty = Call("nn.Parameter", (Call("torch.empty", sizes),))
    return Call("nn.init.normal_", (empty,), (("mean", middle), ("std", spread)))


@declare(
    family="attention",
    tall=False,
    icon="embedding",
    hint="waves, not learned",
    stem="positions",
    search="positional encoding sinusoidal sine cosine position order transformer",
)
class SinusoidalPositions(Layer):
    """Adds sine and cosine waves of different length to each step, so that steps can be told apart.

    Before the first attention, which by itself does not see the order. Works for any length.

    Formula: y[t, 2i] = x[t, 2i] + sin(t / base^(2i / F)), y[t, 2i + 1] = x[t, 2i + 1] + cos(t / base^(2i /
    F)); x of width F

    Source: Vaswani et al. 2017, "Attention is all you need".
    """

    base: float = param(10_000.0, lo=2, doc="Length of the longest wave, over 2π steps", advanced=True)
    x = port("N T F", doc="a sequence of rows")

    def object(self, x: Incoming) -> Iterator[Objection]:
        if x.F % 2:
            yield WIDTH_ODD(width=x.F, multiple=2)

    def torch(self, x: Incoming) -> Code:
        return Code(
            (
                "{steps} = torch.arange({x}.shape[1], device={x}.device).unsqueeze(1)",
                RATES.format(width=x.F, rate=-log(self.base) / x.F),
                "{angles} = {steps} * {rates}",
                "{out} = {x} + torch.stack([{angles}.sin(), {angles}.cos()], 2).flatten(1)",
            )
        )


@declare(
    family="attention",
    icon="embedding",
    hint="learned",
    stem="positions",
    search="positional embedding learned position order transformer vit gpt bert",
)
class LearnedPositions(Weighted):
    """Adds a learned row of numbers to each step, so that steps can be told apart.

    Before the first attention, for sequences of one fixed length, such as the patches of a picture.

    Formula: y[n, t] = x[n, t] + W[t]

    Source: Gehring et al. 2017, "Convolutional sequence to sequence learning".
    """

    holds = "itself"
    spread: float = param(0.02, lo=0, doc="Standard deviation of the numbers at the start", advanced=True)
    x = port("N T F", doc="a sequence of rows")

    def summary(self) -> str:
        return "one row for each step"

    def torch(self, x: Incoming) -> Code:
        return Code(("{out} = {x} + {m}",), learned((1, x.T, x.F), self.spread))

    def count(self, x: Incoming) -> str:
        return f"{x.T} × {x.F}"


@declare(
    family="attention",
    tall=False,
    icon="embedding",
    hint="turns pairs",
    stem="rotary",
    search="rotary positional embedding rope position order llama transformer",
)
class RotaryPositions(Layer):
    """Turns pairs of features by an angle that grows with the step, so that products tell the distance.

    For queries and keys, before scaled dot-product attention.

    Formula: y = (a·cos(t·θ) − b·sin(t·θ), a·sin(t·θ) + b·cos(t·θ)); for each pair (a, b) of x[t], θ =
    base^(−2i / d) for pair i, d = F / heads, x of width F

    Source: Su et al. 2021, "RoFormer".
    """

    heads: int = param(1, lo=1, hi=1024, doc="Parts the width is split into, each turned alike")
    base: float = param(10_000.0, lo=2, doc="Sets the slowest turn", advanced=True)
    x = port("N T F", doc="queries or keys")

    def summary(self) -> str:
        return "" if self.heads == 1 else f"{self.heads} heads"

    def object(self, x: Incoming) -> Iterator[Objection]:
        if x.F % (2 * self.heads):
            fitting = tuple(nearest_divisors(x.F // 2, self.heads)) if x.F % 2 == 0 else ()
            yield HEADS_OF_PAIRS(
                double=2 * self.heads,
                heads=self.heads,
                width=x.F,
                settings=tuple(("heads", n) for n in fitting),
                **{} if fitting else {"multiple": 2 * self.heads},
            )

    def torch(self, x: Incoming) -> Code:
        width = x.F // self.heads
        return Code(
            (
                "{steps} = torch.arange({x}.shape[1], device={x}.device).unsqueeze(1)",
                RATES.format(width=width, rate=-log(self.base) / width),
                "{angles} = ({steps} * {rates}).unsqueeze(1)",
                "{sin}, {cos} = {angles}.sin(), {angles}.cos()",
                f"{{a}}, {{b}} = {{x}}.unflatten(2, ({self.heads}, {width // 2}, 2)).unbind(-1)",
                "{out} = torch.stack([{a} * {cos} - {b} * {sin}, {a} * {sin} + {b} * {cos}], -1).flatten(2)",
            )
        )


@declare(
    family="attention",
    icon="embedding",
    hint="by distance, learned",
    stem="bias",
    search="relative position bias distance attention scores swin t5 alibi transformer window table",
)
class RelativePositionBias(Weighted):
    """Adds to each score between two places a learned number, looked up by how far and which way they lie
    apart.

    Between the product of queries and keys and its softmax. Places may be the steps of a sequence, or those
    of a picture row by row.

    Formula: y[n, h, t, s] = x[n, h, t, s] + W[h, s − t]; in a picture W[h, row(s) − row(t), column(s) −
    column(t)]

    Source: Shaw, Uszkoreit and Vaswani 2018, "Self-attention with relative position representations"; Liu et
    al. 2021, "Swin Transformer".
    """

    holds = "itself"
    rows: int = param(1, lo=1, hi=100_000, doc="Rows of the picture whose places they are; 1 for a sequence")
    reach: int | None = param(
        None,
        type=types.Integer(lo=1, hi=100_000, optional=True),
        doc="Places further apart count as so far apart; none tells all distances apart",
        advanced=True,
    )
    spread: float = param(0.02, lo=0, doc="Standard deviation of the numbers at the start", advanced=True)
    x = port("N A T S", doc="scores: heads, then from which place, then to which")

    def summary(self) -> str:
        return "one number for each distance" if self.rows == 1 else f"{self.rows} rows"

    def object(self, x: Incoming) -> Iterator[Objection]:
        if x.S != x.T:
            yield PLACES_UNLIKE(rows=x.T, columns=x.S)
        elif x.T % self.rows:
            fitting = tuple(nearest_divisors(x.T, self.rows))
            yield NO_PICTURE(rows=self.rows, places=x.T, settings=tuple(("rows", n) for n in fitting))

    def reaches(self, places: int) -> tuple[int, int]:
        """The largest distance that is told apart, along a column and along a row."""
        columns = places // self.rows
        most = self.reach or max(self.rows, columns)
        return min(most, self.rows - 1), min(most, columns - 1)

    def distances(self, places: int) -> int:
        """How many distances there are."""
        down, across = self.reaches(places)
        return (2 * down + 1) * (2 * across + 1)

    def torch(self, x: Incoming) -> Code:
        made = learned((x.A, self.distances(x.T)), self.spread)
        lines = ("{step} = torch.arange({x}.shape[-1], device={x}.device)", *self.gaps(x.T))
        return Code((*lines, "{out} = {x} + {m}[:, {gap}]"), made)

    def gaps(self, places: int) -> tuple[str, ...]:
        """The lines that turn `step`, the places in order, into `gap`: for each two of them the place of
        their distance in the table.
        """
        down, across = self.reaches(places)
        columns = places // self.rows
        if self.rows == 1:
            return (f"{{gap}} = {self._told_apart('{step}', across, columns)}",)
        return (
            f"{{row}}, {{column}} = {{step}} // {columns}, {{step}} % {columns}",
            f"{{gap}} = ({self._told_apart('{row}', down, self.rows)}) * {2 * across + 1}",
            f"{{gap}} = {{gap}} + {self._told_apart('{column}', across, columns)}",
        )

    def _told_apart(self, name: str, reach: int, size: int) -> str:
        """How far each place lies behind each other one, counted from the furthest before it."""
        gap = f"{name} - {name}[:, None]"
        if reach < size - 1:
            return f"({gap}).clip({-reach}, {reach}) + {reach}"
        return f"{gap} + {reach}"

    def shapes(self, x: Incoming) -> tuple[Shape, ...]:
        return (x.shape,)

    def count(self, x: Incoming) -> str:
        return f"{x.A} × {self.distances(x.T)}"
