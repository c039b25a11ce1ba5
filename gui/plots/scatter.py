"""Points in the plane, coloured by their class."""

from __future__ import annotations

import numpy as np
from attrs import frozen
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter

from engine.data.prepare import Prepared
from gui.style import theme

MOST = 1000
"""Points that are drawn; of more, the first."""


@frozen(eq=False)
class Scatter:
    """Points n×2 in their own units, and the class of each, from 0."""

    points: np.ndarray
    classes: np.ndarray

    @property
    def bounds(self) -> QRectF:
        """What is in sight: all points with some room around them, as wide as high in their units."""
        low, high = self.points.min(0), self.points.max(0)
        middle, side = (low + high) / 2, float((high - low).max()) * 1.1 or 1.0
        return QRectF(middle[0] - side / 2, middle[1] - side / 2, side, side)


def scatter_of(prepared: Prepared, name: str) -> Scatter | None:
    """The points of the training part, where a column holds two numbers and the target is a class."""
    schema = prepared.schema
    target = schema.columns[schema.target]
    if schema.columns[name].shape != (2,) or schema.columns[name].dtype != "float":
        return None
    if not target.classes or target.shape:
        return None
    first = prepared.train.batch(slice(0, MOST), {name, target.name})
    return Scatter(prepared.decode(name, first[name]), first[target.name])


def on_screen(area: QRectF, bounds: QRectF, x: float, y: float) -> QPointF:
    """Where a point of the plane lies in an area of the screen; y goes upwards."""
    across, up = (x - bounds.left()) / bounds.width(), (y - bounds.top()) / bounds.height()
    return QPointF(area.left() + across * area.width(), area.bottom() - up * area.height())


def in_plane(area: QRectF, bounds: QRectF, place: QPointF) -> tuple[float, float]:
    """The point of the plane at a place of the screen."""
    across, up = (place.x() - area.left()) / area.width(), (area.bottom() - place.y()) / area.height()
    return bounds.left() + across * bounds.width(), bounds.top() + up * bounds.height()


def square(rect: QRectF) -> QRectF:
    """The largest square at the left of an area, half way down."""
    side = min(rect.width(), rect.height())
    return QRectF(rect.left(), rect.center().y() - side / 2, side, side)


def paint(painter: QPainter, area: QRectF, scatter: Scatter, reach: float = 2.0) -> None:
    """Draw the points as dots; of many classes some share a colour."""
    worn, bounds = theme.current(), scatter.bounds
    painter.setPen(Qt.PenStyle.NoPen)
    for (x, y), one in zip(scatter.points.tolist(), scatter.classes.tolist(), strict=True):
        painter.setBrush(worn.series[int(one) % len(worn.series)])
        painter.drawEllipse(on_screen(area, bounds, x, y), reach, reach)
