"""A window of a series whose points can be pulled up and down, and what the network says comes next."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from engine.data.schema import Column
from gui.controls.drawing import KeyFocus, brush, ring
from gui.panels.predict.sample_view import SampleView
from gui.plots import ticks
from gui.style import theme


class SeriesView(SampleView):
    """The first quantity of the window as a line; what may come next as rings one step after it."""

    def __init__(self, column: Column, parent: QWidget | None = None) -> None:
        super().__init__(column, parent)
        self.next: list[tuple[float, str]] = []
        self._pulled: int | None = None
        self._chosen = column.shape[0] - 1
        self._range = (0.0, 1.0)
        self.setMinimumSize(theme.px(280), theme.px(96))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(self.tr("Window of the series"))
        self.setToolTip(self.tr("Pull a point up or down. Arrow keys choose a point and move it."))
        self._key_focus = KeyFocus(self)

    def sizeHint(self) -> QSize:
        return QSize(theme.px(520), theme.px(150))

    def show_values(self, values: np.ndarray) -> None:
        super().show_values(values)
        self.next = []
        self._fit()
        self.update()

    def show_points(self, points: list[tuple[float, str]]) -> None:
        self.next = points
        if self._pulled is None:
            self._fit()
        self.update()

    # ------------------------------------------------------------------ geometry

    def _fit(self) -> None:
        known = [*self.values[:, 0].tolist(), *(value for value, _ in self.next)]
        low, high = min(known), max(known)
        if self.column.lo is not None:
            low = min(low, self.column.lo)
        spare = (high - low) * 0.08 or 1.0
        self._range = (low, high + spare)

    def _plot(self) -> QRectF:
        return QRectF(self.rect()).adjusted(theme.px(40), theme.px(8), -theme.px(12), -theme.px(10))

    def point(self, step: int, value: float) -> QPointF:
        """Where a value stands; the step after the last is what comes next."""
        plot, (low, high) = self._plot(), self._range
        x = plot.left() + plot.width() * step / max(1, self.column.shape[0])
        return QPointF(x, plot.bottom() - (value - low) / (high - low) * plot.height())

    def _value_at(self, y: float) -> float:
        plot, (low, high) = self._plot(), self._range
        return self._legal(low + (plot.bottom() - y) / plot.height() * (high - low))

    def _legal(self, value: float) -> float:
        low = -np.inf if self.column.lo is None else self.column.lo
        high = np.inf if self.column.hi is None else self.column.hi
        return float(np.clip(value, low, high))

    def _step_at(self, x: float) -> int:
        plot, steps = self._plot(), self.column.shape[0]
        return int(np.clip(round((x - plot.left()) / plot.width() * steps), 0, steps - 1))

    # ------------------------------------------------------------------ hands

    def _set(self, step: int, value: float) -> None:
        values = self.values.copy()
        values[step, 0] = value
        self._edit(values)
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._pulled = self._chosen = self._step_at(event.position().x())
            self._set(self._pulled, self._value_at(event.position().y()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._pulled is not None:
            self._set(self._pulled, self._value_at(event.position().y()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._pulled = None
        self._fit()
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        across = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        up = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1}.get(Qt.Key(event.key()))
        if across is not None:
            self._chosen = int(np.clip(self._chosen + across, 0, self.column.shape[0] - 1))
            self.update()
        elif up is not None:
            by = up * (self._range[1] - self._range[0]) / 50
            self._set(self._chosen, self._legal(float(self.values[self._chosen, 0]) + by))
            self._fit()
        else:
            super().keyPressEvent(event)

    # ------------------------------------------------------------------ painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = brush(self)
        self._paint_grid(painter)
        worn, steps = theme.current(), self.column.shape[0]
        points = [self.point(step, float(self.values[step, 0])) for step in range(steps)]
        painter.setPen(QPen(worn.series[0], 2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolyline(QPolygonF(points))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(worn.series[0])
        for step, point in enumerate(points):
            chosen = step == self._chosen and (self._pulled is not None or self._key_focus.shown())
            reach = 4.5 if chosen else 2.5
            painter.drawEllipse(point, reach, reach)
        painter.setBrush(worn.panel)
        for value, token in self.next:
            painter.setPen(QPen(_ink(token), 1.5))
            painter.drawEllipse(self.point(steps, value), 4, 4)
        if self._key_focus.shown():
            ring(painter, QRectF(self.rect()), theme.CORNER)

    def _paint_grid(self, painter: QPainter) -> None:
        worn, plot = theme.current(), self._plot()
        painter.setFont(theme.font("hint"))
        marks = ticks.even(*self._range, 4)
        for value, text in zip(marks, ticks.written(marks), strict=True):
            y = round(self.point(0, value).y()) + 0.5
            painter.setPen(QPen(worn.line, 1))
            painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y))
            painter.setPen(worn.text3)
            box = QRectF(0, y - theme.px(8), plot.left() - theme.px(8), theme.px(16))
            painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)


def _ink(token: str) -> QColor:
    """The colour of a token, or of a series: "series 1" is the first."""
    worn = theme.current()
    if token.startswith("series "):
        return worn.series[int(token[7:]) - 1]
    colour: QColor = getattr(worn, token)
    return colour
