"""What every gesture of the mouse has in common. Each has a class; only one is at work at a time."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter

from gui.canvas.painting.frame import Frame
from gui.canvas.tools.host import Host
from gui.canvas.tools.pointer import Pointer


class Tool:
    """A gesture from press to release. `cancel` leaves everything as it was before."""

    cursor = Qt.CursorShape.ArrowCursor

    def __init__(self, host: Host) -> None:
        self.host = host

    def move(self, pointer: Pointer) -> None:
        """The mouse moved."""

    def release(self, pointer: Pointer) -> None:
        """The button was let go."""

    def cancel(self) -> None:
        """Esc, or the document changed under the hand."""

    def adjust(self, frame: Frame) -> None:
        """Change what the frame shows while the gesture lasts."""

    def paint(self, painter: QPainter, frame: Frame) -> None:
        """Draw over the frame."""
