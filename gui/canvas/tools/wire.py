"""Drawing a wire, from either end, and leading an existing one elsewhere."""

from __future__ import annotations

from math import hypot

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from engine import edits
from engine.message import Message
from engine.project.graph import Wire
from gui.canvas.edits import changes
from gui.canvas.edits.fitting import Fitting, WireEnd, wire_between, without
from gui.canvas.geometry.places import TOUCH
from gui.canvas.geometry.scene import Scene
from gui.canvas.painting.frame import Frame, Mark
from gui.canvas.painting.port_painter import spot, stamp
from gui.canvas.painting.wire_painter import badge, dashed, loose
from gui.canvas.tools.host import Host
from gui.canvas.tools.pointer import Pointer
from gui.canvas.tools.tool import Tool

SNAP = 24.0
"""How near, in px of the view, a fitting port must be for the wire to snap to it."""


class WireTool(Tool):
    """One end stays at a port; the other follows the pointer to ports that fit, or is refused."""

    cursor = Qt.CursorShape.CrossCursor

    def __init__(self, host: Host, start: Pointer, fixed: WireEnd, rerouted: Wire | None = None) -> None:
        super().__init__(host)
        self._start, self._now = start, start
        self.fixed = fixed
        self.rerouted = rerouted
        level = host.level
        analysis = level.analysis if level.fresh else None
        self.fitting = (
            without(level.project, analysis, rerouted)
            if rerouted is not None
            else Fitting(level.project, analysis)
        )
        self._project = level.project
        self._marks: dict[int, Mark] = {}
        self._faint: frozenset[str] = frozenset()
        self._target: int | None = None
        self._refused: int | None = None

    # ------------------------------------------------------------------ where it may go

    def _survey(self) -> None:
        """Mark the ports in view: those that fit, and those that cannot take the wire."""
        scene = self.host.scene
        box = self.host.viewport.box(20)
        marks, faint = {}, set()
        for row in scene.nodes_in(box).tolist():
            id = scene.ids[row]
            some = False
            for index in range(scene.first_place[row], scene.first_place[row + 1]):
                wire = self._wire_to(index)
                if wire is None or (scene.places[index].slot >= 0 and not self._open(index)):
                    continue
                fits = self.fitting.fits(wire)
                some |= fits
                marks[index] = Mark.FITS if fits else Mark.CANNOT
            if not some and id != self.fixed.id:
                faint.add(id)
        self._marks, self._faint = marks, frozenset(faint)

    def _wire_to(self, index: int) -> Wire | None:
        return wire_between(self.fixed, end_at(self.host.scene, index))

    def _filled(self, index: int) -> bool:
        return bool(self.host.scene.wired[index]) and not self._frees(index)

    def _open(self, index: int) -> bool:
        """Whether a slot of a pill takes the wire: a free one, or the last where all are taken."""
        scene = self.host.scene
        if not self._filled(index):
            return True
        row = int(scene.place_row[index])
        port = scene.places[index].port
        slots = [
            other
            for other in range(scene.first_place[row], scene.first_place[row + 1])
            if scene.places[other].port == port and scene.places[other].slot >= 0
        ]
        return index == slots[-1] and all(self._filled(other) for other in slots)

    def _frees(self, index: int) -> bool:
        """Whether the place is where the wire in the hand came from."""
        if self.rerouted is None:
            return False
        ends = self.host.scene.wire_places[self.host.scene.wire_index[self.rerouted]]
        return index in ends.tolist()

    def _nearest(self, pointer: Pointer) -> None:
        """Find the port to snap to, or the one that refuses."""
        scene, scale = self.host.scene, self.host.viewport.camera.scale
        good = [index for index, mark in self._marks.items() if mark in (Mark.FITS, Mark.SNAPPED)]
        self._target = scene.place_at(*pointer.at, SNAP / scale, good) if good else None
        self._refused = None
        if self._target is not None:
            return
        bad = [index for index, mark in self._marks.items() if index not in good]
        if bad:
            self._refused = scene.place_at(*pointer.at, TOUCH / scale, bad)
        id = scene.node_at(*pointer.at)
        if self._refused is None and id is not None and id != self.fixed.id:
            row = scene.row[id]
            own = range(scene.first_place[row], scene.first_place[row + 1])
            self._target = next((index for index in own if index in good), None)
            if self._target is None:
                self._refused = next((index for index in own if index in self._marks), None)

    # ------------------------------------------------------------------ the gesture

    def move(self, pointer: Pointer) -> None:
        self._now = pointer
        self._survey()
        self._nearest(pointer)
        self.host.update()

    def release(self, pointer: Pointer) -> None:
        if not pointer.far_from(self._start):
            return
        self.move(pointer)
        host = self.host
        if host.level.project is not self._project:
            return
        index = self._target if self._target is not None else self._refused
        if index is None:
            self._let_go(pointer)
            return
        wire = self._wire_to(index)
        if wire is None:
            return
        if self._target is None:
            reason = self.fitting.refusal(wire)
            if reason is not None:
                host.refuse(wire, reason, pointer, self.rerouted)
                return
        self._connect(wire)

    def _connect(self, wire: Wire) -> None:
        ends = (wire.source, wire.output, wire.target, wire.input)
        if self.rerouted is not None:
            self.host.do(changes.reconnect, self.rerouted, *ends, label=Message("Lead a wire elsewhere"))
        else:
            self.host.do(edits.connect, *ends, label=Message("Draw a wire"))

    def _let_go(self, pointer: Pointer) -> None:
        if self.rerouted is not None:
            self.host.do(edits.disconnect, [self.rerouted], label=Message("Remove a wire"))
        else:
            self.host.search(pointer, self.fixed)

    # ------------------------------------------------------------------ what is seen

    def adjust(self, frame: Frame) -> None:
        if not self._now.far_from(self._start):
            return
        frame.marks = dict(self._marks)
        frame.faint, frame.wiring = self._faint, True
        frame.hovered = None
        if self._target is not None:
            frame.marks[self._target] = Mark.SNAPPED
        if self._refused is not None:
            frame.marks[self._refused] = Mark.REFUSED
            frame.faint = frame.faint - {frame.scene.ids[int(frame.scene.place_row[self._refused])]}
        if self.rerouted is not None:
            frame.hidden = frozenset({self.rerouted})

    def paint(self, painter: QPainter, frame: Frame) -> None:
        if not self._now.far_from(self._start):
            return
        scene = frame.scene
        index = scene.place_of(self.fixed.id, self.fixed.port, self.fixed.entry)
        if index is None:
            return
        x0, y0 = spot(frame, index)
        reached = self._target if self._target is not None else self._refused
        x1, y1 = spot(frame, reached) if reached is not None else (self._now.x, self._now.y)
        draw_loose(painter, frame, (x0, y0), (x1, y1), self.fixed.entry, self._refused is not None)
        shape = self.fitting.shape(self.fixed.id, self.fixed.port) if not self.fixed.entry else None
        if shape is not None and hypot(x1 - x0, y1 - y0) > 90:
            badge(painter, frame, ((x0 + x1) / 2, (y0 + y1) / 2), str(shape))
        if reached is not None:
            stamp(painter, frame, "SNAPPED" if self._target is not None else "REFUSED", x1, y1)


def draw_loose(
    painter: QPainter,
    frame: Frame,
    start: tuple[float, float],
    end: tuple[float, float],
    upwards: bool = False,
    refused: bool = False,
) -> None:
    """A wire that is not yet there: dashed, in accent, or in the colour of errors."""
    if upwards:
        start, end = end, start
    painter.setBrush(Qt.BrushStyle.NoBrush)
    colour = frame.theme.error if refused else frame.theme.accent
    painter.setPen(dashed(colour, 2.0, 5.0, 4.0))
    painter.drawPath(loose(*start, *end, frame.camera.scale))


def draw_refused_node(painter: QPainter, frame: Frame, id: str) -> None:
    """The error's edge around a node that refuses a wire."""
    if id not in frame.scene.row:
        return
    x, y, width, height = frame.scene.rects[frame.scene.row[id]].tolist()
    left, top = frame.sharp(x, y)
    rect = QRectF(left, top, frame.length(width), frame.length(height)).adjusted(0.5, 0.5, -0.5, -0.5)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(frame.theme.error, 1.5))
    painter.drawRoundedRect(rect, 6 * frame.camera.scale, 6 * frame.camera.scale)


def end_at(scene: Scene, index: int) -> WireEnd:
    """The port at a place of the scene."""
    place = scene.places[index]
    return WireEnd(scene.ids[int(scene.place_row[index])], place.port, place.entry)


def nearest_end(scene: Scene, wire: Wire, at: tuple[float, float]) -> tuple[WireEnd, float]:
    """The end that stays when a wire is taken hold of at a place, and how far the other is from there."""
    start, end = scene.place_xy[scene.wire_places[scene.wire_index[wire]]]
    first, second = float(np.hypot(*(start - at))), float(np.hypot(*(end - at)))
    if second <= first:
        return WireEnd(wire.source, wire.output, False), second
    return WireEnd(wire.target, wire.input, True), first
