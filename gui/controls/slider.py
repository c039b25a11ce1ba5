"""A value on a line, where the place matters more than the digits."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QMouseEvent, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QSlider, QWidget

from gui.controls.drawing import KeyFocus, brush, ring
from gui.controls.label import Label
from gui.style import theme


class _Track(QSlider):
    def __init__(self, steps: int, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setRange(0, steps)
        self.setPageStep(max(1, steps // 10))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._key_focus = KeyFocus(self)

    def sizeHint(self) -> QSize:
        return QSize(theme.px(84), theme.px(theme.CONTROL))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.px(48), theme.px(theme.CONTROL))

    def _radius(self) -> float:
        return theme.px(6)

    def _place(self, x: float) -> int:
        room = max(1.0, self.width() - 2 * self._radius())
        return round((x - self._radius()) / room * self.maximum())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.setSliderDown(True)
            self.setValue(self._place(event.position().x()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self.isSliderDown():
            self.setValue(self._place(event.position().x()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self.setSliderDown(False)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def paintEvent(self, event: QPaintEvent) -> None:
        worn = theme.current()
        painter = brush(self)
        radius, middle = self._radius(), self.height() / 2
        room = self.width() - 2 * radius
        x = radius + room * self.value() / max(1, self.maximum())
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(worn.track)
        painter.drawRoundedRect(QRectF(radius, middle - 1.5, room, 3), 1.5, 1.5)
        painter.setBrush(worn.accent if self.isEnabled() else worn.disabled)
        painter.drawRoundedRect(QRectF(radius, middle - 1.5, x - radius, 3), 1.5, 1.5)
        painter.setBrush(worn.text1 if self.isEnabled() else worn.disabled)
        painter.drawEllipse(QPointF(x, middle), radius, radius)
        if self._key_focus.shown():
            reach = radius + 4
            ring(painter, QRectF(x - reach, middle - reach, 2 * reach, 2 * reach), reach)


class Slider(QWidget):
    """A number between `lo` and `hi`, with a read-out. Arrow keys move by `step`, Page keys by a tenth."""

    value_changed = Signal(object)
    editing_finished = Signal()

    def __init__(
        self,
        lo: float,
        hi: float,
        value: float,
        *,
        step: float = 0.01,
        written: Callable[[float], str] = "{:.2f}".format,
        name: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._lo, self._step, self._written = lo, step, written
        self.track = _Track(max(1, round((hi - lo) / step)), self)
        self.track.setAccessibleName(name)
        self._readout = Label("", "body", "text2", parent=self)
        self._widest = max((written(lo), written(hi), written(value)), key=len)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.px(6))
        row.addWidget(self.track)
        row.addWidget(self._readout)
        self.setFocusProxy(self.track)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.set_value(value)
        theme.theme_changed.connect(self._show_value)
        self.track.valueChanged.connect(self._moved)
        self.track.sliderReleased.connect(self.editing_finished)

    def value(self) -> float:
        return round(self._lo + self.track.value() * self._step, 10)

    def set_value(self, value: float) -> None:
        self.track.blockSignals(True)
        self.track.setValue(round((value - self._lo) / self._step))
        self.track.blockSignals(False)
        self._show_value()

    def _show_value(self, _: object = None) -> None:
        self._readout.setText(self._written(self.value()))
        self._readout.setMinimumWidth(QFontMetrics(self._readout.font()).horizontalAdvance(self._widest))
        self.track.setAccessibleDescription(self._readout.text())
        self.track.update()

    def _moved(self, place: int) -> None:
        self._show_value()
        self.value_changed.emit(self.value())
        if not self.track.isSliderDown():
            self.editing_finished.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        event.ignore()
