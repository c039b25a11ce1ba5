"""Typing a name where it stands, of a layer or of a block to be: one line edit for all."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from engine import edits
from engine.message import Message
from engine.project.layout import WIDTH
from gui.canvas.painting import ink
from gui.canvas.tools.host import Host, TakeName
from gui.style import theme


class Rename(QLineEdit):
    """Floats over the canvas at a node's name. Enter or leaving takes the name, Esc leaves the old one."""

    def __init__(self, host: Host, canvas: QWidget) -> None:
        super().__init__(canvas)
        self._host, self._canvas = host, canvas
        self._id: str | None = None
        self._ids: list[str] = []
        self._take: TakeName | None = None
        self.setAccessibleName(self.tr("Name of the layer"))
        self.setMaxLength(60)
        self.hide()

    def ask(self, id: str) -> None:
        """Open at a node, for another name of it."""
        node = self._host.level.project.graph.nodes[id]
        self._id = id
        self.setAccessibleName(self.tr("Name of the layer"))
        self._open(node.name)

    def ask_name(self, title: str, text: str, ids: list[str], take: TakeName) -> None:
        """Open at the top of these layers, for a name that `take` is handed."""
        self.finish()
        self._ids, self._take = ids, take
        self.setAccessibleName(title)
        self._open(text)

    def _open(self, text: str) -> None:
        self.setText(text)
        self.selectAll()
        self.follow()
        self.show()
        self.raise_()
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def follow(self) -> None:
        """Stay at the node while the view moves."""
        host, viewport = self._host, self._host.viewport
        if self._take is not None:
            self._follow_all()
            return
        if self._id is None:
            return
        if self._id not in host.scene.row:
            self.cancel()
            return
        node = host.level.project.graph.nodes[self._id]
        x, y, wide, height = host.scene.rects[host.scene.row[self._id]].tolist()
        title = ink.line(node.kind.label(), "title").width
        left, top = viewport.camera.to_screen(x + 36 + title, y)
        room = (wide - 36 - title - 8) * viewport.camera.scale
        tall = theme.px(theme.CONTROL)
        line = min(28.0, height) * viewport.camera.scale
        self.setGeometry(round(left), round(top + (line - tall) / 2), round(max(110.0, room)), tall)

    def _follow_all(self) -> None:
        """Stand over the upper edge of all the layers asked for."""
        host, viewport = self._host, self._host.viewport
        box = host.scene.bounds([id for id in self._ids if id in host.scene.row])
        if box is None:
            self.cancel()
            return
        left, top = viewport.camera.to_screen(box[0], box[1])
        wide, tall = round(WIDTH * max(viewport.camera.scale, 0.7)), theme.px(theme.CONTROL)
        x = max(8, min(round(left), viewport.width - wide - 8))
        y = max(8, min(round(top) - tall - 6, viewport.height - tall - 8))
        self.setGeometry(x, y, wide, tall)

    def finish(self) -> None:
        """Take the name that was typed."""
        take, self._take = self._take, None
        if take is not None:
            name = self.text().strip()
            self._leave()
            if name:
                take(name, self._ids)
            return
        id, self._id = self._id, None
        if id is None:
            return
        name = self.text().strip()
        self._leave()
        nodes = self._host.level.project.graph.nodes
        if id in nodes and name and name != nodes[id].name:
            self._host.do(edits.rename, id, name, label=Message("Rename {name}", name=nodes[id].name))

    def cancel(self) -> None:
        """Leave the name as it was."""
        self._id = self._take = None
        self._leave()

    def _leave(self) -> None:
        had = self.hasFocus()
        self.hide()
        if had:
            self._canvas.setFocus(Qt.FocusReason.OtherFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.cancel()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.finish()  # and no further: on the canvas Enter opens a block
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self.finish()
