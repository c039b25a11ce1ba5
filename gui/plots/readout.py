"""The card that tells the exact values under the pointer."""

from __future__ import annotations

from typing import Literal

from attrs import frozen
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPaintEvent
from PySide6.QtWidgets import QWidget

from gui.controls.drawing import brush, frame
from gui.style import theme
from gui.text.words import figure, plain


@frozen
class ReadoutRow:
    """One value of the card. `epoch` says at the end of which epoch a validation was made."""

    what: Literal["train", "smoothed", "validation"]
    colour: QColor
    value: float
    epoch: float = 0.0


class ReadoutCard(QWidget):
    """Floats over a plot and lets the pointer through."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._head = ""
        self._rows: list[tuple[QColor, str, str]] = []
        self.hide()

    def show_rows(self, head: str, rows: list[ReadoutRow]) -> None:
        """Show a headline and values."""
        self._head = head
        self._rows = [(row.colour, self._words(row), figure(row.value, 4)) for row in rows]
        self.setAccessibleName("; ".join([head, *(f"{words} {value}" for _, words, value in self._rows)]))
        self.resize(self.sizeHint())
        self.update()

    def text(self) -> str:
        """What the card says, one row a line."""
        return "\n".join([self._head, *(f"{words}\t{value}" for _, words, value in self._rows)])

    def _words(self, row: ReadoutRow) -> str:
        if row.what == "train":
            return self.tr("train")
        if row.what == "smoothed":
            return self.tr("smoothed")
        return self.tr("validation, epoch {epoch}").format(epoch=plain(row.epoch))

    def _row(self) -> int:
        return theme.px(16)

    def sizeHint(self) -> QSize:
        body, value = QFontMetrics(theme.font("hint")), QFontMetrics(theme.font("value"))
        widest = max((body.horizontalAdvance(words) for _, words, _ in self._rows), default=0)
        figures = max((value.horizontalAdvance(text) for _, _, text in self._rows), default=0)
        width = max(widest + figures + theme.px(15 + 16), body.horizontalAdvance(self._head)) + theme.px(20)
        return QSize(max(width, theme.px(150)), self._row() * (len(self._rows) + 1) + theme.px(14))

    def paintEvent(self, event: QPaintEvent) -> None:
        worn = theme.current()
        painter = brush(self)
        frame(painter, QRectF(self.rect()), theme.CARD_CORNER, worn.tip, worn.line2)
        left, right = theme.px(10), self.width() - theme.px(10)
        flags, vertical = Qt.AlignmentFlag, Qt.AlignmentFlag.AlignVCenter
        top = theme.px(7)
        painter.setFont(theme.font("hint"))
        painter.setPen(worn.text2)
        painter.drawText(QRectF(left, top, right - left, self._row()), flags.AlignLeft | vertical, self._head)
        for colour, words, value in self._rows:
            top += self._row()
            line = QRectF(left + theme.px(15), top, right - left - theme.px(15), self._row())
            side = theme.px(8)
            mark = QRectF(left, round(line.center().y() - side / 2), side, side)
            frame(painter, mark, 2, colour)
            painter.setFont(theme.font("hint"))
            painter.setPen(worn.text2)
            painter.drawText(line, flags.AlignLeft | vertical, words)
            painter.setFont(theme.font("value"))
            painter.setPen(worn.text1)
            painter.drawText(line, flags.AlignRight | vertical, value)
