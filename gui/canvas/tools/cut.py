"""Cutting wires with a knife."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter, QPolygonF

from engine import edits
from engine.message import Message
from engine.project.graph import Wire
from gui.canvas.painting.frame import Frame
from gui.canvas.painting.wire_painter import dashed
from gui.canvas.tools.host import Host
from gui.canvas.tools.pointer import Pointer
from gui.canvas.tools.tool import Tool


class CutTool(Tool):
    """Takes away every wire that the pointer's path crosses, in one step."""

    cursor = Qt.CursorShape.CrossCursor

    def __init__(self, host: Host, start: Pointer) -> None:
        super().__init__(host)
        self._path = [start.at]
        self._cut: frozenset[Wire] = frozenset()

    def move(self, pointer: Pointer) -> None:
        (x0, y0), (x1, y1) = self._path[-1], pointer.at
        if abs(x1 - x0) + abs(y1 - y0) < 1:
            return
        self._cut = self._cut.union(self.host.scene.wires_across(x0, y0, x1, y1))
        self._path.append(pointer.at)
        self.host.update()

    def release(self, pointer: Pointer) -> None:
        self.move(pointer)
        if self._cut:
            number = len(self._cut)
            label = Message("Cut {number:a wire|{number} wires}", number=number)
            self.host.do(edits.disconnect, self._cut, label=label)

    def adjust(self, frame: Frame) -> None:
        frame.cut = self._cut

    def paint(self, painter: QPainter, frame: Frame) -> None:
        painter.setPen(dashed(frame.theme.error, 1.5, 5, 4))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolyline(QPolygonF([QPointF(*frame.camera.to_screen(*point)) for point in self._path]))
