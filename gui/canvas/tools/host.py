"""The canvas as those know it that work on it: gestures, commands, menus, and what opens over it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from engine.message import Message
from engine.project.graph import Wire
from engine.project.project import Project
from engine.repairs.refusal import Refusal
from gui.canvas.animations import Animations
from gui.canvas.edits.fitting import WireEnd
from gui.canvas.geometry.scene import Scene
from gui.canvas.tools.pointer import Pointer
from gui.canvas.viewport import Viewport
from gui.document.level import Level

TakeName = Callable[[str, list[str]], None]
"""Is handed the name that was typed, and the layers it was asked for."""


class Host(Protocol):
    """What the canvas is to its parts."""

    current: str | None
    """The node that the keys go on from, if it is selected."""

    @property
    def level(self) -> Level:
        """What is open: the network, or the inside of a block."""

    @property
    def scene(self) -> Scene:
        """Where everything stands."""

    @property
    def viewport(self) -> Viewport:
        """From where one looks."""

    @property
    def animations(self) -> Animations:
        """What moves by itself."""

    def do(
        self, edit: Callable[..., Project], *args: Any, label: Message, glide: bool = False, **named: Any
    ) -> bool:
        """Make an edit of what is open, which is one step of undo; `glide` lets nodes that it moves go to
        their places. False where it was refused.
        """

    def refuse(
        self, wire: Wire, reason: Refusal | Message, pointer: Pointer, instead_of: Wire | None = None
    ) -> None:
        """Say why a wire is not drawn, and what would help. `instead_of` is one whose end was in the hand."""

    def search(self, pointer: Pointer, end: WireEnd | None = None, wire: Wire | None = None) -> None:
        """Open the search: for what could come at an end of a wire, into a wire, or anywhere."""

    def dismiss(self) -> None:
        """Close what stands open over the canvas."""

    def open(self, id: str) -> None:
        """Open a block; of any other layer show the settings."""

    def update(self) -> None:
        """Paint anew, soon."""


class Questions(Protocol):
    """What a command may ask a person, over the canvas."""

    def ask_layer(self, pointer: Pointer, end: WireEnd | None = None, *, after: bool = False) -> None:
        """Which layer is to be added; `after` puts it below the end's node rather than at the pointer."""

    def ask_new_name(self, id: str) -> None:
        """What a layer is to be called."""

    def ask_name(self, title: str, text: str, ids: list[str], take: TakeName) -> None:
        """A name for these layers, which `take` is handed; `text` is offered."""

    def ask_owner(self, id: str, owners: Sequence[str], take: Callable[[str], None]) -> None:
        """With which of the owners a layer is to share its weights."""
