"""A plot of training curves that can be panned, zoomed and read: pyqtgraph's view in the design's look.

Import this only once there is something to draw: pyqtgraph takes a third of a second to load.
"""

from __future__ import annotations

import math
import time
from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QMouseEvent, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QSizePolicy, QWidget

from gui.plots.run_curves import Axis
from gui.plots.scale import Scale
from gui.plots.step_reader import StepReader
from gui.plots.strokes import Strokes
from gui.plots.trace import Trace, limits, reach
from gui.style import theme


class _Box(pg.ViewBox):
    """The wheel zooms along the steps alone; values follow. On an axis it zooms that axis."""

    def __init__(self) -> None:
        super().__init__(enableMenu=False, defaultPadding=0.0)
        self.disableAutoRange()
        self.setBorder(None)
        # points at an edge are drawn whole; the strokes cut their lines themselves
        self.setFlag(self.GraphicsItemFlag.ItemClipsChildrenToShape, False)

    def wheelEvent(self, event: Any, axis: int | None = None) -> None:
        super().wheelEvent(event, 0 if axis is None else axis)

    def mouseDragEvent(self, event: Any, axis: int | None = None) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            super().mouseDragEvent(event, axis)
        else:
            event.ignore()


class Plot(pg.PlotWidget):
    """Traces over steps, epochs or time. It follows the newest values until a person pans or zooms."""

    menu_wanted = Signal(object)
    """The global place where a context menu should open."""
    read = Signal(object)
    """The step that is read under the pointer, or None."""

    def __init__(self, name: str = "", parent: QWidget | None = None) -> None:
        self._bottom, self._left = Scale("bottom", "whole"), Scale("left", "even")
        self._box = _Box()
        super().__init__(
            parent=parent, viewBox=self._box, axisItems={"bottom": self._bottom, "left": self._left}
        )
        for unused in ("top", "right"):  # hidden as they are, they would be laid out anew at every move
            self.plotItem.getAxis(unused).unlinkFromView()
        self.plotItem.hideButtons()
        self.plotItem.setMenuEnabled(False, enableViewBoxMenu=None)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.strokes = Strokes(self._box)
        self.reader = StepReader(self, self._box, self.strokes)
        self.follows_steps = self.follows_values = True
        self._within = False  # while the plot itself moves its view
        self.painted_in = 0.0
        """Seconds that the last paint took."""
        self.setMouseTracking(True)
        self._box.sigRangeChanged.connect(self._ranged)
        self._box.sigResized.connect(self._ranged)
        self._box.sigRangeChangedManually.connect(self._moved_by_hand)
        theme.theme_changed.connect(self.dress)
        self.dress()

    # ------------------------------------------------------------------ what is shown

    @property
    def traces(self) -> list[Trace]:
        return self.strokes.traces

    def show_traces(self, traces: list[Trace], best: tuple[Trace, str] | None = None) -> None:
        """Draw these; call again whenever they have grown."""
        self.strokes.traces = traces
        self.strokes.best = best
        self.refresh()

    def set_log(self, log: bool) -> None:
        """Count values in powers of ten, or evenly."""
        if log != self.strokes.log or self._left.form != ("log" if log else "even"):
            self.strokes.log = log
            self._left.set_form("log" if log else "even")
            self.follows_values = True
            self.refresh()

    def set_axis(self, axis: Axis) -> None:
        """Count along steps, epochs or time."""
        self.strokes.axis = axis
        self._bottom.set_form("time" if axis == "time" else "whole")
        self.follows_steps = True
        self.refresh()

    def follow(self) -> None:
        """Show everything again and follow the newest values."""
        self.follows_steps = self.follows_values = True
        self.refresh()

    def refresh(self) -> None:
        """Take in what is new."""
        if not self.traces:
            return
        self._within = True
        left, right = self._box.viewRange()[0]
        end = reach(self.traces, self.strokes.axis)
        self._box.setLimits(xMin=0.0, xMax=max(end, right), minXRange=end * 1e-5)
        if self.follows_steps:
            left, right = 0.0, end
            self._box.setXRange(left, right, padding=0)
        self._fit_values(left, right)
        self._within = False
        self._stale()

    def _fit_values(self, left: float, right: float) -> None:
        if not self.follows_values:
            return
        log = self.strokes.log
        low, high = limits(self.traces, self.strokes.axis, left, right, log)
        if log:
            low, high = math.log10(low), math.log10(high)
        now = self._box.viewRange()[1]
        if (low, high) != tuple(now):
            self._box.setYRange(low, high, padding=0)

    def _ranged(self, *_: object) -> None:
        if self._within:
            return
        if self.traces and self.follows_values:
            self._within = True
            self._fit_values(*self._box.viewRange()[0])
            self._within = False
        self._stale()

    def _moved_by_hand(self, axes: Any) -> None:
        """A person panned or zoomed: keep what they look at."""
        self.follows_steps = self.follows_steps and not axes[0]
        self.follows_values = self.follows_values and not axes[1]

    def _stale(self) -> None:
        low, high = self._box.viewRange()[1]
        self.strokes.grid = self._left.marks(low, high, self._box.rect().height())
        self.strokes.stale()
        self.reader.refresh()

    # ------------------------------------------------------------------ reading

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        if event.buttons() == Qt.MouseButton.NoButton:
            self._read_at(event.position())

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.read_step(None)

    def _read_at(self, place: QPointF) -> None:
        inside = self._box.mapFromScene(self.mapToScene(place.toPoint()))
        rect = self._box.rect()
        if not self.traces or not rect.contains(inside):
            self.read_step(None)
            return
        left, right = self._box.viewRange()[0]
        along = left + inside.x() / rect.width() * (right - left)
        self.read_step(round(self.traces[0].run.step_at(self.strokes.axis, along)))

    def read_step(self, step: int | None) -> None:
        """Show the values of a step, or no longer any."""
        self.reader.read(step)
        self.read.emit(self.reader.step)

    # ------------------------------------------------------------------ hands

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.follow()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and right read the steps one after another, plus and minus zoom, 0 shows everything."""
        by = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        if by is not None and self.traces:
            last = max(trace.steps for trace in self.traces)
            self.read_step((self.reader.step or last) + by * (10 if event.modifiers() else 1))
        elif event.key() in {Qt.Key.Key_Plus, Qt.Key.Key_Equal, Qt.Key.Key_Minus}:
            self.follows_steps = False
            factor = 1.25 if event.key() == Qt.Key.Key_Minus else 0.8
            self._box.scaleBy(x=factor)
        elif event.key() == Qt.Key.Key_0:
            self.follow()
        elif event.key() == Qt.Key.Key_Escape and self.reader.step is not None:
            self.read_step(None)
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.menu_wanted.emit(event.globalPos())
        event.accept()

    def paintEvent(self, event: QPaintEvent) -> None:
        began = time.perf_counter()
        super().paintEvent(event)
        self.painted_in = time.perf_counter() - began

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if hasattr(self, "strokes"):  # Qt sizes the widget once before it is built
            self._stale()

    def dress(self) -> None:
        """Take the colours of the theme of now."""
        self.setBackground(theme.current().panel)
        self._bottom.dress()
        self._left.dress()
        self.plotItem.layout.setContentsMargins(theme.px(4), theme.px(4), theme.px(12), 0)
        self._stale()
