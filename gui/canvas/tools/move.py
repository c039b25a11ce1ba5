"""Moving nodes. The document changes once, when they are let go."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter, QPen

from engine import edits
from engine.message import Message
from engine.project.graph import Wire
from gui.canvas.edits import changes
from gui.canvas.geometry.snapping import Guide, snap
from gui.canvas.painting.frame import Frame
from gui.canvas.tools.host import Host
from gui.canvas.tools.pointer import Pointer
from gui.canvas.tools.tool import Tool

REACH = 7.0
"""How near, in px of the view, a node must be to be lined up."""
SNAP_SECONDS = 0.06


class MoveTool(Tool):
    """The selected nodes follow the pointer; the one in hand lines up with others. Alt moves freely."""

    cursor = Qt.CursorShape.SizeAllCursor

    def __init__(self, host: Host, start: Pointer, held: str) -> None:
        super().__init__(host)
        self._start, self._held = start, held
        self._before = host.level.project
        scene = host.scene
        self._ids = [id for id in scene.ids if id in host.level.selection]
        self._rows = np.array([scene.row[id] for id in self._ids], int)
        rest = np.ones(len(scene.ids), bool)
        rest[self._rows] = False
        self._others = scene.rects[rest].copy()
        self._rect = scene.rects[scene.row[held]].copy()
        self._by = (0.0, 0.0)
        self._shown = (0.0, 0.0)
        self._snapped = (0.0, 0.0)
        self._guides: tuple[Guide, ...] = ()
        self._into: Wire | None = None
        self._over = False

    def move(self, pointer: Pointer) -> None:
        dx, dy = pointer.at[0] - self._start.at[0], pointer.at[1] - self._start.at[1]
        self._guides = ()
        correction = (0.0, 0.0)
        if not pointer.alt:
            view = self.host.viewport.box(200)
            near = self._others[_inside(self._others, view)]
            reach = REACH / self.host.viewport.camera.scale
            snapped = snap(self._rect + np.array((dx, dy, 0, 0)), near, reach)
            correction, self._guides = (snapped.dx, snapped.dy), snapped.guides
        self._by = (round(dx + correction[0]), round(dy + correction[1]))
        self._into = self._wire_below()
        if correction != self._snapped and not self.host.animations.still:
            self._glide(correction, (dx, dy))
        else:
            self._show(self._by)
        self._snapped = correction

    def _glide(self, correction: tuple[float, float], free: tuple[float, float]) -> None:
        """Slip into line within 60 ms rather than jump."""
        start = self._shown

        def step(share: float) -> None:
            if not self._over:
                self._show(
                    (start[0] + (self._by[0] - start[0]) * share, start[1] + (self._by[1] - start[1]) * share)
                )

        self.host.animations.start(SNAP_SECONDS, step)

    def _show(self, by: tuple[float, float]) -> None:
        self._shown = by
        self.host.scene.displace(self._rows, np.array(by))
        self.host.update()

    def _wire_below(self) -> Wire | None:
        """The wire into which the node would be put if it were let go now."""
        graph = self._before.graph
        node = graph.nodes[self._held]
        if len(self._ids) != 1 or graph.incoming(node.id) or graph.outgoing(node.id):
            return None
        if not node.kind.ports() or not node.kind.outputs:
            return None
        x, y, width, height = self._rect.tolist()
        return self.host.scene.wire_at(x + self._by[0] + width / 2, y + self._by[1] + height / 2, 16)

    def release(self, pointer: Pointer) -> None:
        host, (dx, dy) = self.host, self._by
        self._over = True
        if host.level.project is not self._before:
            host.scene.settle()
            return
        if self._into is not None:
            at = (self._rect[0] + dx, self._rect[1] + dy)
            host.do(
                changes.splice, self._held, self._into, at, label=Message("Insert into a wire"), glide=True
            )
        elif dx or dy:
            label = Message("Move {number:a layer|{number} layers}", number=len(self._ids))
            host.do(edits.move, self._ids, dx, dy, label=label)
        host.scene.settle()

    def cancel(self) -> None:
        self._over = True
        self.host.scene.settle()

    def adjust(self, frame: Frame) -> None:
        frame.hovered_wire = self._into

    def paint(self, painter: QPainter, frame: Frame) -> None:
        painter.setPen(QPen(frame.theme.accent, 1))
        for x0, y0, x1, y1 in self._guides:
            start, end = frame.sharp(x0, y0), frame.sharp(x1, y1)
            across, down = (0.5, 0.0) if x0 == x1 else (0.0, 0.5)
            overhang = 12.0
            painter.drawLine(
                QPointF(start[0] + across - overhang * (down > 0), start[1] + down - overhang * (across > 0)),
                QPointF(end[0] + across + overhang * (down > 0), end[1] + down + overhang * (across > 0)),
            )


def _inside(rects: np.ndarray, box: tuple[float, float, float, float]) -> np.ndarray:
    left, top, right, bottom = box
    inside: np.ndarray = (
        (rects[:, 0] < right)
        & (rects[:, 0] + rects[:, 2] > left)
        & (rects[:, 1] < bottom)
        & (rects[:, 1] + rects[:, 3] > top)
    )
    return inside
