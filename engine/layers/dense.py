"""Layers in which every input reaches every output."""

from __future__ import annotations

from collections.abc import Iterator

from engine.kinds import Layer, declare, param
from engine.kinds.code import Code, expression, module
from engine.kinds.objections import UNEQUAL_SHAPES, Objection, ObjectionKind
from engine.kinds.ports import Incoming, port
from engine.kinds.shapes import Shape
from engine.layers.weighted import Normable
from engine.message import Message, counted

NOT_FLAT = ObjectionKind(
    "not-flat",
    expected="N×features",
    why="It works on the last axis, and that is one row of {last} number{last:|s}, not the whole sample.",
)
ROWS_DIFFER = UNEQUAL_SHAPES.worded(
    expected="shapes equal to {shape} but for the last axis", why="The second input brings {other}."
)


@declare(
    family="dense",
    hint="fully connected",
    search="dense fully connected fc affine matrix classifier head perceptron neurons units projection",
)
class Linear(Normable):
    """Every output is a weighted sum of all inputs plus a bias.

    The last step of most classifiers, and all of a multi-layer perceptron. On sequences it works at every
    step alike.

    Formula: y = x·Wᵀ + b

    Source: Rosenblatt 1958, "The perceptron".
    """

    out_features: int = param(64, lo=1, hi=100_000_000, doc="Number of outputs")
    bias: bool = param(True, doc="Add a learned number to every output", advanced=True)
    each: bool = param(
        False, doc="Take a picture row by row, on its last axis, rather than refuse it", advanced=True
    )
    x = port("N * F", doc="a row of numbers, or a sequence of rows")

    def summary(self) -> str:
        return counted(self.out_features, "output")

    def object(self, x: Incoming) -> Iterator[Objection]:
        if x.rank > 3 and not self.each:
            yield NOT_FLAT(last=x.F, settings=(("each", True),))

    def shapes(self, x: Incoming) -> tuple[Shape, ...]:
        return (Shape((*x.shape.dims[:-1], self.out_features)),)

    def torch(self, x: Incoming) -> Code:
        return module("nn.Linear", x.F, self.out_features, bias=self.bias)

    def macs(self, inputs: tuple[Incoming, ...], outputs: tuple[Shape, ...]) -> int:
        return outputs[0].size * int(inputs[0].F)

    def explain(self, x: Incoming) -> Message:
        if x.rank == 2:
            return Message(
                "{out:The output|Each of the {out} outputs} is a weighted sum of "
                "{features:the input|all {features} inputs}.",
                out=f"{self.out_features:,}",
                features=f"{x.F:,}",
            )
        return Message(
            "At each of {places} places, {out:the output|every one of {out} outputs} is a weighted "
            "sum of {features:the input|{features} inputs}.",
            places=f"{x.shape.size // x.F:,}",
            out=f"{self.out_features:,}",
            features=f"{x.F:,}",
        )

    def count(self, x: Incoming) -> str:
        bias = f" + {self.out_features}" if self.bias else ""
        return f"{x.F} × {self.out_features}{bias}{self.lengths(self.out_features)}"


@declare(family="dense", hint="unchanged", tall=False, search="nothing pass through no-op placeholder")
class Identity(Layer):
    """Hands on what arrives, unchanged.

    As a named place in a network, or to stand in for a layer while comparing.

    Formula: y = x

    Source: torch.nn.Identity.
    """

    x = port("N *", doc="anything", dtype="any")

    def torch(self, x: Incoming) -> Code:
        return expression("{x}")


@declare(
    family="dense",
    hint="two inputs",
    search="bilinear product pair two inputs tensor interaction",
)
class Bilinear(Normable):
    """Every output is a weighted sum over all products of the two inputs.

    Where two things have to be judged together, such as a question and an answer.

    Formula: y[o] = x1·W[o]·x2ᵀ + b[o]

    Source: Tenenbaum and Freeman 2000, "Separating style and content with bilinear models".
    """

    out_features: int = param(64, lo=1, hi=1_000_000, doc="Number of outputs")
    bias: bool = param(True, doc="Add a learned number to every output", advanced=True)
    x1 = port("N * F", doc="the first row of numbers")
    x2 = port("N * E", doc="the second row of numbers")

    def summary(self) -> str:
        return counted(self.out_features, "output")

    def object(self, x1: Incoming, x2: Incoming) -> Iterator[Objection]:
        if x1.shape.sample[:-1] != x2.shape.sample[:-1]:
            yield ROWS_DIFFER(shape=x1.shape, other=x2.shape, odd=(1,))

    def torch(self, x1: Incoming, x2: Incoming) -> Code:
        return module(
            "nn.Bilinear", x1.F, x2.E, self.out_features, line="{out} = {m}({x1}, {x2})", bias=self.bias
        )

    def macs(self, inputs: tuple[Incoming, ...], outputs: tuple[Shape, ...]) -> int:
        return outputs[0].size * int(inputs[0].F) * int(inputs[1].E)

    def count(self, x1: Incoming, x2: Incoming) -> str:
        bias = f" + {self.out_features}" if self.bias else ""
        return f"{self.out_features} × {x1.F} × {x2.E}{bias}{self.lengths(self.out_features)}"
