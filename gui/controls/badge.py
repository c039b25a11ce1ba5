"""Small signs beside words: how many there are, and which key does it."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QKeySequence, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.controls.drawing import brush, frame
from gui.style import theme


def keys_text(keys: QKeySequence | QKeySequence.StandardKey | str) -> str:
    """How a shortcut is written beside its action: `Ctrl K`, on a Mac `⌘K`."""
    text = QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText)
    return text.removesuffix("+").replace("+", " ") + ("+" if text.endswith("+") else "")


def paint_key(painter: QPainter, right: float, centre: float, text: str, ink: QColor, edge: QColor) -> float:
    """Draw a key's badge that ends at x = `right`. Gives back its left edge."""
    painter.setFont(theme.font("hint"))
    width = painter.fontMetrics().horizontalAdvance(text) + theme.px(10)
    height = theme.px(18)
    rect = QRectF(round(right - width), round(centre - height / 2), width, height)
    frame(painter, rect, 4, None, edge)
    painter.setPen(ink)
    painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, text)
    return rect.left()


def paint_count(painter: QPainter, left: float, centre: float, text: str) -> float:
    """Draw a count's badge that begins at x = `left`. Gives back its right edge."""
    worn = theme.current()
    painter.setFont(theme.font("hint"))
    rect = QRectF(left, round(centre - theme.px(16) / 2), count_width(text), theme.px(16))
    frame(painter, rect, rect.height() / 2, worn.raised, None if worn.dark else worn.line)
    painter.setPen(worn.text2)
    painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, text)
    return rect.right()


def count_width(text: str) -> int:
    """How wide the badge of a count is, in px."""
    return max(theme.px(16), QFontMetrics(theme.font("hint")).horizontalAdvance(text) + theme.px(12))


class _TextBadge(QWidget):
    def __init__(self, text: str, parent: QWidget | None) -> None:
        super().__init__(parent)
        self._text = text
        self.setAccessibleName(text)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def text(self) -> str:
        return self._text

    def set_text(self, text: str) -> None:
        self._text = text
        self.setAccessibleName(text)
        self.updateGeometry()
        self.update()


class Badge(_TextBadge):
    """A count in a pill."""

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, parent)

    def sizeHint(self) -> QSize:
        return QSize(count_width(self._text), theme.px(16))

    def paintEvent(self, event: QPaintEvent) -> None:
        paint_count(brush(self), 0, self.height() / 2, self._text)


class KeyBadge(_TextBadge):
    """The key that does what stands before it."""

    def __init__(
        self, keys: QKeySequence | QKeySequence.StandardKey | str, parent: QWidget | None = None
    ) -> None:
        super().__init__(keys_text(keys) or str(keys), parent)

    def sizeHint(self) -> QSize:
        width = QFontMetrics(theme.font("hint")).horizontalAdvance(self._text) + theme.px(10)
        return QSize(width, theme.px(18))

    def paintEvent(self, event: QPaintEvent) -> None:
        worn = theme.current()
        paint_key(brush(self), self.width(), self.height() / 2, self._text, worn.text3, worn.line2)
