"""What keys and menus do on the canvas, and by which keys. The window's own actions come first."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from attrs import frozen

from gui.canvas.block_commands import BlockCommands
from gui.canvas.edit_commands import EditCommands
from gui.canvas.mouse import Mouse
from gui.canvas.tools.host import Host


class Canvas(Host, Protocol):
    """The canvas with all that can be done on it."""

    @property
    def edit_commands(self) -> EditCommands:
        """What can be done with what is selected."""

    @property
    def block_commands(self) -> BlockCommands:
        """What can be done with blocks and with shared weights."""

    @property
    def mouse(self) -> Mouse:
        """What lies under the mouse, and its knife."""


@frozen(eq=False)
class Binding:
    """One thing that can be done on the canvas, and the keys for it as `QKeySequence` reads them.

    `canvas_keys` are heard only while the canvas has the keyboard: in a text field they mean another thing.
    """

    run: Callable[[Canvas], object]
    canvas_keys: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()

    @property
    def every_key(self) -> tuple[str, ...]:
        """All of its keys, those to show first."""
        return (*self.canvas_keys, *self.keys)


DELETE = Binding(lambda canvas: canvas.edit_commands.delete(), ("Del", "Backspace"))
DELETE_LEAVING_GAP = Binding(lambda canvas: canvas.edit_commands.delete(gap=True), ("Shift+Del",))
DISSOLVE = Binding(lambda canvas: canvas.edit_commands.dissolve(), ("Ctrl+Del",))
SELECT_ALL = Binding(lambda canvas: canvas.edit_commands.select_all(), ("Ctrl+A",))
SELECT_PATH = Binding(lambda canvas: canvas.edit_commands.select_path())
CUT = Binding(lambda canvas: canvas.edit_commands.cut(), ("Ctrl+X",))
COPY = Binding(lambda canvas: canvas.edit_commands.copy(), ("Ctrl+C",))
PASTE = Binding(lambda canvas: canvas.edit_commands.paste(), ("Ctrl+V",))
DUPLICATE = Binding(lambda canvas: canvas.edit_commands.duplicate(), ("Ctrl+D",))
TIDY = Binding(lambda canvas: canvas.edit_commands.tidy(), keys=("Ctrl+L",))
RENAME = Binding(lambda canvas: canvas.edit_commands.rename(), ("F2",))
MUTE = Binding(lambda canvas: canvas.edit_commands.toggle_mute(), ("M",))
SEARCH = Binding(lambda canvas: canvas.edit_commands.open_search(), ("Tab",))
KNIFE = Binding(lambda canvas: canvas.mouse.take_knife(), ("K",))
FIT = Binding(lambda canvas: canvas.viewport.fit(), ("F",), ("Ctrl+0",))
FIT_SELECTION = Binding(lambda canvas: canvas.viewport.fit_selection(), ("Shift+F",))
ZOOM_RESET = Binding(lambda canvas: canvas.viewport.zoom_reset(), keys=("Ctrl+1",))
ZOOM_IN = Binding(lambda canvas: canvas.viewport.zoom_in(), ("+",), ("Ctrl++", "Ctrl+="))
ZOOM_OUT = Binding(lambda canvas: canvas.viewport.zoom_out(), ("-",), ("Ctrl+-",))
FOLD = Binding(lambda canvas: canvas.block_commands.fold(), ("Ctrl+G",))
UNFOLD = Binding(lambda canvas: canvas.block_commands.unfold(), ("Ctrl+Shift+G",))
OPEN_BLOCK = Binding(lambda canvas: canvas.block_commands.open_block())
LEAVE_BLOCK = Binding(lambda canvas: canvas.block_commands.go_up(), keys=("Alt+Up",))
RENAME_BLOCK = Binding(lambda canvas: canvas.block_commands.rename_block())
DETACH = Binding(lambda canvas: canvas.block_commands.detach())
SHARE = Binding(lambda canvas: canvas.block_commands.share_weights())
UNSHARE = Binding(lambda canvas: canvas.block_commands.unshare())

BY_KEYS: Mapping[str, Binding] = {
    keys: binding
    for binding in (
        *(DELETE, DELETE_LEAVING_GAP, DISSOLVE),
        *(SELECT_ALL, CUT, COPY, PASTE, DUPLICATE, TIDY, RENAME, MUTE, SEARCH, KNIFE),
        *(FIT, FIT_SELECTION, ZOOM_RESET, ZOOM_IN, ZOOM_OUT, FOLD, UNFOLD, LEAVE_BLOCK),
    )
    for keys in binding.every_key
}
