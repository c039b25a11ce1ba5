"""Where wires arrive at a layer, what then arrives, and why a layer cannot take it."""

from __future__ import annotations

from collections.abc import Mapping

import attrs
from attrs import frozen

from engine.kinds.shapes import Pattern, Shape


@frozen
class Port:
    """A place where a wire arrives: the shapes and numbers it accepts, in a pattern and in words."""

    pattern: Pattern
    doc: str
    name: str = ""
    dtype: str = "float"  # float | int | any
    many: bool = False
    optional: bool = False
    least: int = 1


def declared_in(cls: type) -> tuple[Port, ...]:
    """The ports that stand in a class and in those that it extends, with their names."""
    own = {
        name: attrs.evolve(value, name=name)
        for klass in reversed(cls.__mro__)
        for name, value in vars(klass).items()
        if isinstance(value, Port)
    }
    return tuple(own.values())


def port(pattern: str, *, doc: str, dtype: str = "float", optional: bool = False) -> Port:
    """Declare an input that takes one wire. `dtype` is "float", "int" or "any"."""
    return Port(Pattern(pattern), doc, dtype=dtype, optional=optional)


def ports(pattern: str, *, doc: str, least: int = 2, dtype: str = "any") -> Port:
    """Declare an input that takes any number of wires, in order, but at least that many."""
    return Port(Pattern(pattern), doc, dtype=dtype, many=True, least=least)


class Incoming:
    """What arrives at a port: its shape, and the sizes its pattern names as attributes (`x.C`, `x.H`)."""

    __slots__ = ("_named", "shape")

    def __init__(self, shape: Shape, named: Mapping[str, int]) -> None:
        self.shape = shape
        self._named = named

    def __getattr__(self, name: str) -> int:
        try:
            return self._named[name]
        except KeyError:
            raise AttributeError(name) from None

    @property
    def rank(self) -> int:
        """The number of axes, the batch included."""
        return len(self.shape.dims)

    @property
    def last(self) -> int:
        """The size of the last axis."""
        dim = self.shape.dims[-1]
        return dim if isinstance(dim, int) else 0


Arriving = Incoming | list[Incoming] | None
"""What a layer is handed for a port: what arrives, a list where many wires may, None where none does."""
