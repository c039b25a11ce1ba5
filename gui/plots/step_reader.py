"""The values of one step of a plot: a line under the pointer, and a card that tells them."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QCoreApplication, QPointF, QRectF
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QGraphicsView

from gui.plots.readout import ReadoutCard, ReadoutRow
from gui.plots.strokes import Strokes, colours
from gui.plots.trace import Trace
from gui.style import theme


class _Cursor(pg.GraphicsObject):
    """The line under the pointer, one pixel wide, in pixels of its view box."""

    def __init__(self, box: pg.ViewBox) -> None:
        super().__init__()
        self.setParentItem(box)
        self.setZValue(10)
        self.box = box
        self.hide()

    def boundingRect(self) -> QRectF:
        return QRectF(-1, 0, 3, max(1.0, self.box.rect().height()))

    def paint(self, painter: QPainter, option: object, widget: object = None) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(QPen(theme.current().text2, 0))
        painter.drawLine(QPointF(0, 0), QPointF(0, self.box.rect().height()))


class StepReader:
    """Shows the values of the step that is read, and follows what the view shows."""

    def __init__(self, plot: QGraphicsView, box: pg.ViewBox, strokes: Strokes) -> None:
        self._plot, self._box, self._strokes = plot, box, strokes
        self.step: int | None = None
        """The step whose values are shown, if any."""
        self._cursor = _Cursor(box)
        self.card = ReadoutCard(plot)

    def read(self, step: int | None) -> None:
        """Show the values of a step, the nearest one that there is, or no longer any."""
        last = max((trace.steps for trace in self._strokes.traces), default=0)
        self.step = None if step is None or not last else min(max(1, step), last)
        self.refresh()

    def refresh(self) -> None:
        """Show them as the view and the values are now."""
        x = self._across()
        if self.step is None or x is None:
            self._cursor.hide()
            self.card.hide()
            return
        self._cursor.setPos(round(x), 0)
        self._cursor.show()
        values = [row for trace in self._strokes.traces for row in rows(trace, self.step)]
        self.card.show_rows(self._headline(self.step), values)
        place = self._plot.mapFromScene(self._box.mapToScene(QPointF(x, 0)))
        left = place.x() + theme.px(10)
        if left + self.card.width() > self._plot.width():
            left = place.x() - theme.px(10) - self.card.width()
        self.card.move(max(0, left), place.y() + theme.px(4))
        self.card.show()

    def _across(self) -> float | None:
        """Where the step stands, in pixels of the view; None where it is out of sight."""
        if self.step is None:
            return None
        run = self._strokes.traces[0].run
        x = float(self._strokes.across(run.along(self._strokes.axis, self.step)))
        return x if 0 <= x <= self._box.rect().width() else None

    def _headline(self, step: int) -> str:
        epoch = float(self._strokes.traces[0].run.along("epoch", step))
        text = QCoreApplication.translate("Plot", "epoch {epoch} · step {step}")
        return text.format(epoch=f"{epoch:.1f}", step=f"{step:,}")


def rows(trace: Trace, step: int) -> list[ReadoutRow]:
    """What is known of a step: its value, the running mean there, and the validation before it."""
    train, checked = colours(trace.series)
    shown: list[ReadoutRow] = []
    line, points = trace.line, trace.points
    if line is not None and step <= len(line):
        shown.append(ReadoutRow("train", train, float(line.raw.values[step - 1])))
        if line.smoothing > 0:
            shown.append(ReadoutRow("smoothed", train, float(line.means(step - 1, step)[0])))
    before = points.before(step) if points is not None else None
    if points is not None and before is not None:
        epoch = float(np.round(points.epochs.values[before], 1))
        shown.append(ReadoutRow("validation", checked, float(points.values.values[before]), epoch))
    return shown
