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

import json
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from attrs import evolve, frozen

from engine.kinds.code import Call, Code
from engine.kinds.declaring import (
    Kind,
    changed,
    declare,
    from_json,
    params,
    plain,
    registries,
    registry,
    role,
    settings,
    stated,
    to_json,
    values_from_json,
    values_to_json,
)
from engine.kinds.params import SPATIAL, Param, param
from engine.kinds.ports import Incoming, Objection, Port, declared_in
from engine.kinds.shapes import Shape
from engine.message import Illegal, Message

if TYPE_CHECKING:
    import numpy as np

    from engine.data.schema import Column, Raw, Schema
    from engine.project.blocks import Block

__all__ = [
    "FAMILIES",
    "SPATIAL",
    "BlockEnd",
    "Family",
    "Kind",
    "Layer",
    "Loss",
    "Optimiser",
    "Param",
    "Schedule",
    "Source",
    "Unknown",
    "changed",
    "declare",
    "from_json",
    "layer_from_json",
    "param",
    "params",
    "plain",
    "registries",
    "registry",
    "role",
    "settings",
    "stated",
    "to_json",
    "values_from_json",
    "values_to_json",
]


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


@role
class Layer(Kind):
    """A node on the canvas."""

    stem: ClassVar[str] = ""
    icon: ClassVar[str] = ""
    spatial: ClassVar[int] = 0
    tall: ClassVar[bool] = True
    input_ports: ClassVar[tuple[Port, ...]] = ()
    outputs: ClassVar[tuple[str, ...]] = ("out",)
    modules: ClassVar[str] = ""
    """The text of modules that its code calls and PyTorch does not have: `class Spike(nn.Module): …`."""
    blocks: ClassVar[tuple[Block, ...]] = ()
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

    # `**named` is never used: with it mypy lets a kind name its inputs, `def torch(self, x)`.
    def torch(self, *inputs: Any, **named: Any) -> Code:
        """The code for what arrives: an `Incoming` for each port, a list of them for a many-port, None for a
        free one.
        """
        raise NotImplementedError(type(self).__name__)  # every layer with inputs says how it is written

    def code(self, *inputs: Any) -> Code:
        """The code for what arrives, with what the settings that many layers share add to it."""
        code = self.torch(*inputs)
        if self.modules and isinstance(code.make, Call):
            return evolve(code, make=evolve(code.make, text=self.modules))
        return code

    def object(self, *inputs: Any, **named: Any) -> Iterator[Objection]:
        """What is wrong with what arrives although the patterns fit."""
        yield from ()

    def objections(self, *inputs: Any) -> Iterator[Objection]:
        """What `object` says, and what is wrong with the settings that many layers share."""
        yield from self.object(*inputs)

    def shapes(self, *inputs: Any, **named: Any) -> tuple[Shape, ...] | None:
        """The output shapes by formula, where PyTorch on meta tensors would be slow. None asks PyTorch."""
        return None

    def macs(self, inputs: tuple[Any, ...], outputs: tuple[Shape, ...]) -> int:
        """Multiply-adds for one sample: products of convolutions, linear maps and attention."""
        return 0

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
        """The values of an activation at `x`, for its icon. None for a layer that is no curve."""
        return None


@role
class BlockEnd(Layer):
    """Where a value enters a block or leaves it. It stands inside blocks alone, in the place of an Input or
    Output.
    """


class Unknown(Layer):
    """A layer whose kind nobody here knows, or that cannot be read. Its data is kept as it came."""

    family = "unknown"
    stem = "unknown"

    def __init__(self, raw: Mapping[str, Any], reason: Message) -> None:
        self.raw = json.dumps(raw)
        self.reason = reason

    def own_params(self) -> tuple[Param, ...]:
        """None: what its settings mean is not known."""
        return ()

    def json(self) -> dict[str, Any]:
        """What the file said."""
        found: dict[str, Any] = json.loads(self.raw)
        return found

    @property
    def kind_name(self) -> str:
        """The name that the file gives."""
        return str(json.loads(self.raw).get("kind", "?"))

    def label(self) -> str:  # type: ignore[override]  # of this value, not of the class
        """The name that the file gives."""
        return self.kind_name

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Unknown) and other.raw == self.raw

    def __hash__(self) -> int:
        return hash(self.raw)


@role
class Source(Kind):
    """Where data comes from, and on what terms."""

    title: ClassVar[str] = ""
    licence: ClassVar[str] = ""
    """What its makers allow. Empty for what the program makes up itself."""

    @classmethod
    def complete(cls) -> None:
        """Take the licence from its docstring."""
        cls.licence = stated(cls, "Licence")

    @classmethod
    def label(cls) -> str:
        """The name a person reads."""
        return cls.title or cls.__name__

    def schema(self) -> Schema:
        """What the data looks like, without reading it."""
        raise NotImplementedError(type(self).__name__)  # every source says it

    def load(self) -> Raw:
        """The data itself, in its own units. Raises `Trouble` where it cannot be read."""
        raise NotImplementedError(type(self).__name__)  # every source reads its own


@role
class Loss(Kind):
    """What training makes small.

    `task` says what it judges: "classes" (one score for each class, the target is a class number, kept as
    int64), "binary" (a score for yes, the target 0 or 1) or "numbers". For these two the target is turned
    into the prediction's type and shape before the loss sees it; `object` has made sure that it has as many
    numbers, and so nothing is broadcast. A "sequence" has scores for every step, and its target is kept as it
    is; a "wire" has no target and is not `judged`. `natural` are the metrics shown where a person chose none.

    `of` says what the numbers of a target must be: any "numbers", scaled as the column is, or "counts" from 0
    up or "shares" of a whole, which are left in their own units. With the `link` "log" a prediction is the
    logarithm of what is judged.

    `takes` says what a prediction is to it: "scores", which may be any numbers and are turned into shares by
    the loss itself, "log shares", as LogSoftmax gives them, or "numbers" of any sort.

    Ports declared in the class are inputs that its Output has besides the prediction: `also`.
    """

    task: ClassVar[str] = "numbers"
    takes: ClassVar[str] = "numbers"
    natural: ClassVar[tuple[str, ...]] = ()
    judged: ClassVar[bool] = True
    of: ClassVar[Literal["numbers", "counts", "shares"]] = "numbers"
    link: ClassVar[Literal["", "log"]] = ""
    also: ClassVar[tuple[Port, ...]] = ()

    @classmethod
    def complete(cls) -> None:
        """Collect its ports."""
        cls.also = declared_in(cls)

    def torch(self, counts: tuple[int, ...] = ()) -> Call:
        """The loss as a module, called with what arrives at the Output and the target last, averaging over
        the batch. `counts` says how often each class comes up in training, where that matters.
        """
        raise NotImplementedError(type(self).__name__)  # every loss says how it is written

    def object(self, prediction: Incoming, target: Column) -> Iterator[Objection]:
        """What is wrong with judging this prediction by that column of the data."""
        yield from ()

    def among(self, *predictions: Incoming) -> Iterator[Objection]:
        """What is wrong with these wires together, whatever the target."""
        yield from ()

    def answer(self, *predictions: Any) -> Any:
        """What the network says, out of all that arrives: the tensor that metrics look at."""
        return predictions[0]


@role
class Optimiser(Kind):
    """How a step changes the weights."""

    rate: float
    """The learning rate that training begins with. Every optimiser declares it."""

    def torch(self) -> Call:
        """The optimiser, all but its first argument, the parameters: `resolve(call.target)(parameters,
        **kwargs)`.
        """
        raise NotImplementedError(type(self).__name__)  # every optimiser says how it is written


@role
class Schedule(Kind):
    """How the learning rate changes over training."""

    def factor(self, progress: float, epochs: int) -> float:
        """What the rate is multiplied with when `progress` epochs (a fraction counts) of `epochs` are
        done.
        """
        raise NotImplementedError(type(self).__name__)  # every schedule says what it does


def layer_from_json(data: Mapping[str, Any]) -> Layer:
    """The layer that `to_json` wrote. One that cannot be read is kept as it is, with the reason: as `Misset`
    where its kind is known, else as `Unknown`.
    """
    base = BlockEnd if str(data.get("kind")) in registry(BlockEnd) else Layer
    try:
        return from_json(data, base)
    except Illegal as error:
        from engine.kinds.unreadable import misset

        return misset(data, base) or Unknown(data, error.message)
