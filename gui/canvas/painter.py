"""Draws a frame of the canvas: ground, wires, nodes, ports, in that order."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPixmap

from gui.canvas import ink, routes
from gui.canvas.camera import Camera
from gui.canvas.look import Detail, Look
from gui.canvas.node_painter import NodePainter
from gui.canvas.port_painter import PortPainter
from gui.canvas.wire_painter import WirePainter, dashed
from gui.theme import Theme

GRID, DOT = 24.0, 1.5
FINEST = 16.0
"""Dots nearer than so many px would be a haze; then every second one is left out."""


class Painter:
    """Paints what a `Look` describes."""

    def __init__(self) -> None:
        self.wires = WirePainter()
        self.nodes = NodePainter()
        self.ports = PortPainter()

    def paint(self, painter: QPainter, look: Look) -> None:
        """The whole view. The painter's coordinates are px of the view."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground(painter, look.theme, look.camera, look.width, look.height, look.ratio)
        self.wires.paint(painter, look)
        rows = look.scene.nodes_in(look.camera.view(look.width, look.height, 12))
        if look.detail is Detail.FAR:
            self.nodes.far(painter, look, rows)
        else:
            shown = self.nodes.prepare(look, rows)
            self.nodes.bodies(painter, look, shown)
            if look.detail is Detail.NEAR:
                self._through(painter, look, rows.tolist())
                self.ports.paint(painter, look, shown)
            self.nodes.texts(painter, look, shown)
        self._badge(painter, look)

    def _through(self, painter: QPainter, look: Look, rows: list[int]) -> None:
        """The wire that goes through muted nodes."""
        scene = look.scene
        for row in rows:
            if scene.graph.nodes[scene.ids[row]].muted:
                x, y, width, height = scene.rects[row].tolist()
                left, top = look.sharp(x + width / 2, y)
                painter.setPen(dashed(look.theme.wire, 1.25, 2.0, 3.0))
                painter.drawLine(QPointF(left + 0.5, top), QPointF(left + 0.5, top + look.length(height)))

    def _badge(self, painter: QPainter, look: Look) -> None:
        """The shape along the hovered wire."""
        wire = look.hovered_wire
        if wire is None or wire not in look.scene.wire_index or look.detail is Detail.FAR:
            return
        facts = look.labels.facts(wire.source)
        shape = facts.outputs.get(wire.output) if facts else None
        if shape is not None:
            route = look.scene.routes[look.scene.wire_index[wire]].tolist()
            place = look.camera.to_screen(*routes.middle(tuple(route)))
            self.wires.badge(painter, look, place, str(shape))


def ground(
    painter: QPainter, theme: Theme, camera: Camera, width: float, height: float, ratio: float
) -> None:
    """The ground with its dots, drawn row by row from one picture of a row."""
    painter.fillRect(QRectF(0, 0, width, height), theme.canvas)
    step = GRID * camera.scale
    while step < FINEST:
        step *= 2
    world = step / camera.scale
    first_x = (math.floor(camera.x / world) * world - camera.x) * camera.scale
    first_y = (math.floor(camera.y / world) * world - camera.y) * camera.scale
    row = _row_of_dots(theme, step, width + 2 * step, ratio)
    y = first_y
    left = round(first_x * ratio) / ratio
    while y < height + 2:
        painter.drawPixmap(QPointF(left, round(y * ratio) / ratio - 1), row)
        y += step


def _row_of_dots(theme: Theme, step: float, width: float, ratio: float) -> QPixmap:
    def dots(painter: QPainter) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.grid)
        for i in range(int(width / step) + 1):
            x = round(i * step * ratio) / ratio
            painter.drawEllipse(QPointF(x + 1, 1), DOT / 2, DOT / 2)

    return ink.sprite(("dots", theme.name, step), width, 2, ratio, dots)
