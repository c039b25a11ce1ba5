"""Draws the traces of a plot, in its own pixels: grid, raw and smoothed lines, validation, and the best
epoch.
"""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from attrs import frozen
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from gui.plots.changes import change_words
from gui.plots.pieces import Pieces, between, dashes, unbroken
from gui.plots.run_curves import Axis
from gui.plots.trace import Trace
from gui.style import theme, tokens

RAW_SHARE = 0.22
_POINT = 6.0
_CLOSEST = 9.0  # px between points; nearer ones would run into each other and only their line is drawn


@frozen
class ViewRange:
    """The stretch of both axes that is seen. `bottom` and `top` are powers of ten where `log`."""

    axis: Axis
    left: float
    right: float
    bottom: float
    top: float
    log: bool


@frozen(eq=False)
class Drawn:
    """One trace, thinned and in pixels."""

    raw: tuple[QPolygonF, ...]
    smoothed: Pieces
    dashed: Pieces
    points: tuple[QPointF, ...]
    colour: QColor
    checked: QColor


class Strokes(pg.GraphicsObject):
    """Lies in a view box, in its pixels. What is drawn is worked out once for each change of data or view."""

    def __init__(self, box: pg.ViewBox) -> None:
        super().__init__()
        self.setParentItem(box)
        self.box = box
        self.traces: list[Trace] = []
        self.axis: Axis = "epoch"
        self.log = True
        self.grid: list[float] = []
        self.best: tuple[Trace, str] | None = None
        self._drawn: list[Drawn] | None = None
        self._rect = QRectF()

    # ------------------------------------------------------------------ geometry

    @property
    def view(self) -> ViewRange:
        (left, right), (bottom, top) = self.box.viewRange()
        return ViewRange(self.axis, left, right, bottom, top, self.log)

    def stale(self) -> None:
        """Draw anew: data or view changed."""
        rect = QRectF(self.box.rect())
        if rect != self._rect:
            self.prepareGeometryChange()
            self._rect = rect
        self._drawn = None
        self.update()

    def boundingRect(self) -> QRectF:
        return self._rect.adjusted(-_POINT, -_POINT, _POINT, _POINT)

    def across(self, along: np.ndarray) -> np.ndarray:
        """Pixels from the left edge."""
        view = self.view
        return (np.asarray(along, np.float64) - view.left) * (self._rect.width() / (view.right - view.left))

    def down(self, values: np.ndarray) -> np.ndarray:
        """Pixels from the top edge, no further out than a little beyond either edge."""
        view, height = self.view, self._rect.height()
        values = np.asarray(values, np.float64)
        if self.log:
            with np.errstate(divide="ignore", invalid="ignore"):
                values = np.where(values > 0, np.log10(values), np.where(np.isnan(values), np.nan, -400.0))
        pixels = (view.top - values) * (height / (view.top - view.bottom))
        return np.clip(pixels, -8.0, height + 8.0)

    # ------------------------------------------------------------------ painting

    def paint(self, painter: QPainter, option: object, widget: object = None) -> None:
        worn = theme.current()
        if self._rect.isEmpty():
            return
        painter.setClipRect(self._rect)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        self._paint_grid(painter)
        if self._drawn is None:
            self._drawn = [self._thinned(trace) for trace in self.traces]
        for drawn in self._drawn:
            painter.setPen(QPen(tokens.mixed(worn.panel, drawn.colour, RAW_SHARE if worn.tints else 0.5), 0))
            for polygon in drawn.raw:
                painter.drawPolyline(polygon)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        for drawn in self._drawn:
            painter.setPen(_pen(drawn.colour, 2.0, Qt.PenCapStyle.SquareCap))
            drawn.smoothed.draw(painter)
        for drawn in self._drawn:
            painter.setPen(_pen(drawn.checked, 1.5))
            drawn.dashed.draw(painter)
        painter.setClipping(False)
        for drawn in self._drawn:
            self._paint_points(painter, drawn)
        self._paint_changes(painter)
        self._paint_best(painter)

    def _paint_changes(self, painter: QPainter) -> None:
        """A line where a person changed how the training goes on, with words at its foot."""
        run = self.traces[0].run if self.traces else None
        worn = theme.current()
        painter.setFont(theme.font("hint"))
        metrics = painter.fontMetrics()
        for change in run.changes if run is not None else ():
            x = round(float(self.across(run.along(self.axis, change.step)))) + 0.5
            if not 0 <= x <= self._rect.width():
                continue
            pen = _pen(worn.text3, 1.0)
            pen.setDashPattern([4.0, 3.0])
            painter.setPen(pen)
            painter.drawLine(QPointF(x, 0), QPointF(x, self._rect.height()))
            words = change_words(change)
            width, height = metrics.horizontalAdvance(words) + theme.px(6), metrics.height() + theme.px(2)
            left = x + theme.px(4) if x + width < self._rect.width() else x - width
            box = QRectF(left, self._rect.height() - height, width, height)
            painter.fillRect(box, worn.panel)
            painter.setPen(worn.text2)
            painter.drawText(box, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, words)

    def _paint_grid(self, painter: QPainter) -> None:
        painter.setPen(QPen(theme.current().line, 0))
        view, height = self.view, self._rect.height()
        for value in self.grid:
            y = round((view.top - value) / (view.top - view.bottom) * height)
            painter.drawLine(0, y, round(self._rect.width()), y)

    def _paint_points(self, painter: QPainter, drawn: Drawn) -> None:
        painter.setPen(_pen(drawn.checked, 1.5))
        painter.setBrush(theme.current().panel)
        for point in drawn.points:
            painter.drawEllipse(point, _POINT / 2, _POINT / 2)
        painter.setBrush(Qt.BrushStyle.NoBrush)

    def _paint_best(self, painter: QPainter) -> None:
        """A dotted line at the best epoch, a diamond at its value, and words beside the line."""
        if self.best is None or self.best[0].run.best is None:
            return
        trace, words = self.best
        best = trace.run.best
        x = float(self.across(trace.run.along(self.axis, best.step)))
        if not -1 <= x <= self._rect.width() + 1:
            return
        value = best.validation.get(trace.name)
        y = None if value is None else float(self.down(value))
        x = round(x) + 0.5
        pen = _pen(theme.current().success, 1.5)
        pen.setDashPattern([1.0, 2.0])
        painter.setPen(pen)
        painter.drawLine(QPointF(x, 0), QPointF(x, self._rect.height()))
        if y is not None and 0 <= y <= self._rect.height():
            self._paint_diamond(painter, x, y)
        self._paint_best_words(painter, x, y, words)

    @staticmethod
    def _paint_diamond(painter: QPainter, x: float, y: float) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.current().success)
        reach = _POINT / 2 + 2.5
        corners = ((0, -reach), (reach, 0), (0, reach), (-reach, 0))
        painter.drawPolygon(QPolygonF([QPointF(x + dx, y + dy) for dx, dy in corners]))
        painter.setBrush(Qt.BrushStyle.NoBrush)

    def _paint_best_words(self, painter: QPainter, x: float, y: float | None, words: str) -> None:
        """On a ground of their own, so that no line runs through them."""
        worn = theme.current()
        painter.setFont(theme.font("hint"))
        width = painter.fontMetrics().horizontalAdvance(words) + theme.px(6)
        box = self.place_beside(x, y, width, painter.fontMetrics().height() + theme.px(2))
        painter.setPen(worn.success)
        painter.fillRect(box.adjusted(-2, 0, -2, 0), worn.panel)
        painter.drawText(box, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, words)

    def place_beside(self, x: float, y: float | None, width: float, height: float) -> QRectF:
        """A place for words beside an upright line with a diamond on it, where they cover least of what is
        drawn; before all at the end that is farther from the diamond, and left of the line.
        """
        near, far = theme.px(2), self._rect.height() - height - theme.px(2)
        ends = (far, near) if y is not None and y < self._rect.height() / 2 else (near, far)
        midway = (near + (far - near) * part for part in (0.5, 0.25, 0.75))
        tops = [top for top in (*ends, *midway) if y is None or abs(top + height / 2 - y) > height]
        right = x + theme.px(6)
        lefts = [left for left in (x - width, right) if 0 <= left <= self._rect.width() - width] or [right]
        boxes = [QRectF(left, top, width, height) for top in tops or ends for left in lefts]
        return min(boxes, key=self.covered)

    def covered(self, box: QRectF) -> int:
        """How many of the pieces that the lines are made of meet a box."""
        ends = [piece.ends for drawn in self._drawn or () for piece in (drawn.smoothed, drawn.dashed)]
        x0, y0, x1, y1 = np.concatenate([np.empty((0, 4)), *ends]).T
        across = (np.minimum(x0, x1) < box.right()) & (np.maximum(x0, x1) > box.left())
        down = (np.minimum(y0, y1) < box.bottom()) & (np.maximum(y0, y1) > box.top())
        return int(np.count_nonzero(across & down))

    # ------------------------------------------------------------------ working out

    def _thinned(self, trace: Trace) -> Drawn:
        """A trace with no more points than there are columns of pixels."""
        view, columns = self.view, max(2, int(self._rect.width()))
        train, checked = colours(trace.series)
        raw: tuple[QPolygonF, ...] = ()
        smoothed = dashed = Pieces(np.empty((0, 4)))
        line = trace.line
        if line is not None:
            first, last = trace.stretch(view.axis, view.left, view.right)
            x, y = self._pixels(trace, *line.thinned(first, last, columns))
            raw = tuple(unbroken(np.floor(x), np.floor(y)))
            # a third of the columns: they keep the extremes, and a running mean has no spikes between them
            smoothed = between(*self._pixels(trace, *line.thinned(first, last, columns // 3, smoothed=True)))
        points: tuple[QPointF, ...] = ()
        if trace.points is not None:
            steps, values = trace.points.thinned(columns)
            x, y = self._pixels(trace, steps - 1, values)
            dashed = dashes(x, y, self._rect.width())
            inside = (x >= -1) & (x <= columns + 1) & (y >= -1) & (y <= self._rect.height() + 1)
            if np.count_nonzero(inside) * _CLOSEST <= columns:
                points = tuple(QPointF(a, b) for a, b in zip(x[inside], y[inside], strict=True))
        return Drawn(raw, smoothed, dashed, points, train, checked)

    def _pixels(self, trace: Trace, indices: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return self.across(trace.run.along(self.axis, indices + 1)), self.down(values)


def colours(series: int) -> tuple[QColor, QColor]:
    """The colours of a run's training and validation: series 1 and 2, further runs 3, 4, then the same
    at half.
    """
    worn = theme.current()
    if series == 0:
        return worn.series[0], worn.series[1]
    colour = worn.series[2 + (series - 1) % 2]
    colour = colour if series <= 2 else tokens.mixed(worn.panel, colour, 0.5)
    return colour, colour


def _pen(colour: QColor, width: float, cap: Qt.PenCapStyle = Qt.PenCapStyle.FlatCap) -> QPen:
    pen = QPen(colour, width)
    pen.setCapStyle(cap)
    return pen
