"""Draws ports: free, wired, fitting, snapped, refused; and the pill of those that take many."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from gui.canvas import ink
from gui.canvas.look import Look, Mark
from gui.canvas.node_painter import Shown
from gui.canvas.places import PILL_HEIGHT

RADIUS, GROWN, GLOW, RING = 4.0, 5.0, 10.0, 12.0
DOT = 2.5
"""Radius of a slot in a pill."""
PILL_PADDING = 8.0


class PortPainter:
    """Draws the ports of the nodes in view over wires and bodies."""

    def paint(self, painter: QPainter, look: Look, shown: list[Shown]) -> None:
        """All ports of these nodes."""
        scene = look.scene
        for one in shown:
            painter.setOpacity(one.opacity)
            first, last = scene.first_place[one.row], scene.first_place[one.row + 1]
            slots = [index for index in range(first, last) if scene.places[index].slot >= 0]
            if slots:
                self._pill(painter, look, slots)
            for index in range(first, last):
                if index not in slots:
                    self._port(painter, look, index)
        painter.setOpacity(1.0)

    def _port(self, painter: QPainter, look: Look, index: int) -> None:
        mark = look.marks.get(index)
        state = mark.name if mark is not None else "WIRED" if look.scene.wired[index] else "FREE"
        if mark is None and index == look.hovered_place:
            state = "OVER"
        stamp(painter, look, state, *spot(look, index))

    def _pill(self, painter: QPainter, look: Look, slots: list[int]) -> None:
        worn, scale = look.theme, look.camera.scale
        left, top = spot(look, slots[0])
        right, _ = spot(look, slots[-1])
        half, padding = PILL_HEIGHT / 2 * scale, PILL_PADDING * scale
        pen = QPen(worn.accent if look.hovered_place in slots else worn.wire, 1.5 if scale >= 0.9 else 1.25)
        painter.setPen(pen)
        painter.setBrush(worn.canvas)
        painter.drawRoundedRect(
            QRectF(left - padding, top - half, right - left + 2 * padding, 2 * half), half, half
        )
        for index in slots:
            mark = look.marks.get(index)
            if mark is None or mark is Mark.CANNOT:
                state = "DOT" if look.scene.wired[index] else "HOLE"
            else:
                state = mark.name
            stamp(painter, look, state, *spot(look, index))


def spot(look: Look, index: int) -> tuple[float, float]:
    """The middle of a place in the view, on the middle of a device pixel, where wires run too."""
    x, y = look.scene.place_xy[index].tolist()
    camera, ratio = look.camera, look.ratio
    return (
        (math.floor((x - camera.x) * camera.scale * ratio) + 0.5) / ratio,
        (math.floor((y - camera.y) * camera.scale * ratio) + 0.5) / ratio,
    )


def stamp(painter: QPainter, look: Look, state: str, x: float, y: float) -> None:
    """One port in a state, with its middle at (x, y) of the view."""
    scale = min(max(look.camera.scale, 0.7), 1.6)
    reach = math.ceil((RING + 2) * scale) + 0.5
    if state in {"WIRED", "FREE", "OVER", "DOT", "HOLE", "CANNOT"}:
        reach = math.ceil((GROWN + 2) * scale) + 0.5
    side = (
        round(2 * reach * look.ratio) | 1
    ) / look.ratio  # an odd number of pixels has a pixel in its middle
    picture = ink.sprite(
        ("port", state, look.theme.name, scale),
        side,
        side,
        look.ratio,
        lambda brush: _paint(brush, look, state, QPointF(side / 2, side / 2), scale),
    )
    painter.drawPixmap(QPointF(x - side / 2, y - side / 2), picture)


def _paint(painter: QPainter, look: Look, state: str, centre: QPointF, scale: float) -> None:
    worn = look.theme
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if state == "WIRED":
        painter.setPen(QPen(worn.canvas, 1))
        painter.setBrush(worn.wire)
        painter.drawEllipse(centre, RADIUS * scale, RADIUS * scale)
    elif state in {"FREE", "CANNOT"}:
        colour = worn.wire if state == "FREE" else worn.line2
        painter.setPen(QPen(colour, 1.5))
        painter.setBrush(worn.canvas)
        radius = (RADIUS if state == "FREE" else RADIUS - 1) * scale
        painter.drawEllipse(centre, radius - 0.25, radius - 0.25)
    elif state == "OVER":
        painter.setPen(QPen(worn.canvas, 1))
        painter.setBrush(worn.accent)
        painter.drawEllipse(centre, GROWN * scale, GROWN * scale)
    elif state in {"FITS", "SNAPPED"}:
        painter.setBrush(worn.tint(worn.accent, 0.22) if state == "FITS" else worn.tint(worn.accent, 0.3))
        radius = (GLOW if state == "FITS" else RING) * scale
        if state == "SNAPPED":
            painter.setPen(QPen(worn.accent, 1.5))
        painter.drawEllipse(centre, radius, radius)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(worn.accent)
        painter.drawEllipse(centre, GROWN * scale, GROWN * scale)
    elif state == "REFUSED":
        painter.setPen(QPen(worn.error, 1.5))
        painter.setBrush(worn.canvas)
        painter.drawEllipse(centre, 6.5 * scale, 6.5 * scale)
        arm = 2.3 * scale
        painter.drawLine(centre + QPointF(-arm, -arm), centre + QPointF(arm, arm))
        painter.drawLine(centre + QPointF(-arm, arm), centre + QPointF(arm, -arm))
    elif state == "DOT":
        painter.setBrush(worn.wire)
        painter.drawEllipse(centre, DOT * scale, DOT * scale)
    elif state == "HOLE":
        painter.setPen(QPen(worn.wire, 1))
        painter.drawEllipse(centre, (DOT - 0.5) * scale, (DOT - 0.5) * scale)


def paint_name(painter: QPainter, look: Look, index: int) -> None:
    """What a port takes or gives, in a small box beside it: where there are several, its name comes first."""
    scene = look.scene
    place = scene.places[index]
    node = scene.graph.nodes[scene.ids[int(scene.place_row[index])]]
    if place.entry:
        port = node.kind.port(place.port)
        text = str(port.pattern) if port is not None else place.port
        several = len(node.kind.ports()) > 1
    else:
        facts = look.labels.facts(node.id)
        shape = facts.outputs.get(place.port) if facts else None
        text = str(shape) if shape is not None else place.port
        several = len(node.kind.outputs) > 1
    if several and text != place.port:
        text = f"{place.port}  {text}"
    x, y = spot(look, index)
    width = ink.line(text, "shape").width + 14
    box = QRectF(round(x + 12), round(y - 26 if place.entry else y + 6), round(width), 20)
    ink.rounded(painter, box, 5, look.theme.tip, look.theme.line2)
    painter.setPen(look.theme.text1)
    ink.draw(painter, text, "shape", box.left() + 7, box.top() + 14)
