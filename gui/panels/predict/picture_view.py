"""A picture as the network sees it, and a pad on which a person draws another."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QImage, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from engine.data.schema import Column
from gui.controls import IconButton, Label
from gui.controls.drawing import brush, frame
from gui.panels.predict.drawing_pad import DrawingPad, Stroke, picture
from gui.panels.predict.sample_view import SampleView
from gui.style import theme
from gui.style.ramps import along_ramp

_SIDE = 148
_HEAD = 20


class Pixels(QWidget):
    """A picture, enlarged without smoothing, in the ramp for amounts."""

    def __init__(self, column: Column, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._range = (column.lo, column.hi)
        self._values = np.zeros(column.shape, np.float32)
        self._image: QImage | None = None
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme.theme_changed.connect(self._forget)

    def show_values(self, values: np.ndarray) -> None:
        """Show channels × height × width."""
        self._values = np.asarray(values)
        self._forget()

    def _forget(self, _: object = None) -> None:
        self._image = None
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme.px(_SIDE), theme.px(_SIDE))

    def _painted(self) -> QImage:
        low, high = self._range
        low = float(self._values.min()) if low is None else low
        high = float(self._values.max()) if high is None else high
        share = np.clip((self._values - low) / max(high - low, 1e-12), 0, 1)
        if share.shape[0] == 3:
            pixels = (share.transpose(1, 2, 0) * 255).astype(np.uint8)
        else:
            pixels = along_ramp(theme.current().amounts, share.mean(0))
        pixels = np.ascontiguousarray(pixels)
        height, width = pixels.shape[:2]
        return QImage(pixels.data, width, height, 3 * width, QImage.Format.Format_RGB888).copy()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._image is None:
            self._image = self._painted()
        painter = brush(self)
        rect = QRectF(self.rect())
        painter.drawImage(rect.adjusted(1, 1, -1, -1), self._image)
        frame(painter, rect, 2, None, theme.current().line2)


class PictureView(SampleView):
    """Left what the network sees, right the pad."""

    def __init__(self, column: Column, parent: QWidget | None = None) -> None:
        super().__init__(column, parent)
        self.pixels = Pixels(column, self)
        self.pad = DrawingPad(self)
        self.wipe = IconButton("trash", self.tr("Wipe the drawing"), "Del", side=_HEAD, parent=self)
        self.wipe.clicked.connect(self.pad.clear)
        self.pad.drawn.connect(self._drawn)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.px(12))
        row.addLayout(self._titled(self.tr("What the network sees"), self.pixels))
        row.addLayout(self._titled(self.tr("Draw your own"), self.pad, self.wipe))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)

    def _titled(self, title: str, widget: QWidget, beside: QWidget | None = None) -> QVBoxLayout:
        head = QHBoxLayout()
        label = Label(title, "hint", "text2")
        label.setFixedHeight(theme.px(_HEAD))
        head.addWidget(label)
        head.addStretch(1)
        if beside is not None:
            head.addWidget(beside)
        column = QVBoxLayout()
        column.setSpacing(theme.px(2))
        column.addLayout(head)
        column.addWidget(widget)
        column.addStretch(1)
        return column

    def show_values(self, values: np.ndarray) -> None:
        super().show_values(values)
        self.pixels.show_values(values)
        self.pad.forget()

    def _drawn(self, strokes: list[Stroke]) -> None:
        channels, height, width = self.column.shape
        low = self.column.lo if self.column.lo is not None else 0.0
        high = self.column.hi if self.column.hi is not None else 1.0
        ink = picture(strokes, height, width)
        values = np.repeat((low + ink * (high - low))[None].astype(np.float32), channels, 0)
        self.pixels.show_values(values)
        self._edit(values)
