"""Every edit by its name, wherever it is written: repairs name edits so, and edits inside blocks."""

from __future__ import annotations

from collections.abc import Callable

from engine import edits, pieces
from engine.definitions import detach, expose, inside, redefine, rename_block, unexpose
from engine.folding import fold, unfold
from engine.graph import Project
from engine.message import Refused
from engine.sharing import share, unshare

Edit = Callable[..., Project]

EDITS: dict[str, Edit] = {
    edit.__name__: edit
    for edit in (
        *(edits.add, edits.remove, edits.dissolve, edits.move, edits.place, edits.set_param, edits.set_kind),
        *(edits.rename, edits.mute, edits.connect, edits.disconnect, edits.insert, edits.reorder),
        *(pieces.paste, edits.set_title, edits.set_data, edits.set_recipe),
        *(fold, unfold, redefine, inside, rename_block, detach, expose, unexpose, share, unshare),
    )
}


def edit(name: str) -> Edit:
    """The edit of that name."""
    try:
        return EDITS[name]
    except KeyError:
        raise Refused("there is no edit called {name}", name=name) from None
