"""The axes of a plot: round marks in the design's ink, no line and no frame."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter

from gui.plots import ticks
from gui.style import theme

_BEYOND = 24
"""Px that the number of a mark may reach beyond either end of its axis."""
Marks = Literal["even", "log", "whole", "time"]


class Scale(pg.AxisItem):
    """An axis whose marks are round values. A logarithmic one counts in powers of ten."""

    def __init__(self, orientation: str, form: Marks = "even") -> None:
        super().__init__(orientation, showValues=False)
        self.form: Marks = form
        self.setStyle(hideOverlappingLabels=theme.px(_BEYOND))  # what is painted beyond would be cut
        self.dress()

    def set_form(self, form: Marks) -> None:
        if form != self.form:
            self.form = form
            self.update()

    def dress(self) -> None:
        """Take the room that the text needs now."""
        if self.orientation == "left":
            self.setWidth(theme.px(46))
        else:
            self.setHeight(theme.px(24))
        self.update()

    def updateAutoSIPrefix(self) -> None:
        """Draw anew and no more: pyqtgraph would lay out the axis' label at every move, and there is none."""
        self.update()

    def marks(self, low: float, high: float, length: float) -> list[float]:
        """The places of the marks between two ends of the view, `length` px apart."""
        if self.form == "log":
            exponents = (max(-300.0, low), min(300.0, high))
            values = ticks.logarithmic(10.0 ** exponents[0], 10.0 ** exponents[1], _most(length, 30, 5))
            return [float(np.log10(value)) for value in values]
        if self.form == "whole":
            return ticks.whole(low, high, _most(length, 70, 8))
        if self.form == "time":
            return ticks.clock(low, high, _most(length, 70, 8))
        return ticks.even(low, high, _most(length, 30, 5))

    def texts(self, marks: list[float]) -> list[str]:
        """How the marks are written."""
        if self.form == "log":
            return ticks.written_each([float(f"{10.0**value:.3g}") for value in marks])
        if self.form == "time":
            return ticks.written_clock(marks)
        return ticks.written(marks)

    def paint(self, painter: QPainter, option: object, widget: object = None) -> None:
        """Marks alone. pyqtgraph's own way, with lines and ticks, takes ten times as long."""
        size, (low, high) = self.size(), self.range
        upright = self.orientation == "left"
        length = size.height() if upright else size.width()
        if length <= 0 or high <= low:
            return
        marks = self.marks(low, high, length)
        painter.setFont(theme.font("hint"))
        painter.setPen(theme.current().text3)
        for mark, text in zip(marks, self.texts(marks), strict=True):
            along = (mark - low) / (high - low) * length
            if upright:
                box = QRectF(0, length - along - 10, size.width() - theme.px(8), 20)
                painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)
            else:
                half = painter.fontMetrics().horizontalAdvance(text) / 2
                middle = min(max(along, half - theme.px(_BEYOND)), length + theme.px(10) - half)
                box = QRectF(middle - 100, theme.px(6), 200, size.height() - theme.px(6))
                painter.drawText(box, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop, text)


def _most(length: float, room: float, most: int) -> int:
    return int(max(2, min(most, length // theme.px(room))))
