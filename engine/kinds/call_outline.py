"""The call that makes a module, taken apart: its outline, and the plain values that fill it.

Calls of one outline differ in these values alone, so that one class with arguments can stand for all of them.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from typing import Any

from attrs import evolve, field, frozen

from engine.kinds.code import Call, Name, defaults, resolve


@frozen
class Slot:
    """Where a value stands in a call: what it is called there, and the default that may stay out."""

    name: str
    default: Any = field(default=None, eq=False)


@frozen(cache_hash=True)
class Outline:
    """What calls have in common that differ in their values alone. Values of one slot have one type."""

    call: Call
    slots: tuple[Slot, ...]
    types: tuple[str, ...]


@lru_cache(maxsize=20_000)
def outlined(call: Call) -> tuple[Outline, tuple[Any, ...]]:
    """The outline of a call, and its values in the order of the slots."""
    leaves = list(_leaves(call))
    values = tuple([value for _, value in leaves])
    empty = filled(call, [Name("_")] * len(leaves))
    return Outline(empty, tuple([slot for slot, _ in leaves]), tuple(map(type_of, values))), values


def filled(call: Call, values: Iterable[Any]) -> Call:
    """The call with other values in its slots, or names in the place of them."""
    rest = iter(values)

    def put(value: Any) -> Any:
        if not isinstance(value, Call):
            return next(rest)
        args = tuple([put(arg) for arg in value.args])
        return evolve(value, args=args, kwargs=tuple([(name, put(one)) for name, one in value.kwargs]))

    made: Call = put(call)
    return made


def type_of(value: Any) -> str:
    """The type of a value as it is annotated: `int`, `tuple[int, int]`."""
    if isinstance(value, tuple):
        return f"tuple[{', '.join(map(type_of, value)) or '()'}]"
    return "None" if value is None else type(value).__name__


def _leaves(call: Call) -> Iterator[tuple[Slot, Any]]:
    made = resolve(call.target, call.text)
    usual, names = defaults(made), _argument_names(made)
    for place, value in enumerate(call.args):
        if isinstance(value, Call):
            yield from _leaves(value)
        else:
            yield Slot(names[place] if place < len(names) else "size"), value
    for name, value in call.kwargs:
        if isinstance(value, Call):
            yield from _leaves(value)
        else:
            yield Slot(name, usual.get(name)), value


@cache
def _argument_names(made: Any) -> tuple[str, ...]:
    """What is given by its place, by name. A recurrent module leaves that to the class it extends, and tells
    it the `mode` itself.
    """
    makers = [made]
    if isinstance(made, type):
        makers = [vars(one)["__init__"] for one in made.__mro__[:-1] if "__init__" in vars(one)]
    for maker in makers:
        try:
            parameters = inspect.signature(maker).parameters.values()
        except ValueError:  # a builtin without a signature
            return ()
        if all(one.kind is not one.VAR_POSITIONAL for one in parameters):
            return tuple([one.name for one in parameters if one.name not in {"self", "mode"}])
    return ()
