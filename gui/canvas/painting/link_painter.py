"""Draws what joins layers that share their weights: a dashed line with the icon of a link."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath

from engine.project.layout import BESIDE
from gui.canvas.painting.frame import Detail, Frame
from gui.canvas.painting.wire_painter import dashed
from gui.style import icons

ICON, DISC = 14.0, 10.0
"""The icon's side and the radius of its ground, in px of the view."""


def paint_links(painter: QPainter, frame: Frame) -> None:
    """The links among the layers, over the wires and below the nodes."""
    if frame.detail is Detail.FAR:
        return
    for owner, sharers in frame.scene.graph.sharers.items():
        for id in sharers:
            if owner in frame.scene.row and id in frame.scene.row:
                _paint(painter, frame, owner, id)


def _paint(painter: QPainter, frame: Frame, owner: str, sharer: str) -> None:
    path, middle = _path(frame, owner, sharer)
    if (
        not path.boundingRect()
        .adjusted(-DISC, -DISC, DISC, DISC)
        .intersects(QRectF(0, 0, frame.width, frame.height))
    ):
        return
    worn = frame.theme
    lit = {owner, sharer} & frame.selection or frame.hovered in (owner, sharer)
    ink: QColor = worn.accent if lit else worn.text3
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(dashed(ink, 1.5 if lit else 1.25, 4.0, 3.0))
    painter.drawPath(path)
    painter.setPen(ink)
    painter.setBrush(worn.canvas)
    painter.drawEllipse(middle, DISC, DISC)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    icons.paint(painter, "link", ink, QRectF(middle.x() - ICON / 2, middle.y() - ICON / 2, ICON, ICON))


def _path(frame: Frame, owner: str, sharer: str) -> tuple[QPainterPath, QPointF]:
    """From side to side where they stand beside each other, else around their right edges."""
    scene, camera = frame.scene, frame.camera
    (x0, y0, w0, h0), (x1, y1, w1, h1) = (scene.rects[scene.row[id]].tolist() for id in (owner, sharer))
    if x1 + w1 < x0:
        (x0, y0, w0, h0), (x1, y1, w1, h1) = (x1, y1, w1, h1), (x0, y0, w0, h0)
    beside = x0 + w0 < x1
    start = QPointF(*camera.to_screen(x0 + w0, y0 + h0 / 2))
    end = QPointF(*camera.to_screen(x1 if beside else x1 + w1, y1 + h1 / 2))
    reach = BESIDE * camera.scale
    path = QPainterPath(start)
    if beside:
        half = (end.x() - start.x()) / 2
        path.cubicTo(start + QPointF(half, 0), end - QPointF(half, 0), end)
    else:
        out = max(start.x(), end.x()) + reach * 1.6
        path.cubicTo(QPointF(out, start.y()), QPointF(out, end.y()), end)
    return path, path.pointAtPercent(0.5)
