"""Every edit by its name, wherever it is written: repairs name edits so, and edits inside blocks."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from engine.edits import blocks, graph, pasting
from engine.edits.blocks import detach, expose, redefine, rename_block, unexpose
from engine.edits.dissolving import dissolve
from engine.edits.folding import fold, unfold
from engine.edits.sharing import share, unshare
from engine.message import Refused
from engine.project.project import Project

Edit = Callable[..., Project]


def inside(project: Project, path: Iterable[str], edit: str, **arguments: Any) -> Project:
    """Make an edit, called by its name, inside the block at the end of a path of ids."""
    return blocks.inside(project, path, by_name(edit), **arguments)


EDITS: dict[str, Edit] = {
    edit.__name__: edit
    for edit in (
        *(graph.add, graph.remove, graph.move, graph.place, graph.set_param, graph.set_kind),
        *(graph.rename, graph.mute, graph.connect, graph.disconnect, graph.insert, graph.reorder),
        *(pasting.paste, graph.set_title, graph.set_data, graph.set_recipe),
        *(dissolve, fold, unfold, redefine, inside, rename_block, detach, expose, unexpose, share, unshare),
    )
}


def by_name(name: str) -> Edit:
    """The edit of that name."""
    try:
        return EDITS[name]
    except KeyError:
        raise Refused("there is no edit called {name}", name=name) from None
