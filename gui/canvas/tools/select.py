"""Selecting by click and by a box drawn around."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QPen

from gui.canvas.painting.frame import Frame
from gui.canvas.tools.host import Host
from gui.canvas.tools.pointer import Pointer
from gui.canvas.tools.tool import Tool


class BoxTool(Tool):
    """Selects the nodes that a box touches. Shift adds to the selection, Ctrl takes in or out."""

    def __init__(self, host: Host, start: Pointer) -> None:
        super().__init__(host)
        self._start = self._now = start
        self._before = host.level.selection
        self._wires_before = host.level.wire_selection

    def move(self, pointer: Pointer) -> None:
        self._now = pointer
        if not pointer.far_from(self._start):
            return
        host = self.host
        (x0, y0), (x1, y1) = self._start.at, pointer.at
        rows = host.scene.nodes_in((min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)))
        inside = frozenset(host.scene.ids[row] for row in rows.tolist())
        host.level.select(combined(self._before, inside, pointer))
        host.update()

    def release(self, pointer: Pointer) -> None:
        if not pointer.far_from(self._start) and not (pointer.shift or pointer.ctrl):
            self.host.level.select(())

    def cancel(self) -> None:
        self.host.level.select(self._before, self._wires_before)

    def paint(self, painter: QPainter, frame: Frame) -> None:
        if not self._now.far_from(self._start):
            return
        x0, y0 = frame.camera.to_screen(*self._start.at)
        painter.setPen(QPen(frame.theme.accent, 1))
        painter.setBrush(frame.theme.tint(frame.theme.accent, 0.1))
        box = QRectF(min(x0, self._now.x), min(y0, self._now.y), abs(self._now.x - x0), abs(self._now.y - y0))
        painter.drawRect(box.toAlignedRect().toRectF().adjusted(0.5, 0.5, -0.5, -0.5))


def combined(before: frozenset[str], new: frozenset[str], pointer: Pointer) -> frozenset[str]:
    """The selection after new ones were touched, by the keys held."""
    if pointer.ctrl:
        return before ^ new
    return before | new if pointer.shift else new
