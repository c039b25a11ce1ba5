"""Draws ports: free, wired, fitting, snapped, refused; and the pill of those that take many."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QPixmap

from gui.canvas.geometry.places import PILL_HEIGHT, SLOT_STEP
from gui.canvas.painting import ink
from gui.canvas.painting.frame import Frame, Mark
from gui.canvas.painting.node_painter import Shown

RADIUS, GROWN, GLOW, RING = 4.0, 5.0, 10.0, 12.0
DOT = 2.5
"""Radius of a slot in a pill."""
PILL_PADDING = 8.0


class PortPainter:
    """Draws the ports of the nodes in view over wires and bodies."""

    def paint(self, painter: QPainter, frame: Frame, shown: list[Shown]) -> None:
        """All ports of these nodes."""
        scene, marks = frame.scene, frame.marks
        pictures: dict[str, tuple[QPixmap, float]] = {}
        starts = scene.first_place
        spots = _spots(
            frame, [index for one in shown for index in range(starts[one.row], starts[one.row + 1])]
        )
        for one in shown:
            painter.setOpacity(one.opacity)
            first, last = starts[one.row], starts[one.row + 1]
            slots = [index for index in range(first, last) if scene.places[index].slot >= 0]
            if slots:
                self._pill(painter, frame, spots[slots[0]], len(slots), frame.hovered_place in slots)
            for index in range(first, last):
                state = _state(frame, index, marks.get(index))
                ready = pictures.get(state)
                if ready is None:
                    ready = pictures[state] = _picture(frame, state)
                (x, y), (picture, half) = spots[index], ready
                painter.drawPixmap(QPointF(x - half, y - half), picture)
        painter.setOpacity(1.0)

    def _pill(
        self, painter: QPainter, frame: Frame, first: tuple[float, float], count: int, lit: bool
    ) -> None:
        """The capsule of a port that takes many, its first slot's middle at a place of the view."""
        scale, ratio = frame.camera.scale, frame.ratio
        across = (count - 1) * SLOT_STEP * scale
        wide, tall = (
            (round((length + 3) * ratio) | 1) / ratio
            for length in (across + 2 * PILL_PADDING * scale, PILL_HEIGHT * scale)
        )
        picture = ink.sprite(
            ("pill", count, lit, frame.theme.name, scale),
            wide,
            tall,
            ratio,
            lambda brush: _paint_pill(brush, frame, QRectF(1.5, 1.5, wide - 3, tall - 3), lit),
        )
        painter.drawPixmap(QPointF(first[0] + across / 2 - wide / 2, first[1] - tall / 2), picture)


def _paint_pill(painter: QPainter, frame: Frame, box: QRectF, lit: bool) -> None:
    worn = frame.theme
    painter.setPen(QPen(worn.accent if lit else worn.wire, 1.5 if frame.camera.scale >= 0.9 else 1.25))
    painter.setBrush(worn.canvas)
    painter.drawRoundedRect(box, box.height() / 2, box.height() / 2)


def _state(frame: Frame, index: int, mark: Mark | None) -> str:
    """Which picture a place has."""
    scene = frame.scene
    if scene.places[index].slot >= 0:
        if mark is None or mark is Mark.CANNOT:
            return "DOT" if scene.wired[index] else "HOLE"
        return mark.name
    if mark is not None:
        return mark.name
    if index == frame.hovered_place:
        return "OVER"
    return "WIRED" if scene.wired[index] else "FREE"


def _spots(frame: Frame, places: list[int]) -> dict[int, tuple[float, float]]:
    """The middles of places in the view."""
    camera, ratio = frame.camera, frame.ratio
    xy = (frame.scene.place_xy[places] - (camera.x, camera.y)) * (camera.scale * ratio)
    middles = ((np.floor(xy) + 0.5) / ratio).tolist()
    return {index: (x, y) for index, (x, y) in zip(places, middles, strict=True)}


def spot(frame: Frame, index: int) -> tuple[float, float]:
    """The middle of a place in the view, on the middle of a device pixel, where wires run too."""
    x, y = frame.scene.place_xy[index].tolist()
    camera, ratio = frame.camera, frame.ratio
    return (
        (math.floor((x - camera.x) * camera.scale * ratio) + 0.5) / ratio,
        (math.floor((y - camera.y) * camera.scale * ratio) + 0.5) / ratio,
    )


def stamp(painter: QPainter, frame: Frame, state: str, x: float, y: float) -> None:
    """One port in a state, with its middle at (x, y) of the view."""
    picture, half = _picture(frame, state)
    painter.drawPixmap(QPointF(x - half, y - half), picture)


def _picture(frame: Frame, state: str) -> tuple[QPixmap, float]:
    """The picture of a port in a state, and half its side."""
    scale = min(max(frame.camera.scale, 0.7), 1.6)
    small = state in {"WIRED", "FREE", "OVER", "DOT", "HOLE", "CANNOT"}
    reach = math.ceil(((GROWN if small else RING) + 2) * scale) + 0.5
    side = (round(2 * reach * frame.ratio) | 1) / frame.ratio  # an odd number of pixels has one in its middle
    picture = ink.sprite(
        ("port", state, frame.theme.name, scale),
        side,
        side,
        frame.ratio,
        lambda brush: _paint(brush, frame, state, QPointF(side / 2, side / 2), scale),
    )
    return picture, side / 2


def _paint(painter: QPainter, frame: Frame, state: str, centre: QPointF, scale: float) -> None:
    worn = frame.theme
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


def paint_name(painter: QPainter, frame: Frame, index: int) -> None:
    """What a port takes or gives, in a small box beside it: where there are several, its name comes first."""
    scene = frame.scene
    place = scene.places[index]
    node = scene.graph.nodes[scene.ids[int(scene.place_row[index])]]
    facts = frame.labels.facts(node.id)
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
    x, y = spot(frame, index)
    width = ink.line(text, "shape").width + 14
    box = QRectF(round(x + 12), round(y - 26 if place.entry else y + 6), round(width), 20)
    ink.rounded(painter, box, 5, frame.theme.tip, frame.theme.line2)
    painter.setPen(frame.theme.text1)
    ink.draw(painter, text, "shape", box.left() + 7, box.top() + 14)
