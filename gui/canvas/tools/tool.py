"""What every gesture of the mouse has in common. Each has a class; only one is at work at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QPainter

from gui.canvas.painting.frame import Frame

if TYPE_CHECKING:
    from gui.canvas.canvas import Canvas


@frozen
class Pointer:
    """Where the mouse is, in the view (x, y) and on the canvas (at), with the keys held."""

    x: float
    y: float
    at: tuple[float, float]
    shift: bool = False
    ctrl: bool = False
    alt: bool = False

    def far_from(self, other: Pointer, reach: float = 4.0) -> bool:
        """Whether it is a drag from there and no longer a click."""
        return abs(self.x - other.x) + abs(self.y - other.y) >= reach


class Tool:
    """A gesture from press to release. `cancel` leaves everything as it was before."""

    cursor = Qt.CursorShape.ArrowCursor

    def __init__(self, canvas: Canvas) -> None:
        self.canvas = canvas

    def move(self, pointer: Pointer) -> None:
        """The mouse moved."""

    def release(self, pointer: Pointer) -> None:
        """The button was let go."""

    def cancel(self) -> None:
        """Esc, or the document changed under the hand."""

    def key(self, event: QKeyEvent) -> bool:
        """A key was pressed meanwhile; True where it was for the tool."""
        return False

    def adjust(self, frame: Frame) -> None:
        """Change what the frame shows while the gesture lasts."""

    def paint(self, painter: QPainter, frame: Frame) -> None:
        """Draw over the frame."""
