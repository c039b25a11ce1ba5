"""Layers that tell each step of a sequence where it stands, and tensors that come from no wire."""

from __future__ import annotations

from collections.abc import Iterator
from math import log, prod

from engine.kinds import Layer, declare, param, types
from engine.kinds.code import Call, Code, expression
from engine.kinds.objections import HEADS_DO_NOT_DIVIDE, Objection, ObjectionKind
from engine.kinds.ports import Incoming, port
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
TOO_LARGE = ObjectionKind(
    "too-large",
    expected="at most ten thousand million numbers",
    why="There would be {count} for each sample.",
    by_hand="Any of the sizes may be the one that is too large.",
)

RATES = "{{rates}} = torch.exp(torch.arange(0, {width}, 2, device={{x}}.device) * {rate!r})"


def learned(sizes: tuple[int, ...], spread: float) -> Call:
    """A parameter that begins with normal numbers of that standard deviation."""
    empty = Call("nn.Parameter", (Call("torch.empty", sizes),))
    return Call("nn.init.normal_", (empty,), (("std", spread),))


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
    hint="learned, no wire in",
    stem="token",
    search="learnable tensor parameter class token query prompt weight constant",
)
class LearnedTensor(Weighted):
    """Numbers of their own that training changes, the same for every sample.

    A class token to be joined to a sequence, or the queries of a decoder. The wire only says how many samples
    there are.

    Formula: y[n] = W; W has the given sizes

    Source: torch.nn.Parameter; Devlin et al. 2018, "BERT".
    """

    holds = "itself"
    sizes: tuple[int, ...] = param((1, 64), type=types.Integers(lo=1), doc="Sizes, without the batch")
    spread: float = param(0.02, lo=0, doc="Standard deviation of the numbers at the start")
    x = port("N *", doc="anything; only its number of samples counts", dtype="any")

    def summary(self) -> str:
        return "×".join(map(str, self.sizes))

    def torch(self, x: Incoming) -> Code:
        keep = ", -1" * len(self.sizes)
        return Code(("{out} = {m}.expand({x}.shape[0]" + keep + ")",), learned((1, *self.sizes), self.spread))

    def count(self, x: Incoming) -> str:
        return " × ".join(map(str, self.sizes))


@declare(
    family="combine",
    tall=False,
    hint="constant, one number",
    stem="constant",
    search="constant tensor fixed number fill zeros ones",
)
class ConstantTensor(Layer):
    """The same number at every place, which training does not change.

    To try what a branch does, by putting nothing in its place. The wire only says how many samples there are.

    Formula: y[n, …] = value

    Source: torch.full.
    """

    sizes: tuple[int, ...] = param((1,), type=types.Integers(lo=1), doc="Sizes, without the batch")
    value: float = param(0.0, doc="The number")
    x = port("N *", doc="anything; only its number of samples counts", dtype="any")

    def summary(self) -> str:
        return f"{self.value:g}, {'×'.join(map(str, self.sizes))}".replace("-", "−")

    def object(self, x: Incoming) -> Iterator[Objection]:
        if prod(self.sizes) > 10**10:
            yield TOO_LARGE(count=f"{prod(self.sizes):,}")

    def torch(self, x: Incoming) -> Code:
        sizes = ", ".join(map(str, self.sizes))
        return expression(f"torch.full(({{x}}.shape[0], {sizes}), {self.value!r}, device={{x}}.device)")
