"""Tensors that come from no wire: learned ones, constant ones, and those that a person gives."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

from engine.kinds import Layer, declare, param, types
from engine.kinds.code import Code, expression, literal
from engine.kinds.objections import Objection, ObjectionKind
from engine.kinds.ports import Incoming, port
from engine.kinds.types import NestedNumbers
from engine.layers.positions import learned
from engine.layers.weighted import Weighted

TOO_LARGE = ObjectionKind(
    "too-large",
    expected="at most ten thousand million numbers",
    why="There would be {count} for each sample.",
    by_hand="Any of the sizes may be the one that is too large.",
)
ONE_AXIS = ObjectionKind(
    "one-axis",
    expected="two sizes at least",
    why="An identity matrix has rows and columns.",
)
NUMBER, RAMP, IDENTITY = "one number", "ramp", "identity"


@declare(
    family="attention",
    icon="embedding",
    hint="learned, no wire in",
    stem="token",
    search="learnable tensor parameter class token query prompt weight constant",
)
class LearnedTensor(Weighted):
    """Numbers of their own that training changes, the same for every sample.

    A class token to be joined to a sequence, or the queries of a decoder; with a spread of 0 a scale that
    begins as one number. The wire only says how many samples there are.

    Formula: y[n] = W; W has the given sizes, and begins as start + spread·ε, ε ~ N(0, 1)

    Source: torch.nn.Parameter; Devlin et al. 2018, "BERT".
    """

    holds = "itself"
    sizes: tuple[int, ...] = param((1, 64), type=types.Integers(lo=1), doc="Sizes, without the batch")
    start: float = param(0.0, doc="The number they begin with, give or take the spread")
    spread: float = param(0.02, lo=0, doc="Standard deviation of the numbers at the start")
    x = port("N *", doc="anything; only its number of samples counts", dtype="any")

    def summary(self) -> str:
        return "×".join(map(str, self.sizes))

    def torch(self, x: Incoming) -> Code:
        keep = ", -1" * len(self.sizes)
        made = learned((1, *self.sizes), self.spread, self.start)
        return Code(("{out} = {m}.expand({x}.shape[0]" + keep + ")",), made)

    def count(self, x: Incoming) -> str:
        return " × ".join(map(str, self.sizes))


@declare(
    family="combine",
    tall=False,
    hint="one number, a ramp",
    stem="constant",
    search="constant tensor fixed number fill zeros ones identity matrix eye ramp arange linspace",
)
class ConstantTensor(Layer):
    """Numbers that training does not change: the same everywhere, a ramp, or the identity matrix.

    To try what a branch does, by putting nothing in its place; a ramp tells places apart. The wire only says
    how many samples there are.

    Formula: y[n, …, i, j] = value; as a ramp value + step·j; as the identity 1 where i = j, else 0

    Source: torch.full, torch.arange and torch.eye.
    """

    sizes: tuple[int, ...] = param((1,), type=types.Integers(lo=1), doc="Sizes, without the batch")
    pattern: str = param(
        NUMBER,
        options=(NUMBER, RAMP, IDENTITY),
        doc="One number everywhere; a ramp along the last axis; or the identity on the last two axes",
    )
    value: float = param(0.0, doc="The number, or the first one of a ramp")
    step: float = param(1.0, doc="By how much a ramp grows from one place to the next", advanced=True)
    x = port("N *", doc="anything; only its number of samples counts", dtype="any")

    def summary(self) -> str:
        what = {NUMBER: f"{self.value:g}", RAMP: f"{self.value:g}, {self.value + self.step:g}, …"}
        return f"{what.get(self.pattern, self.pattern)}, {'×'.join(map(str, self.sizes))}".replace("-", "−")

    def object(self, x: Incoming) -> Iterator[Objection]:
        if prod(self.sizes) > 10**10:
            yield TOO_LARGE(count=f"{prod(self.sizes):,}")
        elif self.pattern == IDENTITY and len(self.sizes) < 2:
            yield ONE_AXIS(settings=(("sizes", (*self.sizes, *self.sizes)), ("pattern", NUMBER)))

    def torch(self, x: Incoming) -> Code:
        sizes = ", ".join(map(str, self.sizes))
        if self.pattern == NUMBER:
            return expression(f"torch.full(({{x}}.shape[0], {sizes}), {self.value!r}, device={{x}}.device)")
        if self.pattern == IDENTITY:
            rows, columns = self.sizes[-2:]
            numbers = f"torch.eye({rows}, {columns}, device={{x}}.device)"
        else:
            # a whole number times a decimal one is decimal
            numbers = f"torch.arange({self.sizes[-1]}, device={{x}}.device) * {self.step!r} + {self.value!r}"
            numbers = f"({numbers})"
        return expression(f"{numbers}.expand({{x}}.shape[0], {sizes})")


@declare(
    family="combine",
    tall=False,
    hint="typed, or from a file",
    stem="given",
    search="constant tensor fixed numbers values typed matrix kernel filter buffer npy numpy file",
)
class GivenTensor(Layer):
    """Numbers that a person gives, typed or from a file, which training does not change.

    Known filters, class prototypes, positions, a graph's neighbours. The wire only says how many samples
    there are.

    Formula: y[n] = values

    Source: torch.tensor.
    """

    values: NestedNumbers = param(
        ((1.0, 0.0), (0.0, 1.0)),
        type=types.Numbers(),
        doc="The numbers; a semicolon stands between the rows of a matrix, brackets make more axes",
    )
    x = port("N *", doc="anything; only its number of samples counts", dtype="any")

    @property
    def sizes(self) -> tuple[int, ...]:
        """The sizes of the numbers as they are nested."""
        return types.sizes_of(self.values)

    def summary(self) -> str:
        return "×".join(map(str, self.sizes))

    def torch(self, x: Incoming) -> Code:
        numbers = literal(self.values)
        keep = ", -1" * len(self.sizes)
        return Code(
            (
                f"{{numbers}} = torch.tensor({numbers}, device={{x}}.device)",
                "{out} = {numbers}.expand({x}.shape[0]" + keep + ")",
            )
        )
