"""Networks to begin with, drawn in a few lines each. Their facts stand in a file: no card needs torch."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path

from engine.message import Message, Trouble
from engine.project.blocks import layers_in_all
from engine.templates import (
    begin,
    convolutional,
    further,
    generative,
    inception,
    recurrent,
    residual,
    small,
    sounds_and_videos,
    transformers,
)
from engine.templates.declared import FACTS, Template

__all__ = ["FACTS", "Template", "famous", "measured", "named", "template", "templates"]

_PAGES = (
    begin,
    further,
    sounds_and_videos,
    small,
    convolutional,
    inception,
    residual,
    recurrent,
    transformers,
    generative,
)
_EVERY: tuple[Template, ...] = tuple(one for page in _PAGES for one in page.TEMPLATES)


def templates() -> tuple[Template, ...]:
    """The networks to begin with, which learn from built-in data in seconds; the first one first."""
    return tuple(one for one in _EVERY if not one.year)


def famous() -> tuple[Template, ...]:
    """The famous networks, by the year of each."""
    return tuple(sorted((one for one in _EVERY if one.year), key=lambda one: one.year))


def template(id: str) -> Template:
    """The template of that name, famous or not. Raises `Trouble` that lists the names."""
    for one in _EVERY:
        if one.id == id:
            return one
    names = ", ".join(one.id for one in (*templates(), *famous()))
    raise Trouble(
        "there is no template {id}{meant}; the templates are {names}", id=id, meant=_meant(id), names=names
    )


def _meant(name: str) -> Message | str:
    """The template of the nearest name, where one is near."""
    near = get_close_matches(name.lower(), [one.id for one in _EVERY], 1)
    return Message(" (perhaps {name} is meant)", name=near[0]) if near else ""


def named(name: str) -> Template | None:
    """What a name on the command line means: a template, or None for the path of a file.

    A file goes before a template of its name. Raises `Trouble` for what is neither.
    """
    path = Path(name)
    if path.exists():
        return None
    match = next((one for one in _EVERY if one.id == name), None)
    if match is None and not path.suffix and path.name == name:
        names = ", ".join(one.id for one in (*templates(), *famous()))
        raise Trouble(
            "there is neither a file nor a template {name}{meant}; the templates are {names}",
            name=name,
            meant=_meant(name),
            names=names,
        )
    return match


def measured() -> dict[str, dict[str, int]]:
    """The facts of every template, found out anew. `python -m engine.templates` writes them to the file."""
    from engine.analysis.check import check

    facts = {}
    for one in (*templates(), *famous()):
        analysis = check(one.project())
        facts[one.id] = {
            "layers": layers_in_all(analysis.project.graph.nodes.values()),
            "parameters": analysis.parameters,
            "macs": analysis.macs,
        }
    return facts
