"""The ground of the canvas: its colour and its dots."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPixmap

from gui.canvas.geometry.camera import Camera
from gui.canvas.painting import ink
from gui.style.tokens import Theme

GRID, DOT = 24.0, 1.5
FINEST = 16.0
"""Dots nearer than so many px would be a haze; then every second one is left out."""


def ground(
    painter: QPainter, theme: Theme, camera: Camera, width: float, height: float, ratio: float
) -> None:
    """The ground with its dots, drawn row by row from one picture of a row."""
    # at a scale such as 150 % the view ends within a pixel, which would stay half black
    painter.fillRect(QRectF(0, 0, width + 1, height + 1), theme.canvas)
    step = GRID * camera.scale
    while step < FINEST:
        step *= 2
    world = step / camera.scale
    first_x = (math.floor(camera.x / world) * world - camera.x) * camera.scale
    first_y = (math.floor(camera.y / world) * world - camera.y) * camera.scale
    row = _row_of_dots(theme, step, width + 2 * step, ratio)
    y = first_y
    left = round(first_x * ratio) / ratio
    while y < height + 2:
        painter.drawPixmap(QPointF(left, round(y * ratio) / ratio - 1), row)
        y += step


def _row_of_dots(theme: Theme, step: float, width: float, ratio: float) -> QPixmap:
    def dots(painter: QPainter) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.grid)
        for i in range(int(width / step) + 1):
            x = round(i * step * ratio) / ratio
            painter.drawEllipse(QPointF(x + 1, 1), DOT / 2, DOT / 2)

    return ink.sprite(("dots", theme.name, step), width, 2, ratio, dots)
