"""The axes of a plot: round marks in the design's ink, no line and no frame."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pyqtgraph as pg

from gui import theme
from gui.plots import ticks

Form = Literal["even", "log", "whole", "time"]


class Scale(pg.AxisItem):
    """An axis whose marks are round values. A logarithmic one counts in powers of ten."""

    def __init__(self, orientation: str, form: Form = "even") -> None:
        super().__init__(orientation, pen=None, tickPen=None, maxTickLength=0, showValues=True)
        self.form: Form = form
        self.enableAutoSIPrefix(False)
        self.dress()

    def set_form(self, form: Form) -> None:
        if form != self.form:
            self.form = form
            self.picture = None
            self.update()

    def dress(self) -> None:
        """Take colours, font and room from the theme of now."""
        worn = theme.current()
        none = pg.mkPen(None)
        self.setPen(none)
        self.setTickPen(none)
        self.setTextPen(worn.text3)
        self.setStyle(
            tickFont=theme.font("hint"),
            tickTextOffset=theme.px(8),
            autoExpandTextSpace=False,
            hideOverlappingLabels=False,
        )
        if self.orientation == "left":
            self.setWidth(theme.px(46))
        else:
            self.setHeight(theme.px(24))

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

    def tickValues(self, minVal: float, maxVal: float, size: float) -> list[tuple[float, list[float]]]:
        return [(1.0, self.marks(min(minVal, maxVal), max(minVal, maxVal), size))]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        if self.form == "log":
            return ticks.written_each([float(f"{10.0**value:.3g}") for value in values])
        if self.form == "time":
            return ticks.written_clock(values)
        return ticks.written(values)


def _most(length: float, room: float, most: int) -> int:
    return int(max(2, min(most, length // theme.px(room))))
