"""Every edit, a function from one project to the next: `edits.connect(project, source, target)`."""

from engine.edits.blocks import (
    detach,
    expose,
    inside,
    redefine,
    rename_block,
    unexpose,
)
from engine.edits.dissolving import (
    dissolve,
    heal,
)
from engine.edits.folding import (
    fold,
    unfold,
)
from engine.edits.graph import (
    add,
    connect,
    disconnect,
    insert,
    make_room,
    move,
    mute,
    new_id,
    new_ids,
    place,
    port_label,
    put,
    remove,
    rename,
    reorder,
    set_data,
    set_kind,
    set_param,
    set_recipe,
    set_title,
)
from engine.edits.pasting import (
    paste,
)
from engine.edits.sharing import (
    share,
    unshare,
)

__all__ = [
    "add",
    "connect",
    "detach",
    "disconnect",
    "dissolve",
    "expose",
    "fold",
    "heal",
    "insert",
    "inside",
    "make_room",
    "move",
    "mute",
    "new_id",
    "new_ids",
    "paste",
    "place",
    "port_label",
    "put",
    "redefine",
    "remove",
    "rename",
    "rename_block",
    "reorder",
    "set_data",
    "set_kind",
    "set_param",
    "set_recipe",
    "set_title",
    "share",
    "unexpose",
    "unfold",
    "unshare",
]
