"""A host without a window: the parts of the canvas work on it as they do on the widget."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from engine.message import Message, Trouble
from engine.project.graph import Graph, Wire
from engine.project.project import Project
from engine.repairs.refusal import Refusal
from gui.canvas.animations import Animations
from gui.canvas.block_commands import BlockCommands
from gui.canvas.contents import Contents
from gui.canvas.edit_commands import EditCommands
from gui.canvas.edits.fitting import WireEnd
from gui.canvas.mouse import Mouse
from gui.canvas.tools.host import TakeName
from gui.canvas.tools.pointer import Pointer
from gui.canvas.viewport import Viewport
from gui.document.level import Level
from gui.document.workspace import Workspace


class Surface:
    """What would be the widget, of a size that a test may change."""

    def __init__(self) -> None:
        self.size, self.shown = (900, 700), True

    def width(self) -> int:
        return self.size[0]

    def height(self) -> int:
        return self.size[1]

    def isVisible(self) -> bool:
        return self.shown


class Clipboard:
    """Holds a text."""

    def __init__(self) -> None:
        self.held = ""

    def text(self) -> str:
        return self.held

    def setText(self, text: str) -> None:
        self.held = text


class Answers:
    """Takes down what is asked, and answers as a test wants it."""

    def __init__(self) -> None:
        self.layers: list[tuple[Pointer, WireEnd | None, bool]] = []
        self.names: list[tuple[str, str]] = []
        self.renamed: list[str] = []
        self.owners: list[list[str]] = []
        self.name = ""
        """The name that is typed where one is asked for; none is Esc."""

    def ask_layer(self, pointer: Pointer, end: WireEnd | None = None, *, after: bool = False) -> None:
        self.layers.append((pointer, end, after))

    def ask_new_name(self, id: str) -> None:
        self.renamed.append(id)

    def ask_name(self, title: str, text: str, ids: list[str], take: TakeName) -> None:
        self.names.append((title, text))
        if self.name:
            take(self.name, ids)

    def ask_owner(self, id: str, owners: Sequence[str], take: Callable[[str], None]) -> None:
        self.owners.append(list(owners))
        take(owners[0])


class Desk:
    """A workspace whose document in front is worked on, and everything that was told on the way."""

    def __init__(self, project: Project) -> None:
        self.workspace = Workspace(project, held=True)
        self.current: str | None = None
        self.surface, self.clipboard, self.answers = Surface(), Clipboard(), Answers()
        self.place = (0.0, 0.0)
        """The place that is pointed at."""
        self.said: list[str] = []
        self.refused: list[str] = []
        self.opened: list[str] = []
        self.searched: list[tuple[WireEnd | None, Wire | None]] = []
        self.cursors: list[object] = []
        self.animations = Animations()
        self.animations.motion = False
        self.contents = Contents(self.level, self.animations)
        self.scene = self.contents.scene
        self.viewport = Viewport(self.surface, self.scene, self.animations)
        self.show()
        self.workspace.entered.connect(self.show)
        self.workspace.changed.connect(self.follow)
        self.edit_commands = EditCommands(self, self.say, self.answers, self.clipboard, lambda: self.place)
        self.block_commands = BlockCommands(self, self.say, self.answers, self.refuse_edit)
        self.mouse = Mouse(self, self.cursors.append)

    @property
    def level(self) -> Level:
        return self.workspace.current.level

    @property
    def graph(self) -> Graph:
        """What is open, as it is now."""
        return self.level.project.graph

    def wires(self) -> set[tuple[str, str]]:
        """The wires of what is open, as pairs of ids."""
        return {(wire.source, wire.target) for wire in self.graph.wires}

    def show(self, _: object = None) -> None:
        """Another level is open."""
        self.contents.turn_to(self.level)
        self.viewport.turn_to(self.level, None)

    def follow(self, _: object = None) -> None:
        """The document changed."""
        self.contents.follow()

    # ------------------------------------------------------------------ the host

    def do(
        self, edit: Callable[..., Project], *args: Any, label: Message, glide: bool = False, **named: Any
    ) -> bool:
        return self.level.do(edit, *args, label=label, **named)

    def refuse(
        self, wire: Wire, reason: Refusal | Message, pointer: Pointer, instead_of: Wire | None = None
    ) -> None:
        self.refused.append(str(reason if isinstance(reason, Message) else reason.problem.message))

    def search(self, pointer: Pointer, end: WireEnd | None = None, wire: Wire | None = None) -> None:
        self.searched.append((end, wire))

    def dismiss(self) -> None:
        pass

    def open(self, id: str) -> None:
        self.opened.append(id)

    def update(self) -> None:
        pass

    # ------------------------------------------------------------------ what is told

    def say(self, message: Message | Trouble) -> None:
        self.said.append(str(message))

    def refuse_edit(self, trouble: Trouble) -> None:
        self.refused.append(str(trouble))
