"""Which stroke is training and which is validation."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.controls.drawing import brush
from gui.style import theme

_SAMPLE = 20
_GAP = 6
_BETWEEN = 16


class Legend(QWidget):
    """A piece of each stroke and its name, as they are drawn beside it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.shown = (True, True)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("Solid line: train. Dashed line with rings: validation."))

    def show_only(self, train: bool, validation: bool) -> None:
        """Leave out what is not drawn."""
        if (train, validation) != self.shown:
            self.shown = (train, validation)
            self.updateGeometry()
            self.update()

    def _words(self) -> list[tuple[int, str]]:
        words = ((0, self.tr("train")), (1, self.tr("validation")))
        return [(index, text) for index, text in words if self.shown[index]]

    def sizeHint(self) -> QSize:
        metrics = QFontMetrics(theme.font("hint"))
        each = [theme.px(_SAMPLE + _GAP) + metrics.horizontalAdvance(text) for _, text in self._words()]
        return QSize(sum(each) + theme.px(_BETWEEN) * max(0, len(each) - 1), theme.px(16))

    def paintEvent(self, event: QPaintEvent) -> None:
        worn = theme.current()
        painter = brush(self)
        painter.setFont(theme.font("hint"))
        left, middle = 0.0, self.height() / 2
        for index, text in self._words():
            right = left + theme.px(_SAMPLE)
            pen = QPen(worn.series[index], 1.5 if index else 2.0)
            pen.setCapStyle(Qt.PenCapStyle.FlatCap)
            painter.setPen(pen)
            centre = QPointF((left + right) / 2, middle)
            if index:
                painter.drawLine(QPointF(left, middle), QPointF(left + 5, middle))
                painter.drawLine(QPointF(right - 5, middle), QPointF(right, middle))
                painter.setBrush(worn.panel)
                painter.drawEllipse(centre, 3, 3)
            else:
                painter.drawLine(QPointF(left, middle), QPointF(right, middle))
            painter.setPen(worn.text2)
            words = QRectF(right + theme.px(_GAP), 0, self.width(), self.height())
            painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
            left = words.left() + painter.fontMetrics().horizontalAdvance(text) + theme.px(_BETWEEN)
