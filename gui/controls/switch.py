"""On or off."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from gui.controls.drawing import KeyFocus, brush, ring
from gui.style import theme


class Switch(QAbstractButton):
    """A switch that is thrown at once. Space or a click throws it."""

    value_changed = Signal(object)
    editing_finished = Signal()

    def __init__(self, value: bool = False, name: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setCheckable(True)
        self.setChecked(value)
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._key_focus = KeyFocus(self)
        self.clicked.connect(self._thrown)

    def value(self) -> bool:
        return self.isChecked()

    def set_value(self, value: bool) -> None:
        self.setChecked(bool(value))

    def _thrown(self, checked: bool) -> None:
        self.value_changed.emit(checked)
        self.editing_finished.emit()

    def sizeHint(self) -> QSize:
        return QSize(theme.px(28) + 4, theme.px(theme.CONTROL))

    def paintEvent(self, event: QPaintEvent) -> None:
        worn = theme.current()
        painter = brush(self)
        width, height = theme.px(28), theme.px(16)
        track = QRectF(2, round((self.height() - height) / 2), width, height)
        on, enabled = self.isChecked(), self.isEnabled()
        painter.setPen(Qt.PenStyle.NoPen if worn.tints else worn.line2)
        painter.setBrush(worn.accent_fill if on and enabled else worn.track)
        painter.drawRoundedRect(track, height / 2, height / 2)
        self._paint_knob(painter, track, on, enabled)
        if self._key_focus.shown():
            ring(painter, track.adjusted(-2, -3, 2, 3), height / 2 + 3)

    def _paint_knob(self, painter: QPainter, track: QRectF, on: bool, enabled: bool) -> None:
        worn = theme.current()
        gap = 2
        side = track.height() - 2 * gap
        left = track.right() - gap - side if on else track.left() + gap
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(worn.knob if enabled else worn.disabled)
        painter.drawEllipse(QRectF(left, track.top() + gap, side, side))
