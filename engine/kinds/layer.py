"""How a kind is declared: one frozen class says everything about a layer, a data source, a loss, an
optimiser.

    @declare(family="convolution", hint="images")
    class Conv2d(Layer):
        '''Slides learned filters over a picture.'''
        out_channels: int = param(32, lo=1, doc="Number of filters")
        x = port("N C H W", doc="a picture")

        def torch(self, x):
            return module("nn.Conv2d", x.C, self.out_channels)

From this come the palette entry, the inspector form, its limits and help, the file form, the module, the
emitted source, the command line and one generic test. Adding a kind is adding one class.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Literal, Protocol

import numpy as np
from attrs import evolve, frozen

from engine.kinds.code import Call, Code
from engine.kinds.declaring import Kind, role
from engine.kinds.objections import Objection
from engine.kinds.ports import Arriving, Port, declared_in
from engine.kinds.shapes import Shape
from engine.message import Message


@frozen
class Family:
    """A heading of the palette: its title, and the icon of those kinds that have none of their own."""

    title: Message
    icon: str


FAMILIES: Mapping[str, Family] = {
    "io": Family(Message("Input and output"), "input-output"),
    "convolution": Family(Message("Convolution"), "convolution"),
    "dense": Family(Message("Dense"), "dense"),
    "pooling": Family(Message("Pooling and resizing"), "pool"),
    "normalise": Family(Message("Normalise and drop"), "normalise"),
    "activation": Family(Message("Activation"), "activation"),
    "recurrent": Family(Message("Recurrent"), "recurrent"),
    "attention": Family(Message("Attention and embedding"), "attention"),
    "combine": Family(Message("Combine and reshape"), "reshape"),
}


class Definition(Protocol):
    """What a layer made of layers is made of, as those know it who need not look inside."""

    @property
    def name(self) -> str:
        """What it is called."""

    @property
    def depth(self) -> int:
        """How many levels of definitions stand in one another, this one counted."""

    @property
    def essence(self) -> list[Any]:
        """What it computes, as plain JSON without places on the canvas."""


BackwardNeeds = Literal["input", "output", "nothing"]


@frozen
class HeldInside:
    """What a layer of many operations holds of one sample besides what arrives and leaves, in numbers of 4
    bytes: `kept` from its turn until its gradient comes back, `passing` for the moment at which it does.
    """

    kept: int
    passing: int = 0


@role
class Layer(Kind):
    """A node on the canvas."""

    stem: ClassVar[str] = ""
    icon: ClassVar[str] = ""
    spatial: ClassVar[int] = 0
    tall: ClassVar[bool] = True
    backward_needs: ClassVar[BackwardNeeds] = "input"
    """Which of its values training holds until the gradient comes back."""
    input_ports: ClassVar[tuple[Port, ...]] = ()
    outputs: ClassVar[tuple[str, ...]] = ("out",)
    blocks: ClassVar[tuple[Definition, ...]] = ()
    """The definitions that it uses, inner ones first. Only the use of a block has any."""

    @classmethod
    def complete(cls) -> None:
        """Collect its ports; take variable name and icon from the class where they are not given."""
        cls.input_ports = declared_in(cls)
        cls.stem = cls.stem or re.sub(r"\dd$", "", cls.__name__).lower()
        if not cls.icon and isinstance(cls.family, str) and cls.family in FAMILIES:
            cls.icon = FAMILIES[cls.family].icon

    def ports(self) -> tuple[Port, ...]:
        """The inputs of this very layer; they may depend on its settings."""
        return self.input_ports

    def port(self, name: str) -> Port | None:
        """The input of that name, or None."""
        return next((port for port in self.ports() if port.name == name), None)

    @property
    def meant(self) -> Layer:
        """The layer that it is meant to be: itself, unless it has settings that are not legal."""
        return self

    @property
    def in_a_row(self) -> str:
        """How often it stands one after the other, as its node tells it: `×3`. Empty for once."""
        return ""

    def summary(self) -> str:
        """The settings that tell most, in a few words, for the second line of the node."""
        return ""

    # What follows is handed an `Arriving` for each port, in their order. A kind gives them names and types of
    # its own, `def torch(self, x: Incoming)`, which mypy allows of `*inputs: Any, **named: Any` alone.
    def torch(self, *inputs: Any, **named: Any) -> Code:
        """The code for what arrives."""
        raise NotImplementedError(type(self).__name__)  # every layer with inputs says how it is written

    def code(self, *inputs: Arriving) -> Code:
        """The code for what arrives, with what the settings that many layers share add to it."""
        code = self.torch(*inputs)
        if self.modules and isinstance(code.make, Call):
            return evolve(code, make=self.brings(code.make))
        return code

    def object(self, *inputs: Any, **named: Any) -> Iterator[Objection]:
        """What is wrong with what arrives although the patterns fit."""
        yield from ()

    def objections(self, *inputs: Arriving) -> Iterator[Objection]:
        """What `object` says, and what is wrong with the settings that many layers share."""
        yield from self.object(*inputs)

    def shapes(self, *inputs: Any, **named: Any) -> tuple[Shape, ...] | None:
        """The output shapes by formula, where PyTorch on meta tensors would be slow. None asks PyTorch."""
        return None

    def macs(self, inputs: tuple[Any, ...], outputs: tuple[Shape, ...]) -> int:
        """Multiply-adds for one sample, of what arrives at each port and the shapes that leave: products of
        convolutions, linear maps and attention.
        """
        return 0

    def holds_inside(self, inputs: tuple[Any, ...], outputs: tuple[Shape, ...]) -> HeldInside | None:
        """What training holds within the layer, of what arrives at each port and the shapes that leave. None
        where PyTorch keeps no more than `backward_needs` says.
        """
        return None

    def explain(self, *inputs: Any, **named: Any) -> Message:
        """What it does with exactly what arrives, in a sentence or two."""
        return Message(self.doc().replace("{", "{{").replace("}", "}}"))

    def sizing(self, *inputs: Any, **named: Any) -> str:
        """How the size of the output comes about, with the numbers put in. Empty where there is nothing to
        tell.
        """
        return ""

    def count(self, *inputs: Any, **named: Any) -> str:
        """How the number of parameters comes about: `64 × 32 × 3 × 3 + 64`. Empty where there are none."""
        return ""

    def curve(self, x: np.ndarray) -> np.ndarray | None:
        """The values of an activation at `x`, as many, for its icon. None for a layer that is no curve."""
        return None


@role
class BlockEnd(Layer):
    """Where a value enters a block or leaves it. It stands inside blocks alone, in the place of an Input or
    Output.
    """
