"""Layers where several wires come together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import ClassVar

from attrs import frozen

from engine.kinds import Layer, declare, param, settings, types
from engine.kinds.code import Code, expression
from engine.kinds.layer import BackwardNeeds
from engine.kinds.objections import AXIS_MISSING, UNEQUAL_SHAPES, Objection
from engine.kinds.ports import Incoming, ports
from engine.kinds.shapes import Dim, Shape

PARTS_DIFFER = UNEQUAL_SHAPES.worded(
    why="Input {place} brings {other}, and they are combined number by number."
)
ENDS_DIFFER = UNEQUAL_SHAPES.worded(expected="shapes equal to {shape} but for axis {axis}")
AXIS_NOT_EVERYWHERE = AXIS_MISSING.worded(
    expected="an axis {axis} at every input", why="There are inputs with the axes 1 to {last} only."
)
AXIS_NOWHERE = AXIS_NOT_EVERYWHERE.worded(why="There are inputs with no axis besides the samples.")


@settings
class Elementwise(Layer):
    """What layers share that combine inputs of equal shape place by place."""

    family = "combine"
    tall = False
    backward_needs: ClassVar[BackwardNeeds] = "nothing"
    sign = ""
    stretch: bool = param(False, doc="Let axes of size 1 stretch to the size of the others", advanced=True)
    xs = ports("N *", doc="equal shapes")

    def object(self, xs: list[Incoming]) -> Iterator[Objection]:
        one = difference(xs, self.stretch)
        if one is not None:
            yield PARTS_DIFFER(
                shape=one.usual, place=one.place, other=one.other, odd=one.odd, settings=one.settings
            )

    def torch(self, xs: list[Incoming]) -> Code:
        return expression(f" {self.sign} ".join(f"{{xs[{i}]}}" for i in range(len(xs))))


@frozen
class Difference:
    """How the shapes of inputs differ that are combined number by number: the usual shape and the first other
    one, the places of all that differ, counted from 0, and the settings that would do.
    """

    usual: Shape
    other: Shape
    odd: tuple[int, ...]
    settings: tuple[tuple[str, bool], ...]

    @property
    def place(self) -> int:
        """The place of the first that differs, counted from 1."""
        return self.odd[0] + 1


def difference(xs: Sequence[Incoming], stretch: bool) -> Difference | None:
    """How the shapes differ, None where they do not, or where axes of size 1 stretch to make them equal."""
    shapes = [x.shape.sample for x in xs]
    usual = Counter(shapes).most_common(1)[0][0]
    odd = tuple(i for i, shape in enumerate(shapes) if shape != usual)
    if not odd or (stretch and _stretchable(shapes)):
        return None
    settings = (("stretch", True),) if _stretchable(shapes) else ()
    return Difference(xs[shapes.index(usual)].shape, xs[odd[0]].shape, odd, settings)


def _stretchable(shapes: list[tuple[int, ...]]) -> bool:
    if len({len(shape) for shape in shapes}) > 1:
        return False
    return all(len(set(sizes) - {1}) <= 1 for sizes in zip(*shapes, strict=True))


@declare(hint="skip connections", icon="add", search="sum plus residual skip shortcut merge together")
class Add(Elementwise):
    """Adds its inputs, number by number.

    The end of a skip connection: what a block has learned is added to what went in.

    Formula: y = x₁ + x₂ + …

    Source: He et al. 2015, "Deep residual learning for image recognition".
    """

    sign = "+"


@declare(hint="gates", icon="add", search="product times gate mask scale attention squeeze excitation")
class Multiply(Elementwise):
    """Multiplies its inputs, number by number.

    For gates: one input between 0 and 1 decides how much of the other passes.

    Formula: y = x₁·x₂·…

    Source: Hochreiter and Schmidhuber 1997; Hu et al. 2017, "Squeeze-and-excitation networks".
    """

    sign = "*"
    backward_needs = "input"


@declare(hint="smallest of several", icon="add", search="minimum min smallest lower elementwise fuzzy and")
class Minimum(Elementwise):
    """Takes the smallest of its inputs, number by number.

    For the most careful of several answers, or a limit that is computed.

    Formula: y = min(x₁, x₂, …)

    Source: torch.minimum.
    """

    backward_needs = "input"

    def torch(self, xs: list[Incoming]) -> Code:
        return _nested("torch.minimum", len(xs))


@declare(
    hint="largest of several", icon="add", search="maximum max largest upper maxout elementwise fuzzy or"
)
class Maximum(Elementwise):
    """Takes the largest of its inputs, number by number.

    For the strongest of several answers, as in maxout.

    Formula: y = max(x₁, x₂, …)

    Source: torch.maximum; Goodfellow et al. 2013, "Maxout networks".
    """

    backward_needs = "input"

    def torch(self, xs: list[Incoming]) -> Code:
        return _nested("torch.maximum", len(xs))


def _nested(call: str, count: int) -> Code:
    """A function of two, over as many inputs as there are."""
    text = "{xs[0]}"
    for i in range(1, count):
        text = f"{call}({text}, {{xs[{i}]}})"
    return expression(text)


@declare(
    family="combine",
    tall=False,
    hint="side by side",
    icon="concat",
    search="concat join stack merge together append channels dense unet skip",
)
class Concatenate(Layer):
    """Joins its inputs along one axis, one behind the other.

    To bring branches together without mixing them, as in DenseNet and U-Net.

    Formula: y[…, sₖ + i, …] = xₖ[…, i, …]; sₖ adds up the sizes of x₁ … xₖ₋₁ along axis

    Source: Huang et al. 2016, "Densely connected convolutional networks".
    """

    backward_needs = "nothing"
    axis: int = param(
        1, type=types.Axis(), doc="Axis along which they are joined: 1 for channels, −1 for the last"
    )
    xs = ports("N *", doc="shapes that differ along one axis only")

    def summary(self) -> str:
        return "" if self.axis == 1 else f"axis {self.axis}".replace("-", "−")

    def object(self, xs: list[Incoming]) -> Iterator[Objection]:
        rank = min(x.rank for x in xs)
        if not -rank < self.axis < rank:
            declared = AXIS_NOT_EVERYWHERE if rank > 1 else AXIS_NOWHERE
            yield declared(axis=self.axis, last=rank - 1, settings=(("axis", 1),) if rank > 1 else ())
            return
        rests = [self._rest(x) for x in xs]
        usual = Counter(rests).most_common(1)[0][0]
        odd = tuple(i for i, rest in enumerate(rests) if rest != usual)
        if odd:
            first = next(xs[i] for i, rest in enumerate(rests) if rest == usual)
            others = [
                axis
                for axis in range(1, rank)
                if len({(*x.shape.dims[:axis], *x.shape.dims[axis + 1 :]) for x in xs}) == 1
            ]
            yield ENDS_DIFFER(
                shape=first.shape,
                axis=self.axis,
                place=odd[0] + 1,
                other=xs[odd[0]].shape,
                odd=odd,
                settings=tuple(("axis", axis) for axis in others),
            )

    def _rest(self, x: Incoming) -> tuple[int, tuple[Dim, ...]]:
        axis = self.axis % x.rank
        return x.rank, (*x.shape.dims[:axis], *x.shape.dims[axis + 1 :])

    def torch(self, xs: list[Incoming]) -> Code:
        return expression(f"torch.cat([{', '.join(f'{{xs[{i}]}}' for i in range(len(xs)))}], {self.axis})")

    def sizing(self, xs: list[Incoming]) -> str:
        sizes = [int(x.shape.dims[self.axis]) for x in xs]  # type: ignore[arg-type]  # never the batch
        return " + ".join(map(str, sizes)) + f" = {sum(sizes)}"
