"""Tries the settings of a plug-in's kind: their words, other values of them, and their way through a file."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from typing import Any, TypeVar

from engine import kinds
from engine.kinds import Kind, types
from engine.message import Illegal, Message

TIMES = 8  # other settings that each kind is tried with
K = TypeVar("K", bound=Kind)


def settings_without_doc(cls: type[Kind]) -> Iterator[Message]:
    """Settings of which nothing is said."""
    for param in kinds.params(cls):
        if not param.doc.strip():
            yield Message("its setting {name} has no doc; say what it means", name=param.name)


def others(cls: type[K]) -> Iterator[K]:
    """The kind with other settings that are legal, drawn alike each time."""
    generator = random.Random(0)
    for _ in range(TIMES if kinds.params(cls) else 0):
        yield cls(
            **{param.name: _random_value(param.type, param.default, generator) for param in kinds.params(cls)}
        )


def lost_in_a_file(kind: Kind) -> Iterator[Message]:
    """Whether its settings are others once they were written and read."""
    values = kinds.values_to_json(kind)
    if kinds.values_from_json(type(kind), json.loads(json.dumps(values))) != kind:
        yield Message("the settings {told} do not come back from a file as they were", told=values)


def _random_value(declared: types.SettingType, default: Any, generator: random.Random) -> Any:
    """A legal value of a type, small, or the usual one."""
    value: Any = default
    match declared:
        case types.Integer():
            lo = -2 if declared.lo is None else declared.lo
            value = lo + generator.randrange(5)
        case types.Number():
            value = (-2.0 if declared.lo is None else declared.lo) + generator.choice([0.125, 0.25, 0.5, 1.0])
        case types.Boolean():
            value = generator.random() < 0.5
        case types.Choice():
            value = generator.choice(declared.options)
        case types.Size():
            value = declared.lo + generator.randrange(4)
        case types.Numbers():
            value = [generator.choice([-1.0, 0.5, 2.0]) for _ in range(3)]
    try:
        return declared.accept(value)
    except Illegal:
        return default
