"""What the canvas shows of a document: where everything stands, what nodes say, whether that is still so."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QCoreApplication, QObject, QTimer, Signal

from gui.canvas.animations import Animations
from gui.canvas.geometry.scene import Scene
from gui.canvas.painting.frame import Frame
from gui.canvas.painting.labels import Labels
from gui.canvas.viewport import Viewport
from gui.document.level import Level
from gui.style import theme
from gui.text.words import filled

GLIDE = 0.15
"""Seconds that nodes take to the places where an edit put them."""
MANY = 2000
"""So many nodes at most go to their places one can see; more jump."""
STALE_AFTER = 150
"""Milliseconds after which shapes that may no longer be right are dimmed; a quick check comes before."""


class Contents(QObject):
    """Follows what is open, and keeps ids, never nodes."""

    changed = Signal()
    """Something looks otherwise now: a node is on its way, something was found out, or grew old."""

    def __init__(self, level: Level, animations: Animations, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.scene, self.labels = Scene(), Labels()
        self.stale = False
        """Whether what is known is of a project that changed since, for longer than a check should take."""
        self._level, self._animations = level, animations
        self._aging = QTimer(self)
        self._aging.setSingleShot(True)
        self._aging.setInterval(STALE_AFTER)
        self._aging.timeout.connect(self._grow_old)

    def turn_to(self, level: Level) -> None:
        """Show what is open of a document, which may be another one."""
        self._level = level
        self._animations.clear()
        self.labels.forget()
        self.labels.know(level.analysis)
        self.scene.show(level.project.graph)
        self._note_age()

    def follow(self, glide: bool = False) -> None:
        """Show the graph as it is after an edit; `glide` lets nodes that were moved go to their places."""
        graph = self._level.project.graph
        if graph is not self.scene.graph:
            rows, places = self.scene.row, self.scene.rects[:, :2].copy()
            self.scene.show(graph)
            if glide and not self._animations.still:
                self._glide(rows, places)
        self._note_age()

    def know(self) -> None:
        """Show what was newly found out."""
        self.labels.know(self._level.analysis)
        self._note_age()
        self.changed.emit()

    def description(self) -> str:
        """What is open and what is selected of it, in words, for those who do not see it."""
        level = self._level
        graph, chosen, analysis = level.project.graph, level.selection, level.analysis
        text = QCoreApplication.translate(
            "Canvas", "Network {title}, {layers} layer{layers:|s}, {wires} wire{wires:|s}{problems}."
        )
        if level.path:
            text = QCoreApplication.translate(
                "Canvas",
                "Inside the block {title}, {layers} layer{layers:|s}, {wires} wire{wires:|s}{problems}.",
            )
        problems = ""
        if analysis is not None:
            number = sum(problem.level != "note" for problem in analysis.problems)
            problems = filled(QCoreApplication.translate("Canvas", ", {n} problem{n:|s}"), n=number)
        layers, wires = len(graph.nodes), len(graph.wires)
        text = filled(text, title=level.title, layers=layers, wires=wires, problems=problems)
        names = [graph.nodes[id].name for id in graph.nodes if id in chosen]
        if names:
            selected = QCoreApplication.translate("Canvas", "Selected: {names}.")
            text += " " + selected.format(names=", ".join(names[:5]))
        return text

    def frame(self, viewport: Viewport, ratio: float) -> Frame:
        """All of it as it is seen from there, at so many device pixels per px."""
        return Frame(
            theme.current(),
            self.scene,
            self.labels,
            viewport.camera,
            viewport.width,
            viewport.height,
            ratio,
            selection=self._level.selection,
            wire_selection=self._level.wire_selection,
            stale=self.stale,
        )

    # ------------------------------------------------------------------ age

    def _note_age(self) -> None:
        if self._level.fresh or self._level.analysis is None:
            self.stale = False
            self._aging.stop()
        elif not self.stale and not self._aging.isActive():
            self._aging.start()

    def _grow_old(self) -> None:
        self.stale = not self._level.fresh
        self.changed.emit()

    # ------------------------------------------------------------------ movement

    def _glide(self, before: dict[str, int], places: np.ndarray) -> None:
        """Let nodes that an edit put elsewhere go there rather than jump. `places` tells, N×2 in canvas
        pixels, where those stood that had the rows `before`.
        """
        scene = self.scene
        pairs = [(row, before[id]) for id, row in scene.row.items() if id in before]
        rows, earlier = np.array(pairs, int).reshape(-1, 2).T
        way = places[earlier] - scene.rects[rows, :2]
        moved = way.any(axis=1)
        rows, way = rows[moved], way[moved]
        if not len(rows) or len(rows) > MANY:
            return
        graph = scene.graph

        def step(share: float) -> None:
            if scene.graph is graph:  # else the document went on, and shows its nodes where they are
                scene.displace(rows, way * (1 - share))
                if share >= 1:
                    scene.settle()
                self.changed.emit()

        step(0.0)
        self._animations.start(GLIDE, step, "glide")
