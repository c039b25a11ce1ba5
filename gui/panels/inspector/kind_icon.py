"""The icon of a kind as a widget."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from engine.kinds import Layer
from gui.controls.drawing import brush
from gui.style import theme
from gui.style.kind_icons import paint_kind


class KindIcon(QWidget):
    """The icon of a kind, 20 px."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._kind: Layer | None = None
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def set_kind(self, kind: Layer) -> None:
        if kind is not self._kind:
            self._kind = kind
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme.px(20), theme.px(20))

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._kind is not None:
            paint_kind(brush(self), self._kind, QRectF(self.rect()))
