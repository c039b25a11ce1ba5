"""Draws ports: free, wired, fitting, snapped, refused; and the pill of those that take many."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QPixmap

from gui.canvas.geometry.places import PILL_HEIGHT, SLOT_STEP
from gui.canvas.painting import ink
from gui.canvas.painting.frame import Look, Mark
from gui.canvas.painting.node_painter import Shown

RADIUS, GROWN, GLOW, RING = 4.0, 5.0, 10.0, 12.0
DOT = 2.5
"""Radius of a slot in a pill."""
PILL_PADDING = 8.0


class PortPainter:
    """Draws the ports of the nodes in view over wires and bodies."""

    def paint(self, painter: QPainter, look: Look, shown: list[Shown]) -> None:
        """All ports of these nodes."""
        scene, marks = look.scene, look.marks
        pictures: dict[str, tuple[QPixmap, float]] = {}
        starts = scene.first_place
        spots = _spots(
            look, [index for one in shown for index in range(starts[one.row], starts[one.row + 1])]
        )
        for one in shown:
            painter.setOpacity(one.opacity)
            first, last = starts[one.row], starts[one.row + 1]
            slots = [index for index in range(first, last) if scene.places[index].slot >= 0]
            if slots:
                self._pill(painter, look, spots[slots[0]], len(slots), look.hovered_place in slots)
            for index in range(first, last):
                state = _state(look, index, marks.get(index))
                found = pictures.get(state)
                if found is None:
                    found = pictures[state] = _picture(look, state)
                (x, y), (picture, half) = spots[index], found
                painter.drawPixmap(QPointF(x - half, y - half), picture)
        painter.setOpacity(1.0)

    def _pill(self, painter: QPainter, look: Look, first: tuple[float, float], count: int, lit: bool) -> None:
        """The capsule of a port that takes many, its first slot's middle at a place of the view."""
        scale, ratio = look.camera.scale, look.ratio
        across = (count - 1) * SLOT_STEP * scale
        wide, tall = (
            (round((length + 3) * ratio) | 1) / ratio
            for length in (across + 2 * PILL_PADDING * scale, PILL_HEIGHT * scale)
        )
        picture = ink.sprite(
            ("pill", count, lit, look.theme.name, scale),
            wide,
            tall,
            ratio,
            lambda brush: _paint_pill(brush, look, QRectF(1.5, 1.5, wide - 3, tall - 3), lit),
        )
        painter.drawPixmap(QPointF(first[0] + across / 2 - wide / 2, first[1] - tall / 2), picture)


def _paint_pill(painter: QPainter, look: Look, box: QRectF, lit: bool) -> None:
    worn = look.theme
    painter.setPen(QPen(worn.accent if lit else worn.wire, 1.5 if look.camera.scale >= 0.9 else 1.25))
    painter.setBrush(worn.canvas)
    painter.drawRoundedRect(box, box.height() / 2, box.height() / 2)


def _state(look: Look, index: int, mark: Mark | None) -> str:
    """Which picture a place has."""
    scene = look.scene
    if scene.places[index].slot >= 0:
        if mark is None or mark is Mark.CANNOT:
            return "DOT" if scene.wired[index] else "HOLE"
        return mark.name
    if mark is not None:
        return mark.name
    if index == look.hovered_place:
        return "OVER"
    return "WIRED" if scene.wired[index] else "FREE"


def _spots(look: Look, places: list[int]) -> dict[int, tuple[float, float]]:
    """The middles of places in the view."""
    camera, ratio = look.camera, look.ratio
    xy = (look.scene.place_xy[places] - (camera.x, camera.y)) * (camera.scale * ratio)
    middles = ((np.floor(xy) + 0.5) / ratio).tolist()
    return {index: (x, y) for index, (x, y) in zip(places, middles, strict=True)}


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
    picture, half = _picture(look, state)
    painter.drawPixmap(QPointF(x - half, y - half), picture)


def _picture(look: Look, state: str) -> tuple[QPixmap, float]:
    """The picture of a port in a state, and half its side."""
    scale = min(max(look.camera.scale, 0.7), 1.6)
    small = state in {"WIRED", "FREE", "OVER", "DOT", "HOLE", "CANNOT"}
    reach = math.ceil(((GROWN if small else RING) + 2) * scale) + 0.5
    side = (round(2 * reach * look.ratio) | 1) / look.ratio  # an odd number of pixels has one in its middle
    picture = ink.sprite(
        ("port", state, look.theme.name, scale),
        side,
        side,
        look.ratio,
        lambda brush: _paint(brush, look, state, QPointF(side / 2, side / 2), scale),
    )
    return picture, side / 2


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
    facts = look.labels.facts(node.id)
    if place.entry:
        port = node.kind.port(place.port)
        arrived = facts.inputs.get(place.port, ()) if facts else ()
        slot = max(place.slot, 0)
        if slot < len(arrived):
            text = str(arrived[slot])
        else:
            text = str(port.pattern) if port is not None else place.port
        several = len(node.kind.ports()) > 1
    else:
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
