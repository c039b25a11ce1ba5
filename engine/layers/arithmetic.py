"""Plain arithmetic on what arrives, number by number or as matrices."""

from __future__ import annotations

import re
from collections.abc import Iterator
from math import prod
from typing import Any

from engine.kinds import Layer, declare, param, settings, types
from engine.kinds.code import Code, expression
from engine.kinds.objections import UNEQUAL_SHAPES, Objection, ObjectionKind
from engine.kinds.ports import Incoming, port, ports
from engine.kinds.shapes import Shape
from engine.layers.axes import axis_objection, axis_words
from engine.layers.combine import difference
from engine.message import Message

TWO_DIFFER = UNEQUAL_SHAPES.worded(
    expected="{shape} at both inputs",
    why="The second brings {other}, and they are taken number by number.",
)
BATCHES_DIFFER = UNEQUAL_SHAPES.worded(
    expected="shapes equal to {shape} but for the last two axes", why="The second brings {other}."
)
INNER_SIZES_DIFFER = ObjectionKind(
    "inner-sizes-differ",
    expected="{size} {what} in the second",
    why="A row of the first has {size} number{size:|s}, and it meets {received}.",
)
LETTERS_DIFFER = INNER_SIZES_DIFFER.worded(
    expected="{size} along {letter} everywhere", why="Input {place} has {received} there."
)
RANK_DIFFERS = ObjectionKind(
    "rank-differs",
    expected="{expected} ax{expected:i|e}s at input {place}",
    why="{term} names {expected}, and {shape} arrives.",
)
TERM_COUNT = ObjectionKind(
    "term-count",
    expected="{terms} input{terms:|s}",
    why="The equation has {terms} part{terms:|s} on its left, and {wires} wire{wires:|s} arrive{wires:s|}.",
    by_hand="Another wire, or another equation, is what the author of the equation knows.",
)
LETTER_UNKNOWN = ObjectionKind(
    "letter-unknown",
    expected="letters on the right that stand on the left, each once",
    why="The right side is {right}.",
    by_hand="What an equation shall mean, its author alone knows.",
)


@settings
class Pair(Layer):
    """What layers share that take two inputs of equal shape."""

    family = "combine"
    tall = False
    a = port("N *", doc="the first")
    b = port("N *", doc="the second, of the same shape")

    def object(self, a: Incoming, b: Incoming) -> Iterator[Objection]:
        if a.shape.sample != b.shape.sample:
            yield TWO_DIFFER(shape=a.shape, other=b.shape, odd=(1,))


@settings
class Arithmetic(Pair):
    """What layers share that take two inputs number by number."""

    stretch: bool = param(False, doc="Let axes of size 1 stretch to the size of the other", advanced=True)

    def object(self, a: Incoming, b: Incoming) -> Iterator[Objection]:
        one = difference((a, b), self.stretch)
        if one is not None:
            yield TWO_DIFFER(shape=one.usual, other=one.other, odd=one.odd, settings=one.settings)


@declare(hint="difference", icon="add", search="minus difference subtract residual")
class Subtract(Arithmetic):
    """Takes the second input from the first, number by number.

    For differences, such as an error or a change.

    Formula: y = a − b

    Source: torch.sub.
    """

    def torch(self, a: Incoming, b: Incoming) -> Code:
        return expression("{a} - {b}")


@declare(hint="ratio", icon="add", search="ratio quotient divide fraction normalise")
class Divide(Arithmetic):
    """Divides the first input by the second, number by number.

    For ratios, such as weights that shall sum to one. Zero below the line gives no finite number.

    Formula: y = a / b

    Source: torch.div.
    """

    def torch(self, a: Incoming, b: Incoming) -> Code:
        return expression("{a} / {b}")


@declare(
    hint="angle, of two vectors", icon="dense", search="cosine similarity angle compare siamese embedding"
)
class CosineSimilarity(Pair):
    """How much two vectors point the same way: 1 the same, 0 at right angles, −1 opposite.

    To compare codes, as in siamese networks.

    Formula: y = Σ a[i]·b[i] / (max(‖a‖, ε)·max(‖b‖, ε)); along axis, ε = 1e−8

    Source: torch.nn.functional.cosine_similarity.
    """

    axis: int = param(1, type=types.Axis(), doc="Axis of the vectors: 1 for channels, −1 for the last")
    a = port("N F *", doc="the first")
    b = port("N F *", doc="the second, of the same shape")

    def summary(self) -> str:
        return axis_words(self.axis, 1)

    def object(self, a: Incoming, b: Incoming) -> Iterator[Objection]:
        yield from super().object(a, b)
        yield from axis_objection(self.axis, a)

    def torch(self, a: Incoming, b: Incoming) -> Code:
        return expression(
            "F.cosine_similarity({a}, {b}" + ("" if self.axis == 1 else f", dim={self.axis}") + ")"
        )


@declare(
    hint="distance, of vectors", icon="dense", search="distance euclidean pairwise compare siamese metric"
)
class PairwiseDistance(Pair):
    """The distance of two vectors along the last axis.

    To compare codes, as in siamese networks.

    Formula: y = (Σ |a[i] − b[i] + ε|^order)^(1 / order); along the last axis, ε = 1e−6

    Source: torch.nn.functional.pairwise_distance.
    """

    order: float = param(
        2.0, lo=1, hi=16, doc="The power p: 2 is the usual distance, 1 the sum of differences"
    )
    a = port("N * F", doc="the first")
    b = port("N * F", doc="the second, of the same shape")

    def torch(self, a: Incoming, b: Incoming) -> Code:
        return expression(
            "F.pairwise_distance({a}, {b}" + ("" if self.order == 2 else f", p={self.order!r}") + ")"
        )


@declare(
    family="combine",
    tall=False,
    icon="dense",
    hint="matrix product",
    search="matrix multiply product dot bmm attention scores",
)
class MatMul(Layer):
    """Multiplies matrices: rows of the first with columns of the second.

    For attention written by hand, and wherever both factors come from wires.

    Formula: y[i, j] = Σ a[i, k]·b[k, j]; over k; turned: b[j, k]

    Source: torch.matmul.
    """

    turned: bool = param(False, doc="Turn the second first: rows with rows, as in Q·Kᵀ")
    a = port("N * T F", doc="matrices")
    b = port("N * F S", doc="matrices with as many rows as the first has columns")

    def summary(self) -> str:
        return "second turned" if self.turned else ""

    def object(self, a: Incoming, b: Incoming) -> Iterator[Objection]:
        inner = b.S if self.turned else b.F
        if a.shape.sample[:-2] != b.shape.sample[:-2]:
            yield BATCHES_DIFFER(shape=a.shape, other=b.shape, odd=(1,))
        elif inner != a.F:
            other = b.F if self.turned else b.S
            yield INNER_SIZES_DIFFER(
                size=a.F,
                what=Message("columns" if self.turned else "rows"),
                received=inner,
                settings=(("turned", not self.turned),) if other == a.F else (),
            )

    def torch(self, a: Incoming, b: Incoming) -> Code:
        return expression("{a} @ {b}.mT" if self.turned else "{a} @ {b}")

    def macs(self, inputs: tuple[Incoming, ...], outputs: tuple[Shape, ...]) -> int:
        return outputs[0].size * int(inputs[0].F)

    def sizing(self, a: Incoming, b: Incoming) -> str:
        rows, columns = (b.S, b.F) if self.turned else (b.F, b.S)
        return f"{a.T}×{a.F} · {rows}×{columns} → {a.T}×{columns}"


class Equation(types.Text):
    """A sum over products in Einstein's notation: `nij,njk->nik`."""

    def wanted(self) -> Message:
        return Message("letters for axes, n for the samples first, such as nij,njk->nik")

    def accept(self, value: Any) -> str:
        text = super().accept(value).replace(" ", "")
        if not re.fullmatch(r"n[a-z]*(,n[a-z]*)*->n[a-z]*", text):
            raise self.refusal(value)
        return text


@declare(
    family="combine",
    icon="dense",
    hint="sum of products",
    search="einsum einstein tensor product sum contraction",
)
class Einsum(Layer):
    """Multiplies its inputs and sums over axes, as written in Einstein's notation; n is the batch.

    For products that no other layer has. A letter that is missing on the right is summed over.

    Formula: y[right] = Σ x₁[left₁]·x₂[left₂]·…; over the letters of equation that stand on the left alone

    Source: Einstein 1916; torch.einsum.
    """

    equation: str = param(
        "nij,njk->nik", type=Equation(), doc="Axes of each input, and after -> those of the result"
    )
    xs = ports("N *", doc="one input for each part of the equation", least=1, dtype="float")

    def summary(self) -> str:
        return self.equation.replace("->", " → ")

    def object(self, xs: list[Incoming]) -> Iterator[Objection]:
        left, right = self.equation.split("->")
        terms = left.split(",")
        if len(terms) != len(xs):
            yield TERM_COUNT(terms=len(terms), wires=len(xs))
            return
        sizes: dict[str, int] = {}
        for place, (term, x) in enumerate(zip(terms, xs, strict=True), start=1):
            if len(term) != x.rank:
                yield RANK_DIFFERS(
                    expected=len(term), place=place, term=term, shape=x.shape, odd=(place - 1,)
                )
                return
            for letter, size in zip(term[1:], x.shape.sample, strict=True):
                if letter == "n" or sizes.setdefault(letter, size) != size:
                    yield LETTERS_DIFFER(
                        size=sizes.get(letter, "N"), letter=letter, place=place, received=size
                    )
                    return
        strange = [letter for letter in right[1:] if letter not in sizes]
        if strange or len(set(right)) != len(right):
            yield LETTER_UNKNOWN(right=right)

    def torch(self, xs: list[Incoming]) -> Code:
        names = ", ".join(f"{{xs[{i}]}}" for i in range(len(xs)))
        return expression(f'torch.einsum("{self.equation}", {names})')

    def macs(self, inputs: tuple[list[Incoming]], outputs: tuple[Shape, ...]) -> int:
        (xs,) = inputs
        terms = self.equation.split("->")[0].split(",")
        sizes: dict[str, int] = {
            letter: size
            for term, x in zip(terms, xs, strict=True)
            for letter, size in zip(term[1:], x.shape.sample, strict=True)
        }
        return prod(sizes.values()) * (len(terms) - 1)

    def sizing(self, xs: list[Incoming]) -> str:
        return self.equation.replace("->", " → ")
