"""Moving the view with the hand."""

from __future__ import annotations

from PySide6.QtCore import Qt

from gui.canvas.tools.host import Host
from gui.canvas.tools.pointer import Pointer
from gui.canvas.tools.tool import Tool


class PanTool(Tool):
    """The canvas follows the pointer."""

    cursor = Qt.CursorShape.ClosedHandCursor

    def __init__(self, host: Host, start: Pointer) -> None:
        super().__init__(host)
        self._start = start
        self._camera = host.viewport.camera

    def move(self, pointer: Pointer) -> None:
        moved = self._camera.panned(pointer.x - self._start.x, pointer.y - self._start.y)
        self.host.viewport.look_from(moved)

    def cancel(self) -> None:
        self.host.viewport.look_from(self._camera)
