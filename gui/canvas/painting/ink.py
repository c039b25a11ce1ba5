"""Text that is laid out once and drawn often, and small pictures that many nodes share."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import cache
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter, QPixmap, QStaticText, QTransform

from gui.style import theme

V = TypeVar("V")


class Cache(Generic[V]):
    """Values by key, made when first asked for. Where there are too many, the older half goes."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._values: dict[Hashable, V] = {}

    def get(self, key: Hashable, make: Callable[[], V]) -> V:
        """The value of that key, made where it is missing."""
        value = self._values.get(key)
        if value is None:
            if len(self._values) >= self._most:
                for old in list(self._values)[: self._most // 2]:
                    del self._values[old]
            value = self._values[key] = make()
        return value

    def clear(self) -> None:
        """Forget everything, as after a change of the theme."""
        self._values.clear()


@cache
def face(role: str) -> QFont:
    """The font of a role at 100 %, which the camera scales, but for `small` and `tiny`. Unhinted, so that a
    line keeps its length.
    """
    base, weight, size = _FACES.get(role, (role, None, 0))
    font = theme.font(base, 1.0)  # type: ignore[arg-type]  # the roles come from this package alone
    if weight is not None:
        font.setWeight(weight)
    if size:
        font.setPixelSize(size)
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    return font


_FACES = {
    "shape": ("hint", QFont.Weight.Medium, 0),
    "small": ("hint", QFont.Weight.Medium, 10),
    "tiny": ("hint", QFont.Weight.Medium, 9),
}


@cache
def metrics(role: str) -> QFontMetricsF:
    """The measures of that font."""
    return QFontMetricsF(face(role))


class TextLine:
    """One line of text, ready to be drawn, with its width in px."""

    __slots__ = ("ascent", "font", "static", "width")

    def __init__(self, text: str, role: str) -> None:
        self.font = face(role)
        self.static = QStaticText(text)
        self.static.setTextFormat(Qt.TextFormat.PlainText)
        self.static.setPerformanceHint(QStaticText.PerformanceHint.AggressiveCaching)
        self.static.prepare(QTransform(), self.font)
        self.width = metrics(role).horizontalAdvance(text)
        self.ascent = metrics(role).ascent()


_lines: Cache[TextLine] = Cache(6000)
_elided: Cache[str] = Cache(6000)
_sprites: Cache[QPixmap] = Cache(800)
measured: Cache[Any] = Cache(4000)
"""What follows from how wide texts are."""


def line(text: str, role: str) -> TextLine:
    """A line of that text in the font of a role. Colour is the pen's, so that one line serves all."""
    return _lines.get((text, role), lambda: TextLine(text, role))


def shortened(text: str, role: str, width: float) -> str:
    """The text, with … at its end where it is wider than so many px. Nothing if not even two letters fit."""
    if line(text, role).width <= width:
        return text
    if width < 18:
        return ""
    steps = int(width)
    return _elided.get(
        (text, role, steps),
        lambda: metrics(role).elidedText(text, Qt.TextElideMode.ElideRight, steps),
    )


def draw(painter: QPainter, text: str, role: str, x: float, baseline: float) -> float:
    """Draw a line with its left end at x. Gives back its width."""
    ready = line(text, role)
    painter.setFont(ready.font)
    painter.drawStaticText(QPointF(x, baseline - ready.ascent), ready.static)
    return ready.width


def sprite(
    key: Hashable, width: float, height: float, ratio: float, paint: Callable[[QPainter], None]
) -> QPixmap:
    """A small picture drawn once for its key; `ratio` is the device's pixels per px."""

    def make() -> QPixmap:
        image = QImage(
            max(1, round(width * ratio)),
            max(1, round(height * ratio)),
            QImage.Format.Format_ARGB32_Premultiplied,
        )
        image.setDevicePixelRatio(ratio)
        image.fill(Qt.GlobalColor.transparent)
        painter = QPainter(image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint(painter)
        painter.end()
        return QPixmap.fromImage(image)

    return _sprites.get((key, width, height, ratio), make)


def forget() -> None:
    """Drop what was drawn in the colours and fonts of before."""
    _lines.clear()
    _elided.clear()
    _sprites.clear()
    measured.clear()
    face.cache_clear()
    metrics.cache_clear()


def rounded(
    painter: QPainter, rect: QRectF, corner: float, fill: QColor | None, edge: QColor | None = None
) -> None:
    """A rounded rectangle with a 1 px edge inside, on whole pixels."""
    painter.setBrush(Qt.BrushStyle.NoBrush if fill is None else fill)
    painter.setPen(Qt.PenStyle.NoPen if edge is None else edge)
    inset = 0.5 if edge is not None else 0.0
    painter.drawRoundedRect(rect.adjusted(inset, inset, -inset, -inset), corner, corner)
