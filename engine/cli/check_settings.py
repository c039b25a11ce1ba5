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
    drawn = random.Random(0)
    for _ in range(TIMES if kinds.params(cls) else 0):
        yield cls(**{param.name: _some(param.form, param.default, drawn) for param in kinds.params(cls)})


def lost_in_a_file(kind: Kind) -> Iterator[Message]:
    """Whether its settings are others once they were written and read."""
    told = kinds.values_to_json(kind)
    if kinds.values_from_json(type(kind), json.loads(json.dumps(told))) != kind:
        yield Message("the settings {told} do not come back from a file as they were", told=told)


def _some(form: types.Form, default: Any, drawn: random.Random) -> Any:
    """A legal value of a form, small, or the usual one."""
    wanted: Any = default
    match form:
        case types.Integer():
            lo = -2 if form.lo is None else form.lo
            wanted = lo + drawn.randrange(5)
        case types.Number():
            wanted = (-2.0 if form.lo is None else form.lo) + drawn.choice([0.125, 0.25, 0.5, 1.0])
        case types.Switch():
            wanted = drawn.random() < 0.5
        case types.Choice():
            wanted = drawn.choice(form.options)
        case types.Size():
            wanted = form.lo + drawn.randrange(4)
    try:
        return form.accept(wanted)
    except Illegal:
        return default
