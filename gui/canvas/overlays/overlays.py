"""All that stands or opens over the canvas."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QPoint
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from gui.canvas.edits.fitting import WireEnd
from gui.canvas.overlays.breadcrumbs import Breadcrumbs
from gui.canvas.overlays.bubble import Bubble
from gui.canvas.overlays.finder import Finder
from gui.canvas.overlays.owners import OwnersMenu
from gui.canvas.overlays.rename import Rename
from gui.canvas.overlays.zoom import ZoomControl
from gui.canvas.painting.frame import Frame
from gui.canvas.tools.host import Host, TakeName
from gui.canvas.tools.pointer import Pointer


class Overlays:
    """Makes them, and asks a person through them what commands want to know."""

    def __init__(self, host: Host, canvas: QWidget) -> None:
        self._host, self._canvas = host, canvas
        self.bubble = Bubble(host, canvas)
        self.finder = Finder(host, canvas)
        self.renaming = Rename(host, canvas)
        self.zoom_control = ZoomControl(host.viewport, canvas)
        self.breadcrumbs = Breadcrumbs(host, canvas)

    @property
    def asking(self) -> bool:
        """Whether the bubble or the search waits for an answer."""
        return self.bubble.isVisible() or self.finder.isVisible()

    def dismiss(self) -> None:
        """Close what is open. A name that was typed is taken."""
        self.bubble.dismiss()
        self.finder.dismiss()
        self.renaming.finish()

    def follow_camera(self) -> None:
        """Show the scale, and stand where what is meant is seen now."""
        self.zoom_control.show_scale(self._host.viewport.camera.scale)
        self.renaming.follow()

    def paint(self, painter: QPainter, frame: Frame) -> None:
        """Draw on the canvas what an open question is about: the wire, or where a layer would stand."""
        self.bubble.paint_wire(painter, frame)
        self.finder.paint_ghost(painter, frame)

    # ------------------------------------------------------------------ questions

    def ask_layer(self, pointer: Pointer, end: WireEnd | None = None, *, after: bool = False) -> None:
        """Open the search for what could follow an end, or for anything."""
        self.finder.ask(pointer, end, after=after)

    def ask_new_name(self, id: str) -> None:
        """Let another name be typed at a node."""
        self.renaming.ask(id)

    def ask_name(self, title: str, text: str, ids: list[str], take: TakeName) -> None:
        """Let a name be typed at the top of these layers."""
        self.renaming.ask_name(title, text, ids, take)

    def ask_owner(self, id: str, owners: Sequence[str], take: Callable[[str], None]) -> None:
        """Open the menu of the layers whose weights one can share, below it."""
        level, scene = self._host.level, self._host.scene
        x, y, width, height = scene.rects[scene.row[id]].tolist()
        left, top = self._host.viewport.camera.to_screen(x + width / 2, y + height)
        menu = OwnersMenu((level.node(owner) for owner in owners), take, self._canvas)
        menu.popup(self._canvas.mapToGlobal(QPoint(round(left), round(top))))
