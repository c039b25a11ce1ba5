"""A network as a small picture for the gallery: boxes tinted by family, wide where much comes out."""

from __future__ import annotations

import math
from collections.abc import Mapping

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPen, QPixmap

from engine.graph import Graph
from engine.layout import GAP, WIDTH, height
from engine.shapes import Shape
from gui.canvas import routes
from gui.canvas.camera import Camera
from gui.canvas.painter import ground
from gui.theme import Theme

BOX, STEP, MARGIN = 13.0, 20.0, 18.0
"""The height of a box, the distance from one to the next, and the room around, in px at full size."""
NARROW, WIDE = 44.0, 84.0
ARC = 24.0
"""How far beside the boxes a skipping wire runs."""


def picture(
    graph: Graph, size: QSize, theme: Theme, ratio: float = 1.0, sizes: Mapping[str, Shape] | None = None
) -> QPixmap:
    """The picture of a network in a size in px.

    `sizes` gives what comes out of nodes where that is known; else the family decides how wide a box is.
    """
    made = QPixmap(size * ratio)
    made.setDevicePixelRatio(ratio)
    painter = QPainter(made)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    ground(painter, theme, Camera(), size.width(), size.height(), ratio)
    if graph.nodes:
        _paint(painter, graph, size, theme, sizes or {})
    painter.end()
    return made


def _paint(painter: QPainter, graph: Graph, size: QSize, theme: Theme, sizes: Mapping[str, Shape]) -> None:
    boxes = _boxes(graph, sizes)
    wires = _wires(graph, boxes)
    left = min(min(box.left() for box in boxes.values()), *(min(w[0], w[3], w[7]) for w in wires), 1e9)
    right = max(max(box.right() for box in boxes.values()), *(max(w[0], w[3], w[7]) for w in wires), -1e9)
    top = min(box.top() for box in boxes.values())
    bottom = max(box.bottom() for box in boxes.values())
    room_x, room_y = size.width() - 2 * MARGIN, size.height() - 2 * MARGIN
    scale = min(1.0, room_x / max(right - left, 1), room_y / max(bottom - top, 1))
    painter.translate(size.width() / 2, size.height() / 2)
    painter.scale(scale, scale)
    painter.translate(-(left + right) / 2, -(top + bottom) / 2)
    pen = QPen(theme.wire, 1.0)
    pen.setCosmetic(True)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for route in wires:
        painter.drawPath(_path(route))
    for id, box in boxes.items():
        _paint_box(painter, theme, graph.nodes[id].kind.family, box, scale)


def _paint_box(painter: QPainter, theme: Theme, family: str, box: QRectF, scale: float) -> None:
    colour = theme.families.get(family, theme.text3)
    outline = QPainterPath()
    outline.addRoundedRect(box, 2.5, 2.5)
    painter.fillPath(outline, theme.canvas)
    painter.fillPath(outline, theme.tint(colour, 0.32))
    pen = QPen(theme.tint(colour, 0.62) if theme.tints else theme.node_edge, 1.0)
    pen.setCosmetic(True)
    painter.strokePath(outline, pen)
    bar = QPainterPath()
    bar.addRoundedRect(QRectF(box.left(), box.top(), max(4.0, 2.0 / scale), box.height()), 1.5, 1.5)
    painter.fillPath(bar, colour)


def _boxes(graph: Graph, sizes: Mapping[str, Shape]) -> dict[str, QRectF]:
    """A box for each node, in even rows, at places that keep the order of the canvas."""
    rows: list[list[str]] = []
    last = -math.inf
    for id in sorted(graph.nodes, key=lambda id: graph.nodes[id].y):
        node = graph.nodes[id]
        if node.y < last:
            rows[-1].append(id)
        else:
            rows.append([id])
            last = node.y + height(node.kind) + GAP / 3
    across = 100.0 / (WIDTH + 40)
    found = {}
    for row, ids in enumerate(rows):
        for id in ids:
            wide = NARROW + (WIDE - NARROW) * _share(graph, id, sizes)
            middle = (graph.nodes[id].x + WIDTH / 2) * across
            found[id] = QRectF(middle - wide / 2, row * STEP, wide, BOX)
    return found


def _share(graph: Graph, id: str, sizes: Mapping[str, Shape]) -> float:
    """How wide a box is, from 0 to 1: the logarithm of how many numbers come out."""
    shape = sizes.get(id)
    if shape is None or not shape.dims:
        kind = graph.nodes[id].kind
        return {"io": 0.9, "convolution": 0.9, "recurrent": 0.8, "dense": 0.6}.get(kind.family, 0.45)
    return min(1.0, math.log2(max(shape.size, 1)) / 14)


def _wires(graph: Graph, boxes: Mapping[str, QRectF]) -> list[routes.Route]:
    rects = {id: (box.left(), box.top(), box.right(), box.bottom()) for id, box in boxes.items()}
    found: list[routes.Route] = []
    lanes: list[routes.Lane] = []
    for wire in graph.wires:
        start, end = boxes[wire.source], boxes[wire.target]
        x0, y0, x1, y1 = start.center().x(), start.bottom(), end.center().x(), end.top()
        if y1 <= y0:
            found.append(routes.simple(x0, y0, x1, y1))
            continue
        between = [
            rect
            for id, rect in rects.items()
            if id not in (wire.source, wire.target) and rect[3] > y0 + 0.5 and rect[1] < y1 - 0.5
        ]
        blocked = [
            rect for rect in between if rect[0] - 4 < x0 < rect[2] + 4 or rect[0] - 4 < x1 < rect[2] + 4
        ]
        if not blocked:
            found.append(routes.simple(x0, y0, x1, y1))
            continue
        lane = max(rect[2] for rect in between) + ARC
        while any(abs(lane - at) < 10 and top < y1 and bottom > y0 for at, top, bottom in lanes):
            lane += 12
        lanes.append((lane, y0, y1))
        bend = min(STEP + BOX / 2, (y1 - y0) / 2.2)
        found.append((x0, y0, y0, lane, y0 + bend, y1 - bend, y1, x1, y1))
    return found


def _path(route: routes.Route) -> QPainterPath:
    """A wire whose bends are quarter rounds, as an arc beside the boxes."""
    x0, y0, _, lane, yb, yc, _, x1, y1 = route
    path = QPainterPath(QPointF(x0, y0))
    if lane in (x0, x1) or yb >= yc:
        if abs(x0 - x1) < 0.5:
            path.lineTo(x1, y1)
        else:
            pull = routes.pull(x1 - x0, y1 - y0)
            path.cubicTo(x0, y0 + pull, x1, y1 - pull, x1, y1)
        return path
    path.cubicTo(x0, y0 + 7, lane, y0, lane, yb)
    path.lineTo(lane, yc)
    path.cubicTo(lane, y1, x1, y1 - 7, x1, y1)
    return path
