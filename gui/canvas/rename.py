"""Typing a layer's name where it stands: one line edit for all nodes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit

from engine import edits
from engine.layout import WIDTH
from engine.message import Message
from gui import theme
from gui.canvas import ink

if TYPE_CHECKING:
    from gui.canvas.canvas import Canvas


class Rename(QLineEdit):
    """Floats over the canvas at a node's name. Enter or leaving takes the name, Esc leaves the old one."""

    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._id: str | None = None
        self.setAccessibleName(self.tr("Name of the layer"))
        self.setMaxLength(60)
        self.hide()
        self.returnPressed.connect(self.finish)

    def ask(self, id: str) -> None:
        """Open at a node."""
        node = self._canvas.document.project.graph.nodes[id]
        self._id = id
        self.setText(node.name)
        self.selectAll()
        self.follow()
        self.show()
        self.raise_()
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def follow(self) -> None:
        """Stay at the node while the view moves."""
        canvas = self._canvas
        if self._id is None:
            return
        if self._id not in canvas.scene.row:
            self.cancel()
            return
        node = canvas.document.project.graph.nodes[self._id]
        x, y, _, height = canvas.scene.rects[canvas.scene.row[self._id]].tolist()
        title = ink.line(node.kind.label(), "title").width
        left, top = canvas.camera.to_screen(x + 36 + title, y)
        room = (WIDTH - 36 - title - 8) * canvas.camera.scale
        tall = theme.px(theme.CONTROL)
        line = min(28.0, height) * canvas.camera.scale
        self.setGeometry(round(left), round(top + (line - tall) / 2), round(max(110.0, room)), tall)

    def finish(self) -> None:
        """Take the name that was typed."""
        id, self._id = self._id, None
        if id is None:
            return
        name = self.text().strip()
        self._leave()
        nodes = self._canvas.document.project.graph.nodes
        if id in nodes and name and name != nodes[id].name:
            self._canvas.do(edits.rename, id, name, label=Message("Rename {name}", name=nodes[id].name))

    def cancel(self) -> None:
        """Leave the name as it was."""
        self._id = None
        self._leave()

    def _leave(self) -> None:
        had = self.hasFocus()
        self.hide()
        if had:
            self._canvas.setFocus(Qt.FocusReason.OtherFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.cancel()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self.finish()
