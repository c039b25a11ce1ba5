"""The program's own sign: three layers, in the colours of their families."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.style import theme, tokens

_BARS = (("convolution", 0.04, 0.14, 0.62), ("pooling", 0.3, 0.42, 0.6), ("dense", 0.04, 0.7, 0.46))
"""Family, left edge, top edge and width of each bar, as shares of the sign."""
_THICK = 0.17


def paint_emblem(painter: QPainter, rect: QRectF, worn: tokens.Theme) -> None:
    """Draw the sign into a square."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    for family, left, top, width in _BARS:
        side = rect.width()
        bar = QRectF(rect.left() + left * side, rect.top() + top * side, width * side, _THICK * side)
        painter.setBrush(worn.families[family])
        painter.drawRoundedRect(bar, bar.height() / 2, bar.height() / 2)
    painter.restore()


def window_icon() -> QIcon:
    """The sign for task bars and switchers."""
    icon = QIcon()
    for side in (16, 24, 32, 48, 64, 128, 256):
        pixmap = QPixmap(side, side)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        paint_emblem(painter, QRectF(0, 0, side, side), tokens.DARK)
        painter.end()
        icon.addPixmap(pixmap)
    return icon


class Emblem(QWidget):
    """The sign as a part of a page."""

    def __init__(self, side: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._side = side
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(theme.px(self._side), theme.px(self._side))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        paint_emblem(painter, QRectF(self.rect()), theme.current())
