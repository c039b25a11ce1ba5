"""A pad to draw a digit on, and the picture that a network gets to see of it.

A drawing is kept as strokes, not as pixels. Before it is made a picture its strokes are moved and scaled
into the frame that the data uses, and only then drawn with a pen as thick as that data's; so it does not
matter how large, where or how fast somebody drew.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.controls.drawing import KeyFocus, brush, frame, ring
from gui.style import theme, tokens

Stroke = list[tuple[float, float]]
_FINE = 4  # how many times finer a picture is drawn than it will be


def picture(strokes: Sequence[Stroke], height: int, width: int) -> np.ndarray:
    """The drawing as the data would show it: ink from 0 to 1, as height × width. No ink gives zeros.

    8×8 follows the optical digits of UCI: the bitmap is 32×32, the writing fills its height, every pixel is
    on or off, and what counts is how many of each block of 4×4 are on. Other sizes follow MNIST: the
    writing fills 20/28 of the frame with soft edges, and its centre of mass lies in the middle.
    """
    if not any(strokes):
        return np.zeros((height, width), np.float32)
    if (height, width) == (8, 8):
        bitmap = _drawn(_fitted(strokes, 32, 32, 32.0, 4.0), 32, 32, 4.0) >= 0.5
        return bitmap.reshape(8, 4, 8, 4).mean((1, 3), dtype=np.float32)
    room, pen = min(height, width) * 20 / 28, min(height, width) * 2.2 / 28
    return _centred(_drawn(_fitted(strokes, height, width, room, pen), height, width, pen))


def _fitted(strokes: Sequence[Stroke], height: int, width: int, room: float, pen: float) -> list[Stroke]:
    """The strokes, scaled so that the longer side with the pen fills `room`, in the middle of the frame."""
    points = np.array([point for stroke in strokes for point in stroke], np.float64)
    low, high = points.min(0), points.max(0)
    span = float((high - low).max())
    scale = (room - pen) / span if span > 1e-9 else 0.0
    shift = np.array([width, height]) / 2 - (low + high) / 2 * scale
    return [[(x * scale + shift[0], y * scale + shift[1]) for x, y in stroke] for stroke in strokes]


def _drawn(strokes: Sequence[Stroke], height: int, width: int, pen: float) -> np.ndarray:
    """The strokes with a round pen, each pixel the mean of what covers it."""
    image = QImage(width * _FINE, height * _FINE, QImage.Format.Format_Grayscale8)
    image.fill(0)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.scale(_FINE, _FINE)
    ink = QPen(tokens.FULL_INK, pen)
    ink.setCapStyle(Qt.PenCapStyle.RoundCap)
    ink.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(ink)
    for stroke in strokes:
        if len(stroke) == 1:
            painter.drawPoint(QPointF(*stroke[0]))
        else:
            painter.drawPolyline(QPolygonF([QPointF(x, y) for x, y in stroke]))
    painter.end()
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    fine = rows[:, : image.width()].reshape(height, _FINE, width, _FINE)
    return fine.mean((1, 3), dtype=np.float32) / 255


def _centred(ink: np.ndarray) -> np.ndarray:
    """The same picture, moved by whole pixels so that its centre of mass lies in the middle."""
    total = float(ink.sum())
    if total <= 0:
        return ink
    moved = ink
    for axis, size in enumerate(ink.shape):
        along = ink.sum(1 - axis)
        wish = round((size - 1) / 2 - float((along * np.arange(size)).sum()) / total)
        filled = np.flatnonzero(along > 0)
        shift = int(np.clip(wish, -filled[0], size - 1 - filled[-1]))  # nothing leaves the frame
        moved = np.roll(moved, shift, axis)
    return moved


class DrawingPad(QWidget):
    """A square to draw on with the left button or a pen; the right button or Delete wipes it."""

    drawn = Signal(object)
    """The strokes so far, after every move."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.strokes: list[Stroke] = []
        self._drawing = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setAccessibleName(self.tr("Drawing pad"))
        self.setToolTip(self.tr("Draw here. Backspace takes back a stroke, Delete wipes everything."))
        self._key_focus = KeyFocus(self)

    def clear(self) -> None:
        """Wipe everything."""
        self.strokes = []
        self._changed()

    def forget(self) -> None:
        """Wipe everything without a word: something else is shown now."""
        self.strokes = []
        self.update()

    def take_back(self) -> None:
        """Take back the last stroke."""
        if self.strokes:
            self.strokes.pop()
            self._changed()

    def _changed(self) -> None:
        self.update()
        self.drawn.emit([list(stroke) for stroke in self.strokes])

    def _place(self, event: QMouseEvent) -> tuple[float, float]:
        side = max(1, self.width())
        return (
            min(1.0, max(0.0, event.position().x() / side)),
            min(1.0, max(0.0, event.position().y() / max(1, self.height()))),
        )

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._drawing = True
            self.strokes.append([self._place(event)])
            self._changed()
        elif event.button() == Qt.MouseButton.RightButton:
            self.clear()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._drawing:
            self.strokes[-1].append(self._place(event))
            self._changed()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._drawing = False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Delete:
            self.clear()
        elif event.key() == Qt.Key.Key_Backspace:
            self.take_back()
        else:
            super().keyPressEvent(event)

    def sizeHint(self) -> QSize:
        return QSize(theme.px(148), theme.px(148))

    def paintEvent(self, event: QPaintEvent) -> None:
        worn = theme.current()
        painter = brush(self)
        rect = QRectF(self.rect())
        frame(painter, rect, theme.CORNER, worn.field, worn.line2)
        if not self.strokes:
            painter.setFont(theme.font("hint"))
            painter.setPen(worn.text3)
            painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, self.tr("Draw here"))
        pen = QPen(worn.text1, self.width() * 0.075)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.setPen(pen)
        for stroke in self.strokes:
            points = [QPointF(x * self.width(), y * self.height()) for x, y in stroke]
            if len(points) == 1:
                painter.drawPoint(points[0])
            else:
                painter.drawPolyline(QPolygonF(points))
        if self._key_focus.shown():
            ring(painter, rect, theme.CORNER)
