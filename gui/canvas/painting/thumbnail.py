"""A network as a small picture for the gallery: boxes tinted by family, wide where much comes out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPen, QPixmap

from gui.canvas.geometry import routes
from gui.canvas.geometry.camera import Camera
from gui.canvas.geometry.outline import NetworkOutline, outline
from gui.canvas.painting.ground import ground
from gui.style.tokens import Theme

if TYPE_CHECKING:
    from engine.kinds.shapes import Shape
    from engine.project.graph import Graph

MARGIN = 18.0
"""The room around, in px."""
LARGEST = 0.5
"""The scale at which an outline is drawn at most."""


def picture(
    graph: Graph, size: QSize, theme: Theme, ratio: float = 1.0, sizes: Mapping[str, Shape] | None = None
) -> QPixmap:
    """The picture of a network in a size in px.

    `sizes` gives what comes out of nodes where that is known; else the family decides how wide a box is.
    """
    return drawn(outline(graph, sizes), size, theme, ratio)


def drawn(shown: NetworkOutline, size: QSize, theme: Theme, ratio: float = 1.0) -> QPixmap:
    """The picture of an outline in a size in px."""
    made = QPixmap(size * ratio)
    made.setDevicePixelRatio(ratio)
    painter = QPainter(made)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    ground(painter, theme, Camera(), size.width(), size.height(), ratio)
    if shown.boxes:
        _paint(painter, shown, size, theme)
    painter.end()
    return made


def _paint(painter: QPainter, shown: NetworkOutline, size: QSize, theme: Theme) -> None:
    left, top, right, bottom = shown.bounds
    room_x, room_y = size.width() - 2 * MARGIN, size.height() - 2 * MARGIN
    scale = min(LARGEST, room_x / max(right - left, 1), room_y / max(bottom - top, 1))
    painter.translate(size.width() / 2, size.height() / 2)
    painter.scale(scale, scale)
    painter.translate(-(left + right) / 2, -(top + bottom) / 2)
    pen = QPen(theme.wire, 1.0)
    pen.setCosmetic(True)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for route in shown.wires:
        painter.drawPath(_path(route))
    for family, (x0, y0, x1, y1) in shown.boxes:
        _paint_box(painter, theme, family, QRectF(x0, y0, x1 - x0, y1 - y0), scale)


def _paint_box(painter: QPainter, theme: Theme, family: str, box: QRectF, scale: float) -> None:
    colour = theme.families.get(family, theme.text3)
    outline = QPainterPath()
    outline.addRoundedRect(box, 5, 5)
    painter.fillPath(outline, theme.canvas)
    painter.fillPath(outline, theme.tint(colour, 0.32))
    pen = QPen(theme.tint(colour, 0.62) if theme.tints else theme.node_edge, 1.0)
    pen.setCosmetic(True)
    painter.strokePath(outline, pen)
    bar = QPainterPath()
    bar.addRoundedRect(QRectF(box.left(), box.top(), max(8.0, 2.0 / scale), box.height()), 3, 3)
    painter.fillPath(bar, colour)


def _path(route: routes.Route) -> QPainterPath:
    path = QPainterPath(QPointF(route[0], route[1]))
    for x0, y0, x1, y1 in routes.bends(route):
        pull = routes.pull(x1 - x0, y1 - y0)
        path.lineTo(x0, y0)
        path.cubicTo(x0, y0 + pull, x1, y1 - pull, x1, y1)
    path.lineTo(route[7], route[8])
    return path
