"""Where the mouse is."""

from __future__ import annotations

from attrs import frozen
from PySide6.QtCore import QPointF, Qt

from gui.canvas.geometry.camera import Camera


@frozen
class Pointer:
    """Where the mouse is, in the view (x, y) and on the canvas (at), with the keys held."""

    x: float
    y: float
    at: tuple[float, float]
    shift: bool = False
    ctrl: bool = False
    alt: bool = False

    @classmethod
    def seen(cls, camera: Camera, place: QPointF, held: Qt.KeyboardModifier) -> Pointer:
        """The pointer at a place of the view, with the keys held."""
        return cls(
            place.x(),
            place.y(),
            camera.to_world(place.x(), place.y()),
            bool(held & Qt.KeyboardModifier.ShiftModifier),
            bool(held & Qt.KeyboardModifier.ControlModifier),
            bool(held & Qt.KeyboardModifier.AltModifier),
        )

    @classmethod
    def on(cls, camera: Camera, at: tuple[float, float]) -> Pointer:
        """The pointer at a place of the canvas, with no key held."""
        return cls(*camera.to_screen(*at), at)

    def far_from(self, other: Pointer, reach: float = 4.0) -> bool:
        """Whether it is a drag from there and no longer a click."""
        return abs(self.x - other.x) + abs(self.y - other.y) >= reach
