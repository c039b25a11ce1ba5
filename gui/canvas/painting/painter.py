"""Draws a frame of the canvas: ground, wires, nodes, ports, in that order."""

from __future__ import annotations

from PySide6.QtCore import QPointF
from PySide6.QtGui import QPainter

from gui.canvas.geometry import routes
from gui.canvas.painting.frame import Detail, Look
from gui.canvas.painting.ground import ground
from gui.canvas.painting.link_painter import paint_links
from gui.canvas.painting.node_painter import NodePainter
from gui.canvas.painting.port_painter import PortPainter
from gui.canvas.painting.wire_painter import WirePainter, dashed


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
        paint_links(painter, look)
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
