"""What every layer with weights can be told about them: what they begin with, whether they are trained, what
large ones cost.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Literal

from attrs import evolve

from engine.kinds import Layer, param, settings
from engine.kinds.code import Code
from engine.kinds.nested import Nested
from engine.kinds.objections import Objection, ObjectionKind
from engine.kinds.ports import Arriving
from engine.layers.initialisations import Default, Initialisation, Normal

WEIGHTS_TOO_FLAT = ObjectionKind(
    "weights-too-flat",
    expected="an initialisation for weights with one axis",
    why="{name} goes by the inputs and outputs of a weight, and here each weight stands alone.",
)
NORM_OF_NOTHING = ObjectionKind(
    "norm-of-nothing",
    expected="first weights other than zero",
    why="{norm} divides by the length of the weights, and all are zero.",
)

NONE, WEIGHT, SPECTRAL = "none", "weight norm", "spectral norm"


@settings
class Weighted(Layer):
    """A layer with weights.

    `holds` says how: "one" weight and perhaps a bias, "many" of them, or the layer is a weight "itself".
    `flat` weights have one axis.
    """

    holds: ClassVar[Literal["one", "many", "itself"]] = "one"
    flat: ClassVar[bool] = False
    initialisation: Initialisation = param(
        Default(),
        type=Nested(Initialisation),
        doc="Which numbers its weights begin with",
        last=True,
    )
    frozen: bool = param(
        False,
        doc="Keep its weights and running statistics as they are: training leaves them alone",
        last=True,
    )
    rate_factor: float = param(
        1.0,
        lo=0,
        above=True,
        doc="Its learning rate is the recipe's times this: below 1 it keeps more of what it knows",
        advanced=True,
        last=True,
        later=True,
    )
    l1: float = param(
        0.0,
        lo=0,
        doc="Adds this times the sum of its weights without their sign to the loss: many become zero",
        advanced=True,
        last=True,
    )
    l2: float = param(
        0.0,
        lo=0,
        doc="Adds this times the sum of its squared weights to the loss: all stay small",
        advanced=True,
        last=True,
    )

    def has_weights(self) -> bool:
        """Whether there are any, which may depend on the settings."""
        return True

    def has_bias(self) -> bool:
        """Whether a bias stands beside the one weight."""
        return bool(getattr(self, "bias", False))

    def remembers(self) -> bool:
        """Whether training changes more of it than its weights, such as running statistics."""
        return False

    def code(self, *inputs: Arriving) -> Code:
        code = super().code(*inputs)
        if self.frozen and self.remembers():
            code = evolve(code, set_up=("{m}.eval()",), held=True)
        if not self.has_weights():
            return code
        return evolve(
            code,
            set_up=(*self._set_up(), *code.set_up),
            texts=(self.initialisation.modules,) if self.initialisation.modules else (),
            penalties=tuple(self._penalties()),
        )

    def objections(self, *inputs: Arriving) -> Iterator[Objection]:
        yield from super().objections(*inputs)
        if self.flat and self.initialisation.axes > 1 and self.has_weights():
            yield WEIGHTS_TOO_FLAT(
                name=self.initialisation.label(),
                settings=(("initialisation", Default()), ("initialisation", Normal())),
            )

    def _set_up(self) -> Iterator[str]:
        yield from self.filled()
        yield from self.normed()
        if self.frozen:
            yield "{m}.requires_grad_(False)"
        elif self.rate_factor != 1:
            # for whoever makes the optimiser: PyTorch has no place for it in a module
            yield f"{{m}}.rate_factor = {self.rate_factor!r}"

    def filled(self) -> Iterator[str]:
        """The lines that give its weights their first numbers."""
        first = self.initialisation
        if self.holds == "many":
            if line := first.call("weight"):
                yield "for weight in {m}.parameters():"
                yield "    if weight.dim() > 1:"
                yield f"        {line}"
            if first.zeroes():
                yield "for name, bias in {m}.named_parameters():"
                yield '    if "bias" in name:'
                yield "        nn.init.zeros_(bias)"
            return
        if line := first.call("{m}" if self.holds == "itself" else "{m}.weight"):
            yield line
        if first.zeroes() and self.holds == "one" and self.has_bias():
            yield "nn.init.zeros_({m}.bias)"

    def normed(self) -> Iterator[str]:
        """The lines that put a norm on its weights."""
        yield from ()

    def _penalties(self) -> Iterator[str]:
        if self.frozen:
            return
        for factor, size in ((self.l1, "abs"), (self.l2, "square")):
            if not factor:
                continue
            if self.holds == "many":
                sums = f"weight.{size}().sum() for weight in {{m}}.parameters() if weight.dim() > 1"
                yield f"{factor!r} * sum({sums})"
            else:
                weight = "{m}" if self.holds == "itself" else "{m}.weight"
                yield f"{factor!r} * {weight}.{size}().sum()"


@settings
class Normable(Weighted):
    """A layer whose weight can be kept in bounds by a norm."""

    norm: str = param(
        NONE,
        options=(NONE, WEIGHT, SPECTRAL),
        doc="Weight norm learns the length of each filter by itself; spectral norm keeps the layer from"
        " stretching anything by more than 1",
        advanced=True,
        last=True,
    )

    def remembers(self) -> bool:
        return self.norm == SPECTRAL

    def objections(self, *inputs: Arriving) -> Iterator[Objection]:
        yield from super().objections(*inputs)
        if self.norm != NONE and self.initialisation.nothing():
            yield NORM_OF_NOTHING(norm=self.norm, settings=(("initialisation", Default()), ("norm", NONE)))

    def normed(self) -> Iterator[str]:
        if self.norm != NONE:
            yield f"nn.utils.parametrizations.{self.norm.replace(' ', '_')}({{m}})"

    def lengths(self, number: int) -> str:
        """What weight norm adds to the count of parameters: a length for each of so many filters."""
        return f" + {number}" if self.norm == WEIGHT else ""
