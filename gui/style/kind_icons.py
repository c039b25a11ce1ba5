"""The icon of a layer's kind in its family's colour; an activation shows its own curve."""

from __future__ import annotations

from functools import cache

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPaintEvent, QPen, QPixmap, QPixmapCache
from PySide6.QtWidgets import QSizePolicy, QWidget

from engine.kinds import Layer
from gui.style import icons, theme

REACH = 3.0
"""An activation is drawn from minus this to this, along both axes."""


def family_colour(kind: Layer | type[Layer]) -> QColor:
    """The colour of a kind's family in the theme of now; that of a hint where nobody knows the kind."""
    worn = theme.current()
    return worn.families.get(kind.family, worn.text3)


def paint_kind(
    painter: QPainter, kind: Layer | type[Layer], rect: QRectF, colour: QColor | None = None
) -> None:
    """Draw a kind's icon into a square."""
    kind = kind if isinstance(kind, type) else kind.meant
    ink = colour or family_colour(kind)
    line = _curve(kind if isinstance(kind, type) else type(kind))
    if line is None:
        icons.paint(painter, kind.icon or "unknown", ink, rect)
        return
    side = rect.width()
    path = QPainterPath()
    for i, (x, y) in enumerate(line):
        point = QPointF(rect.left() + x * side, rect.top() + y * side)
        path.lineTo(point) if i else path.moveTo(point)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    pen = QPen(ink, 1.5 * side / 16)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPath(path)
    painter.restore()


def kind_pixmap(
    kind: Layer | type[Layer], size: int = 16, dpr: float = 1.0, ink: QColor | None = None
) -> QPixmap:
    """A kind's icon as a square picture of that many px. Cached."""
    name = kind.__name__ if isinstance(kind, type) else type(kind.meant).__name__
    colour = ink or family_colour(kind)
    key = f"kind {name} {colour.rgba():08x} {size} {dpr:.3f}"
    picture = QPixmap()
    if QPixmapCache.find(key, picture):
        return picture
    image = QImage(round(size * dpr), round(size * dpr), QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    paint_kind(painter, kind, QRectF(image.rect()), colour)
    painter.end()
    picture = QPixmap.fromImage(image)
    picture.setDevicePixelRatio(dpr)
    QPixmapCache.insert(key, picture)
    return picture


class KindIcon(QWidget):
    """The icon of a kind, 20 px."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._kind: Layer | None = None
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def set_kind(self, kind: Layer) -> None:
        if kind is not self._kind:
            self._kind = kind
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme.px(20), theme.px(20))

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._kind is not None:
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            paint_kind(painter, self._kind, QRectF(self.rect()))


def forget() -> None:
    """Draw the curves anew: a plug-in may have changed them."""
    _curve.cache_clear()


@cache
def _curve(kind: type[Layer]) -> tuple[tuple[float, float], ...] | None:
    """An activation's curve within a unit square, y downwards; None for a layer that is no curve."""
    if kind.curve is Layer.curve:
        return None
    x = np.linspace(-REACH, REACH, 33)
    y = kind().curve(x)
    if y is None:
        return None
    top, bottom = float(np.max(y)), float(np.min(y))
    height = max(top - bottom, 1e-6)
    span = (
        min(height, REACH) if height > 2 else height
    )  # one that rises without end is cut, a bounded one is shown whole
    shown = y <= bottom + span
    across = 0.08 + 0.84 * (x + REACH) / (2 * REACH)
    down = 0.86 - 0.72 * (y - bottom) / span
    return tuple((float(a), float(b)) for a, b, seen in zip(across, down, shown, strict=True) if seen)
