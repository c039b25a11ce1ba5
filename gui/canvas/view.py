"""The painted surface: shows the workspace's current document through a camera, and moves that camera."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from engine.project.project import Project
from gui import settings
from gui.canvas import remembered_view
from gui.canvas.geometry.camera import Box, Camera, eased
from gui.canvas.geometry.scene import Scene
from gui.canvas.painting import ink
from gui.canvas.painting.frame import LINES, NEAR, Frame
from gui.canvas.painting.labels import Labels
from gui.canvas.painting.painter import Painter
from gui.canvas.painting.title import paint_empty, paint_title
from gui.style import theme

if TYPE_CHECKING:
    from gui.document.document import Document
    from gui.document.level import Level
    from gui.document.workspace import Workspace

FLIGHT = 0.15
"""Seconds that fitting, zooming to something and tidying take."""
MARGIN = 24.0
"""Px of the view that stay free around a network that is fitted."""
STALE_AFTER = 150
"""Milliseconds after which shapes that may no longer be right are dimmed; a quick check comes before."""


class View(QWidget):
    """Everything that is seen. It listens to the workspace and keeps ids, never nodes."""

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.workspace = workspace
        self.scene, self.labels, self.painter = Scene(), Labels(), Painter()
        self.camera = Camera()
        self.motion: bool | None = None
        """Whether things may move by themselves; None asks the preferences."""
        self._placed = False
        self._shown: Level | None = None
        self._gliding = True
        self._steps: dict[str, tuple[float, float, Callable[[float], None]]] = {}
        self._clock = QTimer(self)
        self._clock.setInterval(16)
        self._clock.timeout.connect(self._tick)
        self._stale = False
        self._stale_timer = QTimer(self)
        self._stale_timer.setSingleShot(True)
        self._stale_timer.setInterval(STALE_AFTER)
        self._stale_timer.timeout.connect(self._note_stale)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMouseTracking(True)
        self.setMinimumSize(200, 120)
        workspace.switched.connect(self._switched)
        workspace.changed.connect(self._changed)
        workspace.selected.connect(self._selected)
        workspace.analysed.connect(self._analysed)
        workspace.entered.connect(self._entered)
        workspace.state_changed.connect(self.update)
        workspace.reveal.connect(self.reveal)
        theme.theme_changed.connect(self._theme_changed)
        self._switched(workspace.current)

    @property
    def document(self) -> Level:
        """What is open of the document in front: the network, or the inside of a block."""
        return self.workspace.current.level

    @property
    def still(self) -> bool:
        """Whether nothing may move by itself."""
        return settings.preferences().reduced_motion if self.motion is None else not self.motion

    # ------------------------------------------------------------------ following the document

    def _switched(self, document: Document) -> None:
        if self._shown is not None and self._placed:
            self._shown.camera = self.camera
        self._shown = document.level
        self._show_level()

    def _entered(self, _: object) -> None:
        """A block was opened or left; the camera of each level was kept as it moved."""
        self._show_level()

    def _show_level(self) -> None:
        level = self.document
        self._steps.clear()
        self.labels.forget()
        self.labels.know(level.analysis)
        self.scene.show(level.project.graph)
        self._note_fresh()
        if isinstance(level.camera, Camera):
            self.camera, self._placed = level.camera, True
        else:
            self._placed = False
            self._place()
        self.update()

    def _changed(self, project: Project) -> None:
        graph = self.document.project.graph
        if graph is not self.scene.graph:
            row, stood = self.scene.row, self.scene.rects[:, :2].copy()
            self.scene.show(graph)
            if self._gliding and not self.still:
                self._glide(row, stood)
        self._note_fresh()
        self.update()

    def _selected(self, _: object) -> None:
        self.update()

    def _analysed(self, analysis: Any) -> None:
        self.labels.know(self.document.analysis)
        self._note_fresh()
        self.update()

    def _note_fresh(self) -> None:
        if self.document.fresh or self.document.analysis is None:
            self._stale = False
            self._stale_timer.stop()
        elif not self._stale and not self._stale_timer.isActive():
            self._stale_timer.start()

    def _note_stale(self) -> None:
        self._stale = not self.document.fresh
        self.update()

    def _theme_changed(self, _: object) -> None:
        ink.forget()
        self.labels.forget()
        self.update()

    # ------------------------------------------------------------------ the camera

    def look_from(self, camera: Camera) -> None:
        """Look from there at once."""
        self._steps.pop("camera", None)
        self.camera = camera
        self._camera_moved()

    def fly(self, camera: Camera) -> None:
        """Look from there after a short flight."""
        start = self.camera

        def step(share: float) -> None:
            self.camera = start.towards(camera, share) if share < 1 else camera
            self._camera_moved()

        self.animate(FLIGHT, step, "camera")

    def _camera_moved(self) -> None:
        self.document.camera = self.camera
        self.update()

    def view_box(self, margin: float = 0.0) -> Box:
        """What is in view, in canvas pixels, and `margin` px more."""
        return self.camera.view(self.width(), self.height(), margin)

    def fit(self) -> None:
        """Show the whole network."""
        box = self.scene.bounds()
        if box is not None:
            self.fly(self._fitting(box))

    def fit_selection(self) -> None:
        """Show the selected layers, or everything where none is."""
        box = self.scene.bounds(self.document.selection) if self.document.selection else self.scene.bounds()
        if box is not None:
            self.fly(self._fitting(box))

    def _fitting(self, box: Box) -> Camera:
        return self.camera.fitting(box, self.width(), self.height(), MARGIN)

    def zoom_in(self) -> None:
        """Look closer at the middle of the view."""
        self.zoom_by(1.25)

    def zoom_out(self) -> None:
        """Look from further away."""
        self.zoom_by(0.8)

    def zoom_by(self, factor: float) -> None:
        """Zoom by a factor around the middle of the view."""
        self.fly(self.camera.zoomed(factor, self.width() / 2, self.height() / 2))

    def zoom_reset(self) -> None:
        """Look at 100 %."""
        self.fly(self.camera.at_scale(1.0, self.width() / 2, self.height() / 2))

    def reveal(self, ids: Any) -> None:
        """Bring layers into sight with as little movement as possible."""
        box = self.scene.bounds(ids)
        if box is not None:
            self.fly(self.camera.showing(box, self.width(), self.height()))

    def _place(self) -> None:
        """The first look at a document, where the size of the view is known: as it was left, or all of it."""
        box = self.scene.bounds()
        if not self.isVisible() or self.width() < 10:
            return
        self._placed = True
        if box is None:
            self.look_from(Camera(-self.width() / 2, -self.height() / 3, 1.0))
        else:
            self.look_from(self._as_left(box) or self._first_look(box))

    def _as_left(self, box: Box) -> Camera | None:
        """From where one looked at the file last, if the network is still to be seen from there."""
        view = remembered_view.view(self.workspace.current.path) if not self.document.path else None
        if view is None:
            return None
        camera = view.camera(self.width())
        left, top, right, bottom = camera.view(self.width(), self.height(), -MARGIN)
        seen = left < box[2] and right > box[0] and top < box[3] and bottom > box[1]
        return camera if seen else None

    def _first_look(self, box: Box) -> Camera:
        """All of it, or where that would be too small to be read, its upper part with all that nodes say."""
        camera = self._fitting(box)
        if camera.scale >= NEAR:
            return camera
        left, top, right, _ = box
        return Camera((left + right) / 2 - self.width() / 2 / LINES, top - MARGIN / LINES, LINES)

    def resizeEvent(self, event: QResizeEvent) -> None:
        if not self._placed:
            self._place()
        elif event.oldSize().isValid():
            grown = event.size() - event.oldSize()
            self.camera = self.camera.panned(grown.width() / 2, 0)
            self._camera_moved()

    def showEvent(self, event: QShowEvent) -> None:
        if not self._placed:
            self._place()

    # ------------------------------------------------------------------ movement

    def animate(self, seconds: float, step: Callable[[float], None], name: str = "") -> None:
        """Call `step` with 0 to 1, eased out, over some seconds; with 1 at once where nothing may move.

        A newer animation of the same name takes the place of an older one.
        """
        if self.still:
            self._steps.pop(name, None)
            step(1.0)
            return
        self._steps[name] = (time.monotonic(), seconds, step)
        self._clock.start()

    def _tick(self) -> None:
        now = time.monotonic()
        for name, (began, seconds, step) in list(self._steps.items()):
            share = (now - began) / seconds
            if share >= 1:
                self._steps.pop(name, None)
            step(eased(share))
        if not self._steps:
            self._clock.stop()

    def _glide(self, before: dict[str, int], stood: np.ndarray) -> None:
        """Let nodes that an edit put elsewhere go there rather than jump. `stood` tells where those stood
        that had the rows `before`.
        """
        scene = self.scene
        kept = [(row, before[id]) for id, row in scene.row.items() if id in before]
        rows, earlier = np.array(kept, int).reshape(-1, 2).T
        way = stood[earlier] - scene.rects[rows, :2]
        moved = way.any(axis=1)
        rows, way = rows[moved], way[moved]
        if not len(rows) or len(rows) > 2000:
            return
        graph = scene.graph

        def step(share: float) -> None:
            if scene.graph is graph:
                scene.displace(rows, way * (1 - share))
                if share >= 1:
                    scene.settle()
                self.update()

        step(0.0)
        self.animate(FLIGHT, step, "glide")

    # ------------------------------------------------------------------ painting

    def frame(self) -> Frame:
        """What the next frame shows."""
        document = self.document
        return Frame(
            theme.current(),
            self.scene,
            self.labels,
            self.camera,
            self.width(),
            self.height(),
            self.devicePixelRatioF(),
            document.selection,
            document.wire_selection,
            stale=self._stale,
        )

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        frame = self.frame()
        self.painter.paint(painter, frame)
        self.paint_over(painter, frame)
        if not self.document.path:  # inside a block the way back stands there
            paint_title(painter, frame, self.document.title)
        if not self.scene.ids:
            paint_empty(painter, frame)
        painter.end()

    def paint_over(self, painter: QPainter, frame: Frame) -> None:
        """What a gesture draws over the frame."""

    def changeEvent(self, event: QEvent) -> None:
        if event.type() in (QEvent.Type.LanguageChange, QEvent.Type.FontChange):
            self.labels.forget()
            self.update()
        super().changeEvent(event)
