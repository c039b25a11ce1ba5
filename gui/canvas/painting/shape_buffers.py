"""Many rectangles or lines in one call: their numbers lie in an array that Qt reads directly."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import QLineF, QRectF
from shiboken6 import Shiboken


class ShapeBuffer:
    """Room for shapes of one class. Fill `numbers(n)`, then hand `shapes(n)` to the painter.

    The shapes are views into the array: nothing is built again for a frame, only numbers are written.
    """

    def __init__(self, shape: type, width: int) -> None:
        self._shape, self._width = shape, width
        self._numbers = np.zeros((0, width))
        self._shapes: list[Any] = []

    def numbers(self, count: int) -> np.ndarray:
        """The array of that many shapes, to be written."""
        if count > len(self._numbers):
            self._numbers = np.zeros((max(64, count * 5 // 4), self._width))
            start, step = self._numbers.ctypes.data, self._width * 8
            self._shapes = [
                Shiboken.wrapInstance(start + i * step, self._shape) for i in range(len(self._numbers))
            ]
        return self._numbers[:count]

    def shapes(self, count: int) -> list[Any]:
        """That many shapes."""
        return self._shapes if count == len(self._shapes) else self._shapes[:count]


def lines() -> ShapeBuffer:
    """Room for `QLineF`: x1, y1, x2, y2."""
    return ShapeBuffer(QLineF, 4)


def rects() -> ShapeBuffer:
    """Room for `QRectF`: x, y, width, height."""
    return ShapeBuffer(QRectF, 4)
