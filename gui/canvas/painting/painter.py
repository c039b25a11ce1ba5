"""Draws a frame of the canvas: ground, wires, nodes, ports, in that order."""

from __future__ import annotations

from PySide6.QtCore import QPointF
from PySide6.QtGui import QPainter

from gui.canvas.geometry import routes
from gui.canvas.painting.frame import PORTS, Detail, Frame
from gui.canvas.painting.ground import ground
from gui.canvas.painting.link_painter import paint_links
from gui.canvas.painting.node_painter import NodePainter
from gui.canvas.painting.port_painter import PortPainter
from gui.canvas.painting.wire_painter import WirePainter, badge, dashed


class Painter:
    """Paints what a `Frame` describes."""

    def __init__(self) -> None:
        self.wires = WirePainter()
        self.nodes = NodePainter()
        self.ports = PortPainter()

    def paint(self, painter: QPainter, frame: Frame) -> None:
        """The whole view. The painter's coordinates are px of the view."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground(painter, frame.theme, frame.camera, frame.width, frame.height, frame.ratio)
        self.wires.paint(painter, frame)
        paint_links(painter, frame)
        rows = frame.scene.nodes_in(frame.camera.view(frame.width, frame.height, 12))
        if frame.detail is Detail.FAR:
            self.nodes.far(painter, frame, rows)
        else:
            shown = self.nodes.prepare(frame, rows)
            self.nodes.bodies(painter, frame, shown)
            if frame.camera.scale >= PORTS or frame.wiring:
                self._through(painter, frame, rows.tolist())
                self.ports.paint(painter, frame, shown)
            self.nodes.texts(painter, frame, shown)
        self._badge(painter, frame)

    def _through(self, painter: QPainter, frame: Frame, rows: list[int]) -> None:
        """The wire that goes through muted nodes."""
        scene = frame.scene
        for row in rows:
            if scene.graph.nodes[scene.ids[row]].muted:
                x, y, width, height = scene.rects[row].tolist()
                left, top = frame.sharp(x + width / 2, y)
                painter.setPen(dashed(frame.theme.wire, 1.25, 2.0, 3.0))
                painter.drawLine(QPointF(left + 0.5, top), QPointF(left + 0.5, top + frame.length(height)))

    def _badge(self, painter: QPainter, frame: Frame) -> None:
        """The shape along the hovered wire."""
        wire = frame.hovered_wire
        if wire is None or wire not in frame.scene.wire_index or frame.detail is Detail.FAR:
            return
        facts = frame.labels.facts(wire.source)
        shape = facts.outputs.get(wire.output) if facts else None
        if shape is not None:
            route = frame.scene.routes[frame.scene.wire_index[wire]].tolist()
            place = frame.camera.to_screen(*routes.middle(tuple(route)))
            badge(painter, frame, place, str(shape))
