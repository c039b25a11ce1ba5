"""Draws nodes at three levels of detail, with all their states."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPixmap, QTransform

from engine.kinds import Unknown
from engine.project.blocks import Use
from engine.project.graph import Node
from engine.project.layout import TALL
from gui.canvas.geometry.camera import Camera
from gui.canvas.painting import brief, ink
from gui.canvas.painting.frame import CANNOT, LEFT_OUT, LINES, MUTED, Detail, Frame
from gui.canvas.painting.labels import NodeLabel
from gui.canvas.painting.shape_buffers import rects
from gui.style import tokens
from gui.style.kind_icons import kind_pixmap

MARGIN = 8.0
"""Room around the body in its picture, for halo, ring and mark."""
CORNER = 6.0
STACK = 3.0
"""How far each edge of a stack stands out behind the one before it."""
TEXT_X = 36.0
FIRST, SECOND, ONLY = 20.0, 35.0, 18.0
"""Base lines: of two lines, and of the one line of a low node."""
ONLY_BELOW = 4.0
"""How far below its middle the base line of a node's one line is."""


_BEHIND = np.array([2.0, 2.0, 0.0, 0.0])
"""Px by which the second edge of a stack stands out where nodes are mere rectangles."""


class Shown(NamedTuple):
    """A node in view: its row and corner, its size on the canvas, and how clearly it is drawn."""

    row: int
    node: Node
    left: float
    top: float
    wide: float
    tall: float
    opacity: float


class NodePainter:
    """Keeps what is shared from frame to frame."""

    def __init__(self) -> None:
        self._batch = rects()

    # ------------------------------------------------------------------ near and middle

    def prepare(self, frame: Frame, rows: np.ndarray) -> list[Shown]:
        """What the frame needs to know about each node in view, found out once."""
        scene, camera, ratio = frame.scene, frame.camera, frame.ratio
        rects = scene.rects[rows]
        corners = np.round((rects[:, :2] - (camera.x, camera.y)) * (camera.scale * ratio)) / ratio
        ids, nodes = scene.ids, scene.graph.nodes
        shown = []
        for row, (left, top), (wide, tall) in zip(
            rows.tolist(), corners.tolist(), rects[:, 2:].tolist(), strict=True
        ):
            node = nodes[ids[row]]
            shown.append(Shown(row, node, left, top, wide, tall, opacity(frame, node.id, node)))
        return shown

    def bodies(self, painter: QPainter, frame: Frame, shown: list[Shown]) -> None:
        """The boxes with bar, icon and edge."""
        pictures: dict[tuple[object, ...], QPixmap] = {}
        for one in shown:
            state = self._state(frame, one.node)
            kind = one.node.kind
            key = (type(kind.meant), kind.family, state, one.wide, one.tall)
            picture = pictures.get(key)
            if picture is None:
                picture = pictures[key] = body(frame, one.node, one.wide, one.tall, state)
            corner = QPointF(one.left - MARGIN, one.top - MARGIN)
            painter.setOpacity(one.opacity)
            painter.drawPixmap(corner, picture)
            if one.opacity < 1 and ("s" in state or "f" in state):
                painter.setOpacity(1.0)
                painter.drawPixmap(corner, ring(frame, one.wide, one.tall, state))
        painter.setOpacity(1.0)

    def _state(self, frame: Frame, node: Node) -> str:
        id = node.id
        letters = ""
        if id in frame.selection:
            letters += "s"
        if id == frame.hovered:
            letters += "h"
        if id in frame.labels.problems:
            letters += "p"
        if node.muted or isinstance(node.kind.meant, Unknown):
            letters += "d"
        if id == frame.focus:
            letters += "f"
        if _repeats(node):
            letters += "r"
        return letters

    def texts(self, painter: QPainter, frame: Frame, shown: list[Shown]) -> None:
        """The words, at the level of detail of the camera."""
        scale = frame.camera.scale
        for one in shown:
            painter.setOpacity(one.opacity)
            label = frame.labels.of(one.node)
            if scale >= LINES:
                painter.setTransform(QTransform(scale, 0, 0, scale, one.left, one.top))
                _whole(painter, frame, label, one.wide, one.tall)
            else:
                _brief(painter, frame, label, one)
        painter.setOpacity(1.0)
        painter.resetTransform()

    # ------------------------------------------------------------------ far

    def far(self, painter: QPainter, frame: Frame, rows: np.ndarray) -> None:
        """Rectangles in the colour of the family, one call for each colour."""
        scene, camera, worn = frame.scene, frame.camera, frame.theme
        nodes, ids = scene.graph.nodes, scene.ids
        groups: dict[tuple[str, bool], list[int]] = {}
        for row in rows.tolist():
            id = ids[row]
            node = nodes[id]
            groups.setdefault((node.kind.family, opacity(frame, id, node) < 1), []).append(row)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(Qt.PenStyle.NoPen)
        repeated = [row for row in rows.tolist() if _repeats(nodes[ids[row]])]
        if repeated:
            painter.setBrush(worn.node_edge)
            painter.drawRects(self._on_screen(scene.rects[repeated] + _BEHIND / camera.scale, camera))
        for (family, faint), members in groups.items():
            colour = worn.families.get(family, worn.text3)
            painter.setBrush(tokens.mixed(worn.canvas, colour, LEFT_OUT) if faint else colour)
            painter.drawRects(self._on_screen(scene.rects[members], camera))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        wrong = [row for row in rows.tolist() if frame.labels.problem(ids[row]) is not None]
        chosen = [scene.row[id] for id in frame.selection if id in scene.row]
        for colour, members in ((worn.error, wrong), (worn.accent, chosen)):
            if members:
                painter.setPen(QPen(colour, 2))
                painter.drawRects(self._on_screen(scene.rects[members], camera))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.setPen(worn.canvas)
        for row in repeated:
            text = frame.labels.of(nodes[ids[row]]).times
            x, y, wide, tall = scene.rects[row].tolist()
            left, top = frame.sharp(x, y)
            spare = frame.length(wide) - ink.line(text, "tiny").width
            if spare > 0 and frame.length(tall) >= 9:
                baseline = round(top + (frame.length(tall) + 9 * brief.CAPITAL) / 2)
                ink.draw(painter, text, "tiny", left + spare / 2, baseline)

    def _on_screen(self, rects: np.ndarray, camera: Camera) -> list[QRectF]:
        numbers = self._batch.numbers(len(rects))
        np.subtract(rects[:, :2], (camera.x, camera.y), out=numbers[:, :2])
        numbers[:, 2:] = rects[:, 2:]
        numbers *= camera.scale
        np.maximum(numbers[:, 2:], 1.0, out=numbers[:, 2:])
        return self._batch.shapes(len(rects))


def _repeats(node: Node) -> bool:
    return isinstance(node.kind, Use) and node.kind.repeat > 1


def opacity(frame: Frame, id: str, node: Node) -> float:
    """How clearly a node is drawn."""
    share = 1.0
    if node.muted:
        share = MUTED
    elif not frame.wiring:
        facts = frame.labels.facts(id)
        if facts is not None and facts.unused:
            share = LEFT_OUT
    return min(share, CANNOT) if id in frame.faint else share


def body(frame: Frame, node: Node, wide: float, height: float, state: str) -> QPixmap:
    """The picture of a node without its words: the same for all of one kind, size and state."""
    scale = frame.camera.scale
    width, tall = frame.length(wide), frame.length(height)
    kind = node.kind
    key = (type(kind.meant).__name__, kind.family, frame.theme.name, state, scale, wide)
    return ink.sprite(
        key,
        width + 2 * MARGIN,
        tall + 2 * MARGIN,
        frame.ratio,
        lambda painter: _paint_body(painter, frame, node, QRectF(MARGIN, MARGIN, width, tall), state),
    )


def ring(frame: Frame, wide: float, height: float, state: str) -> QPixmap:
    """Only what tells that a node is selected or has the keyboard, for one that is drawn faintly."""
    width, tall = frame.length(wide), frame.length(height)
    return ink.sprite(
        ("ring", frame.theme.name, state, frame.camera.scale, wide),
        width + 2 * MARGIN,
        tall + 2 * MARGIN,
        frame.ratio,
        lambda painter: _paint_ring(painter, frame, QRectF(MARGIN, MARGIN, width, tall), state),
    )


def _corner(frame: Frame) -> float:
    return max(2.5, CORNER * frame.camera.scale) if frame.detail is Detail.NEAR else 3.0


def _paint_ring(painter: QPainter, frame: Frame, rect: QRectF, state: str) -> None:
    worn, corner = frame.theme, _corner(frame)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if "f" in state:
        painter.setPen(QPen(worn.text1, 2))
        painter.drawRoundedRect(rect.adjusted(-4, -4, 4, 4), corner + 4, corner + 4)
    if "s" in state:
        painter.setPen(QPen(worn.tint(worn.accent, 0.28), 2.5))
        painter.drawRoundedRect(rect.adjusted(-1.75, -1.75, 1.75, 1.75), corner + 2, corner + 2)
        painter.setPen(_edge(frame, state))
        painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), corner, corner)


def _paint_body(painter: QPainter, frame: Frame, node: Node, rect: QRectF, state: str) -> None:
    worn, scale = frame.theme, frame.camera.scale
    near = frame.detail is Detail.NEAR
    corner = _corner(frame)
    colour = worn.families.get(node.kind.family, worn.text3)
    if "r" in state:
        _paint_stack(painter, frame, rect, state)
    outline = QPainterPath()
    outline.addRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), corner, corner)
    painter.fillPath(outline, worn.raised if "h" in state else worn.node)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if "s" not in state:
        painter.setPen(_edge(frame, state))
        painter.drawPath(outline)
    painter.setClipRect(
        QRectF(rect.left(), rect.top(), max(2.0, round((brief.BAR + 0.5) * scale)), rect.height())
    )
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawRoundedRect(rect, corner, corner)
    painter.setClipping(False)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    _paint_ring(painter, frame, rect, state)
    _paint_icon(painter, frame, node, rect, colour)
    if "p" in state and near:
        _paint_mark(painter, frame, QPointF(rect.right() - 2, rect.top() + 2), 8 * max(scale, 0.8))


def _paint_stack(painter: QPainter, frame: Frame, rect: QRectF, state: str) -> None:
    """The edges of two more behind it, for a block that is repeated."""
    worn, corner = frame.theme, _corner(frame)
    step = min(STACK * frame.camera.scale, (MARGIN - 1) / 2)
    painter.setPen(QPen(worn.node_edge, 1))
    painter.setBrush(worn.node)
    for shift in (round(2 * step), round(step)):
        painter.drawRoundedRect(
            rect.adjusted(0.5 + shift, 0.5 + shift, shift - 0.5, shift - 0.5), corner, corner
        )
    painter.setBrush(Qt.BrushStyle.NoBrush)


def _edge(frame: Frame, state: str) -> QPen:
    worn = frame.theme
    if "s" in state:
        return QPen(worn.accent, 2)
    if "p" in state:
        return QPen(worn.error, 1.5)
    pen = QPen(worn.wire if "h" in state else worn.node_edge, 1)
    if "d" in state:
        pen.setDashPattern([4, 3])
        if "h" not in state and frame.theme.dark:
            pen.setColor(worn.line2)
    return pen


def _paint_icon(painter: QPainter, frame: Frame, node: Node, rect: QRectF, colour: QColor) -> None:
    scale = frame.camera.scale
    if scale >= LINES:
        side = brief.ICON * scale
        two = rect.height() > (TALL - 8) * scale
        top = 9 * scale if two else (rect.height() - side) / 2
        place = QRectF(rect.left() + brief.ICON_X * scale, rect.top() + top, side, side)
    else:
        _, side, left, top, *_ = brief.layout(scale, rect.height())
        if not side:
            return
        place = QRectF(rect.left() + left, rect.top() + top, side, side)
    size = max(1, round(place.width() * frame.ratio))
    picture = kind_pixmap(node.kind, size, 1.0, colour)  # kept over zooming, unlike the whole body
    picture.setDevicePixelRatio(frame.ratio)
    left, top = (round(value * frame.ratio) / frame.ratio for value in (place.left(), place.top()))
    painter.drawPixmap(QPointF(left, top), picture)


def _paint_mark(painter: QPainter, frame: Frame, centre: QPointF, radius: float) -> None:
    worn = frame.theme
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(worn.error)
    painter.drawEllipse(centre, radius, radius)
    pen = QPen(worn.canvas if worn.dark else worn.accent_on, radius * 0.23)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    painter.setPen(pen)
    painter.drawLine(centre + QPointF(0, -radius * 0.5), centre + QPointF(0, radius * 0.1))
    painter.drawPoint(centre + QPointF(0, radius * 0.5))


def _whole(painter: QPainter, frame: Frame, label: NodeLabel, wide: float, height: float) -> None:
    """Two lines, or one: names at the left, numbers at the right edge. Names are cut before numbers."""
    worn = frame.theme
    two = height > 40
    first = FIRST if two else height / 2 + ONLY_BELOW
    quiet = worn.disabled if frame.stale else None
    end = wide - brief.RIGHT
    if label.shape:
        role = "hint" if label.problem else "shape"
        shape = ink.shortened(label.shape, role, wide - TEXT_X - brief.RIGHT - 60)
        painter.setPen(worn.error if label.problem else quiet or worn.text2)
        width = ink.line(shape, role).width
        ink.draw(painter, shape, role, end - width, first)
        end -= width + 7
    times = ink.line(label.times, "body").width + 6 if label.times else 0
    title = ink.shortened(label.title, "title", end - TEXT_X - times)
    painter.setPen(worn.text1)
    after = TEXT_X + ink.draw(painter, title, "title", TEXT_X, first) + 6
    painter.setPen(worn.text3)
    if label.times:
        after += ink.draw(painter, label.times, "body", after, first) + 6
    name = ink.shortened(label.name, "body", end - after) if label.name else ""
    if len(name) > 2 or name == label.name:  # one letter and an ellipsis tell nothing
        ink.draw(painter, name, "body", after, first)
    if not two:
        return
    end = wide - brief.RIGHT
    painter.setPen(quiet or worn.text3)
    if label.count:
        width = ink.line(label.count, "hint").width
        ink.draw(painter, label.count, "hint", end - width, SECOND)
        end -= width + 10
    if label.second:
        painter.setPen(worn.text3)
        ink.draw(painter, ink.shortened(label.second, "hint", end - TEXT_X), "hint", TEXT_X, SECOND)


def _brief(painter: QPainter, frame: Frame, label: NodeLabel, one: Shown) -> None:
    """What there is room for, in letters of one size whatever the scale."""
    worn, scale = frame.theme, frame.camera.scale
    quiet = worn.disabled if frame.stale else None
    colours = {
        "kind": worn.text1,
        "shape": worn.error if label.problem else quiet or worn.text2,
        "count": quiet or worn.text3,
    }
    for piece in brief.pieces(label, scale, frame.length(one.wide), frame.length(one.tall)):
        painter.setPen(colours.get(piece.tells, worn.text3))
        line = piece.line
        painter.setFont(line.font)
        painter.drawStaticText(
            QPointF(one.left + piece.left, one.top + piece.baseline - line.ascent), line.static
        )
