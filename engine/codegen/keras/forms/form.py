"""How a layer is written in Keras 3: its lines, its layers, and how trained weights go into them.

PyTorch puts channels first, Keras puts them last. A value is called *turned* where its axis 1 stands last.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

import numpy as np
from attrs import field, frozen

from engine.kinds.code import literal
from engine.kinds.ports import Incoming
from engine.kinds.shapes import Shape
from engine.message import Message

State = Mapping[str, np.ndarray]
"""The arrays of a PyTorch module, by their names in its state dict."""
Arrays = list[np.ndarray]
"""The arrays of a Keras layer, in the order in which its `set_weights` takes them."""
TURNED, PLAIN, EITHER = True, False, None
T = TypeVar("T")


class Missing(Exception):
    """A layer, or one of its settings, that Keras has no form for. `message` says why."""

    def __init__(self, template: str, **values: object) -> None:
        self.message = Message(template, **values)
        super().__init__(str(self.message))


@frozen
class Note:
    """A difference between the two dialects that a reader should know, under a heading."""

    title: Message
    text: Message


@frozen
class KerasForm:
    """A layer in Keras.

    In the lines `{m}` stands for the layer, `{m_norm}` for the one called "norm" of several, the names of
    ports and outputs for the values, any other name in braces for a variable of its own.

    `makes` are the calls that make the layers, `weights` turns the arrays of PyTorch's module into theirs, by
    the same names. `turned` says how the axes of what comes out stand.
    """

    lines: tuple[str, ...]
    makes: Mapping[str, str] = field(factory=dict)
    weights: Callable[[State], Mapping[str, Arrays]] | None = None
    turned: bool = False
    notes: tuple[Note, ...] = ()


class Value(Incoming):
    """What arrives at a port, and how its axes stand in Keras."""

    __slots__ = ("turned",)

    def __init__(self, shape: Shape, named: Mapping[str, int], turned: bool) -> None:
        super().__init__(shape, named)
        self.turned = turned and len(shape.dims) > 2

    @property
    def order(self) -> tuple[int, ...]:
        """PyTorch's axes in the order they have in Keras."""
        axes = tuple(range(self.rank))
        return (0, *axes[2:], 1) if self.turned else axes

    def axis(self, axis: int) -> int:
        """Where an axis that PyTorch counts so stands in Keras."""
        return self.order.index(axis % self.rank)

    @property
    def sizes(self) -> tuple[int, ...]:
        """The sizes of one sample in Keras' order."""
        return tuple(self.shape.sample[axis - 1] for axis in self.order[1:])


Arriving = Value | list[Value] | None
"""What arrives at a port: several values at a many-port, None where no wire leads."""


@frozen
class Writer:
    """How a kind is written. `wants` says how the axes of what arrives have to stand; `carries` that those of
    what comes out stand alike. `insists` says whether turned axes have to be turned back in this case, by the
    comment that stands before that line and the note about it.
    """

    write: Callable[..., KerasForm]
    wants: bool | None
    carries: bool
    insists: Callable[..., tuple[str, Note] | None] | None = None


declared: dict[type, Writer] = {}
"""How the kinds of each page are written. `engine.codegen.keras.forms.catalogue` knows all pages."""


def form(
    *kinds: type,
    wants: bool | None = EITHER,
    carries: bool = True,
    insists: Callable[..., tuple[str, Note] | None] | None = None,
) -> Callable[[Callable[..., KerasForm]], Callable[..., KerasForm]]:
    """Declare how these kinds, and those that extend them, are written."""

    def declare(write: Callable[..., KerasForm]) -> Callable[..., KerasForm]:
        for kind in kinds:
            declared[kind] = Writer(write, wants, carries, insists)
        return write

    return declare


# --------------------------------------------------------------------------- words


def call(target: str, *args: object, **kwargs: object) -> str:
    """A call of a Keras layer as source text; arguments that are None stay out."""
    words = [literal(arg) for arg in args]
    words += [f"{name}={literal(value)}" for name, value in kwargs.items() if value is not None]
    return f"layers.{target}({', '.join(words)})"


def unless(value: T, usual: T) -> T | None:
    """The value, or None where it is the usual one and need not be written."""
    return None if value == usual else value


def one_layer(
    layer: str,
    weights: Callable[[State], Arrays] | None = None,
    turned: bool = False,
    line: str = "{out} = {m}({x})",
    notes: tuple[Note, ...] = (),
) -> KerasForm:
    """A form of a single layer."""
    if weights is None:
        return KerasForm((line,), {"": layer}, None, turned, notes)
    return KerasForm((line,), {"": layer}, lambda state: {"": weights(state)}, turned, notes)


def expression(text: str, turned: bool = False, notes: tuple[Note, ...] = ()) -> KerasForm:
    """A form without a layer."""
    return KerasForm(("{out} = " + text,), turned=turned, notes=notes)


def same_weights(*names: str) -> Callable[[State], Arrays]:
    """Weights that are alike in both, those that are there."""
    return lambda state: [state[name] for name in names if name in state]
