"""Lines as the painter takes them: unbroken stretches, single pieces, dashes. In pixels."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QLineF
from PySide6.QtGui import QPainter, QPolygonF
from shiboken6 import wrapInstance

_DASH, _GAP = 5.0, 3.0


def unbroken(x: np.ndarray, y: np.ndarray) -> Iterator[QPolygonF]:
    """The line, cut where a value is missing."""
    there = np.isfinite(y)
    if there.all():
        yield pg.functions.arrayToQPolygonF(x, y)
        return
    for piece in np.split(np.arange(len(y)), np.flatnonzero(np.diff(there)) + 1):
        if len(piece) and there[piece[0]]:
            yield pg.functions.arrayToQPolygonF(x[piece], y[piece])


class Pieces:
    """A line in single pieces. A wide polyline of many points costs Qt twenty times as much."""

    def __init__(self, ends: np.ndarray) -> None:
        self.ends = np.ascontiguousarray(ends, np.float64)

    def draw(self, painter: QPainter) -> None:
        """Draw them with the painter's pen. Qt reads them where they lie: objects of Python would cost
        more.
        """
        if len(self.ends):
            painter.drawLines(wrapInstance(self.ends.ctypes.data, QLineF), len(self.ends))


def between(x: np.ndarray, y: np.ndarray) -> Pieces:
    """The pieces between points that follow each other, none where a value is missing."""
    there = np.isfinite(y[:-1]) & np.isfinite(y[1:])
    return Pieces(np.stack((x[:-1], y[:-1], x[1:], y[1:]), 1)[there])


def dashes(x: np.ndarray, y: np.ndarray, width: float) -> Pieces:
    """The line in dashes of 5 px and gaps of 3, as far as it is seen."""
    known = np.isfinite(y)
    x, y = x[known], y[known]
    if len(x) < 2 or x[0] > width or x[-1] < 0:
        return Pieces(np.empty((0, 4)))
    # the line as far as it is seen, with a corner at either edge where it is cut
    edges = [edge for edge in (0.0, width) if x[0] < edge < x[-1]]
    across = np.sort(np.concatenate((x[(x >= 0) & (x <= width)], edges)))
    down = np.interp(across, x, y)
    # how long the line is up to each corner; dashes are counted along it, so corners lie within them
    along = np.concatenate(([0.0], np.cumsum(np.hypot(np.diff(across), np.diff(down)))))
    starts = np.arange(0.0, along[-1], _DASH + _GAP)
    cuts = np.sort(np.concatenate((along, starts, starts + _DASH)))
    cuts = cuts[cuts <= along[-1]]
    # a piece lies within a dash or within a gap, as its middle does
    drawn = (cuts[:-1] + cuts[1:]) / 2 % (_DASH + _GAP) < _DASH
    ends = np.stack((np.interp(cuts, along, across), np.interp(cuts, along, down)), 1)
    return Pieces(np.concatenate((ends[:-1], ends[1:]), 1)[drawn])
