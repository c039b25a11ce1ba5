"""Every kind as plain JSON for other programs and as a page for people: what it does, its formula, when to
use it, after whom, its ports and its settings.
"""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from textwrap import fill
from typing import Any

from engine import kinds
from engine.data.source import Source
from engine.data.transforms.transform import Transform
from engine.kinds import Kind, Layer, Param, types
from engine.kinds.nested import Nested
from engine.kinds.ports import Port
from engine.layers.initialisations import Initialisation
from engine.losses.loss import Loss
from engine.message import Trouble
from engine.metrics.metric import Metric
from engine.optim.averaging import Averaging
from engine.optim.optimiser import Optimiser, Schedule

ROLES: tuple[type[Kind], ...] = (
    Layer,
    Loss,
    Metric,
    Optimiser,
    Schedule,
    Averaging,
    Initialisation,
    Transform,
)
"""The families of kinds that are listed together, in this order. Data has a list of its own."""


def every() -> list[type[Kind]]:
    """All kinds of these families."""
    return [cls for base in ROLES for cls in kinds.registry(base).values()]


def named(names: list[str]) -> list[type[Kind]]:
    """The kinds of these names, which are those of their classes or of their labels. Raises `Trouble`."""
    by_name: dict[str, list[type[Kind]]] = {}
    for cls in every():
        for name in {cls.__name__.lower(), cls.label().lower()}:
            by_name.setdefault(name, []).append(cls)
    matches: list[type[Kind]] = []
    for name in names:
        if name.lower() not in by_name:
            near = [by_name[one][0].__name__ for one in get_close_matches(name.lower(), by_name, 3)]
            raise Trouble(
                "there is nothing called {name}; {near} comes near"
                if near
                else "there is nothing called {name}; layerloom layers lists all that there is",
                name=name,
                near=" or ".join(dict.fromkeys(near)),
            )
        matches += by_name[name.lower()]
    return matches


def role_of(cls: type[Kind]) -> str:
    """What a kind is, in a word: `layer`."""
    return next(base for base in (*ROLES, Source) if issubclass(cls, base)).__name__.lower()


# --------------------------------------------------------------------------- for programs


def kind(cls: type[Kind]) -> dict[str, Any]:
    """Everything that a kind declares. A setting has the limits and options that hold for it, no others."""
    description: dict[str, Any] = {
        "kind": cls.__name__,
        "role": role_of(cls),
        "label": cls.label(),
        "family": cls.family,
        "hint": cls.hint,
        "doc": cls.doc(),
        "formula": cls.formula,
        "use": cls.use,
        "source": cls.source,
    }
    if issubclass(cls, Source):
        description["licence"] = cls.licence
    if cls.plugin:
        description["plugin"] = cls.plugin
    if issubclass(cls, Layer | Loss):
        description["inputs"] = [_port(one) for one in _ports(cls)]
    if issubclass(cls, Layer):
        description["outputs"] = list(cls.outputs)
    if issubclass(cls, Transform):
        description["columns"] = list(cls.of)
        description["training_only"] = cls.training_only
    if issubclass(cls, Loss):
        description["metrics"] = list(cls.natural)
    description["settings"] = [_setting(one) for one in kinds.params(cls)]
    return description


def _ports(cls: type[Layer | Loss]) -> tuple[Port, ...]:
    return cls.input_ports if issubclass(cls, Layer) else cls.also


def _port(one: Port) -> dict[str, Any]:
    return {
        "name": one.name,
        "accepts": one.pattern.text,
        "numbers": one.dtype,
        "many": one.many,
        "optional": one.optional,
        "doc": one.doc,
    }


def _setting(one: Param) -> dict[str, Any]:
    declared = one.type
    limits = {
        "lo": getattr(declared, "lo", None),
        "hi": getattr(declared, "hi", None),
        "unit": one.unit or None,
    }
    return {
        "name": one.name,
        "label": one.label,
        "type": type(declared).__name__.lower(),
        "default": kinds.plain(one.default),
        "accepts": str(declared.wanted()),
        **{key: value for key, value in limits.items() if value is not None},
        **({"options": list(options)} if (options := _options(declared)) else {}),
        "optional": getattr(declared, "optional", False),
        "advanced": one.advanced,
        "doc": one.doc,
    }


def _options(declared: types.SettingType) -> tuple[str, ...]:
    """The words that a setting may be, or the kinds."""
    if isinstance(declared, Nested):
        return tuple(kinds.registry(declared.base))
    return getattr(declared, "options", getattr(declared, "words", ()))


# --------------------------------------------------------------------------- for people


def page(cls: type[Kind], width: int) -> str:
    """All of it on one page, at most so many characters wide."""
    name = cls.__name__ if cls.__name__ != cls.label() else ""
    what = ", ".join(word for word in (name, role_of(cls), cls.family) if word)
    parts = [f"{cls.label()} ({what})", _filled("", cls.doc(), width, 2)]
    if issubclass(cls, Transform):
        when = "in training only" if cls.training_only else "always"
        parts.append(_filled("", f"For {', '.join(cls.of)} columns, {when}.", width, 2))
    for head, text in (("When", cls.use), ("Formula", cls.formula), ("Source", cls.source)):
        if text:
            parts.append(_filled(f"{head:<9}", text, width, 2))
    for head, lines in (("Inputs", _inputs(cls)), ("Outputs", _outputs(cls)), ("Settings", _settings(cls))):
        listed = [_filled("", line, width, 4, hang=4) for line in lines]
        parts += [f"  {head}", *listed] if listed else []
    return "\n".join(parts)


def _filled(head: str, text: str, width: int, indent: int, hang: int = 0) -> str:
    later = " " * (indent + len(head) + hang)
    return fill(
        text, width, initial_indent=" " * indent + head, subsequent_indent=later, break_on_hyphens=False
    )


def _inputs(cls: type[Kind]) -> Iterator[str]:
    if issubclass(cls, Layer | Loss):
        for one in _ports(cls):
            more = ", any number of wires" if one.many else ", optional" if one.optional else ""
            numbers = {"float": "", "int": ", whole numbers", "any": ", whole or real numbers"}[one.dtype]
            yield f"{one.name}: {one.doc}; {one.pattern}{numbers}{more}"


def _outputs(cls: type[Kind]) -> tuple[str, ...]:
    return cls.outputs if issubclass(cls, Layer) else ()


def _settings(cls: type[Kind]) -> Iterator[str]:
    for one in kinds.params(cls):
        default = one.default
        shown = type(default).__name__ if isinstance(default, Kind) else kinds.plain(default)
        none = " or none" if getattr(one.type, "optional", False) else ""
        unit = f", in {one.unit}" if one.unit else ""
        yield f"{one.name} = {shown!s}: {one.doc}; {one.type.wanted()}{none}{unit}".replace(" = :", ":")
