"""From where one looks at the canvas: the camera, what moves it, and where it first stands."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QObject, Signal

from gui.canvas import remembered_view
from gui.canvas.animations import Animations
from gui.canvas.geometry.camera import Box, Camera
from gui.canvas.geometry.scene import Scene
from gui.canvas.painting.frame import LINES, MIDDLE, NEAR, PORTS
from gui.document.level import Level

FLIGHT = 0.15
"""Seconds that fitting and zooming to something take."""
MARGIN = 24.0
"""Px of the view that stay free around a network that is fitted."""


class Surface(Protocol):
    """What the view fills: a widget, of which no more than this is needed."""

    def width(self) -> int: ...
    def height(self) -> int: ...
    def isVisible(self) -> bool: ...


class Viewport(QObject):
    """Shows a scene through a camera, which each level keeps while another is looked at."""

    moved = Signal()
    """The camera stands elsewhere."""

    def __init__(
        self, surface: Surface, scene: Scene, animations: Animations, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.camera = Camera()
        self._surface, self._scene, self._animations = surface, scene, animations
        self._level: Level | None = None
        self._file: Path | None = None
        self._placed = False
        self._first: Camera | None = None
        """From where one looked first, while it is not as the file was left."""

    @property
    def width(self) -> int:
        """The width of the view, in px."""
        return self._surface.width()

    @property
    def height(self) -> int:
        """The height of the view, in px."""
        return self._surface.height()

    def box(self, margin: float = 0.0) -> Box:
        """What is in view, in canvas pixels, and `margin` px more."""
        return self.camera.view(self.width, self.height, margin)

    # ------------------------------------------------------------------ moving the camera

    def look_from(self, camera: Camera) -> None:
        """Look from there at once."""
        self._animations.stop("camera")
        self._stand(camera)

    def fly(self, camera: Camera) -> None:
        """Look from there after a short flight."""
        start = self.camera

        def step(share: float) -> None:
            self._stand(start.towards(camera, share) if share < 1 else camera)

        self._animations.start(FLIGHT, step, "camera")

    def _stand(self, camera: Camera) -> None:
        self.camera = camera
        if self._level is not None:
            self._level.camera = camera
        self.moved.emit()

    def pan(self, dx: float, dy: float) -> None:
        """Move what is seen by so many px."""
        self.look_from(self.camera.panned(dx, dy))

    def zoom_at(self, factor: float, x: float, y: float) -> None:
        """Zoom by a factor around a place of the view."""
        self.look_from(self.camera.zoomed(factor, x, y))

    def fit(self) -> None:
        """Show the whole network."""
        self._fly_to(self._scene.bounds())

    def fit_selection(self) -> None:
        """Show the selected layers, or everything where none is."""
        chosen = self._level.selection if self._level is not None else None
        self._fly_to(self._scene.bounds(chosen or None))

    def _fly_to(self, box: Box | None) -> None:
        if box is not None:
            self.fly(self._fitting(box))

    def _fitting(self, box: Box) -> Camera:
        return self.camera.fitting(box, self.width, self.height, MARGIN)

    def zoom_in(self) -> None:
        """Look closer at the middle of the view."""
        self.zoom_by(1.25)

    def zoom_out(self) -> None:
        """Look from further away."""
        self.zoom_by(0.8)

    def zoom_by(self, factor: float) -> None:
        """Zoom by a factor around the middle of the view."""
        self.fly(self.camera.zoomed(factor, self.width / 2, self.height / 2))

    def zoom_reset(self) -> None:
        """Look at 100 %."""
        self.fly(self.camera.at_scale(1.0, self.width / 2, self.height / 2))

    def reveal(self, ids: Iterable[str]) -> None:
        """Bring layers into sight with as little movement as possible."""
        box = self._scene.bounds(ids)
        if box is not None:
            self.fly(self.camera.showing(box, self.width, self.height))

    def centre(self, ids: Iterable[str]) -> None:
        """Bring layers into the middle, large enough for their names to be read."""
        box = self._scene.bounds(ids)
        if box is not None:
            most = max(self.camera.scale, NEAR)
            self.fly(self.camera.fitting(box, self.width, self.height, MARGIN, most))

    # ------------------------------------------------------------------ where it first stands

    def turn_to(self, level: Level, file: Path | None) -> None:
        """Look at what is open of a document, which lies in that file: from where it was left in this
        window, else as one first looks at it.
        """
        if self._level is not None and self._level is not level and self._placed:
            self._level.camera = self.camera
        self._level, self._file = level, file
        if isinstance(level.camera, Camera):
            self.camera, self._placed = level.camera, True
        else:
            self._placed = False
            self.place()

    def place(self) -> None:
        """Take a first look, as soon as the size of the view is known: as the file was left, else at all of
        it.
        """
        if self._placed or not self._surface.isVisible() or self.width < 10:
            return
        self._placed = True
        box = self._scene.bounds()
        if box is None:
            self.look_from(Camera(-self.width / 2, -self.height / 3, 1.0))
        else:
            as_left, first = self._as_left(box), self._first_look(box)
            self._first = first if as_left is None else None
            self.look_from(as_left or first)

    def resized(self, wider: float) -> None:
        """The view became so many px wider: what was in its middle stays there. Where one still looks as at
        first, it is looked at anew.
        """
        if self._placed and self.camera is self._first:
            self._placed = False
        if self._placed:
            self._stand(self.camera.panned(wider / 2, 0))
        else:
            self.place()

    def _as_left(self, box: Box) -> Camera | None:
        """From where one looked at the file last, if the network is still to be seen from there."""
        inside = self._level is not None and self._level.path
        view = remembered_view.view(self._file) if not inside else None
        if view is None:
            return None
        camera = view.camera(self.width)
        left, top, right, bottom = camera.view(self.width, self.height, -MARGIN)
        seen = left < box[2] and right > box[0] and top < box[3] and bottom > box[1]
        return camera if seen else None

    def _first_look(self, box: Box) -> Camera:
        """All of it, or where kinds could not be read then, its upper part: all of its width if shapes and
        ports can still be seen.
        """
        camera = self._fitting(box)
        if camera.scale >= MIDDLE:
            return camera
        left, top, right, _ = box
        scale = min(max((self.width - 2 * MARGIN) / (right - left), PORTS), LINES)
        return Camera((left + right) / 2 - self.width / 2 / scale, top - MARGIN / scale, scale)
