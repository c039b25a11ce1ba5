"""Moving the view with the hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

from gui.canvas.tools.tool import Pointer, Tool

if TYPE_CHECKING:
    from gui.canvas.canvas import Canvas


class PanTool(Tool):
    """The canvas follows the pointer."""

    cursor = Qt.CursorShape.ClosedHandCursor

    def __init__(self, canvas: Canvas, start: Pointer) -> None:
        super().__init__(canvas)
        self._start = start
        self._camera = canvas.camera

    def move(self, pointer: Pointer) -> None:
        self.canvas.look_from(self._camera.panned(pointer.x - self._start.x, pointer.y - self._start.y))

    def cancel(self) -> None:
        self.canvas.look_from(self._camera)
