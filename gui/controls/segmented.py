"""One of a few, all in sight."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QHBoxLayout, QSizePolicy, QWidget

from gui.controls.choice import Option, pairs
from gui.controls.drawing import KeyFocus, brush, frame, ring
from gui.style import theme


class _Segment(QAbstractButton):
    def __init__(self, text: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setText(text)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.key_focus = KeyFocus(self)
        theme.set_font(self, "body")

    def sizeHint(self) -> QSize:
        width = QFontMetrics(self.font()).horizontalAdvance(self.text())
        return QSize(width + 2 * theme.px(10), theme.px(24))

    def paintEvent(self, event: QPaintEvent) -> None:
        worn = theme.current()
        painter = brush(self)
        ink = worn.text1 if self.isChecked() or self.underMouse() else worn.text2
        painter.setFont(self.font())
        painter.setPen(ink if self.isEnabled() else worn.disabled)
        painter.drawText(QRectF(self.rect()), Qt.AlignmentFlag.AlignCenter, self.text())
        if self.key_focus.shown():
            ring(painter, QRectF(self.rect()), theme.CORNER)


class Segmented(QWidget):
    """A few choices side by side, the chosen one on its own ground. Arrow keys move the choice."""

    value_changed = Signal(object)
    editing_finished = Signal()

    def __init__(
        self, options: Sequence[Option], value: Any = None, name: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        listed = pairs(options)
        self._values = [option for option, _ in listed]
        self._group = QButtonGroup(self)
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        for index, (_, text) in enumerate(listed):
            segment = _Segment(text, self)
            segment.setAccessibleName(f"{name}: {text}" if name else text)
            self._group.addButton(segment, index)
            row.addWidget(segment)
        self.set_value(value if value is not None else self._values[0])
        self._group.idClicked.connect(self._chosen)

    def value(self) -> Any:
        return self._values[self._group.checkedId()]

    def set_value(self, value: Any) -> None:
        self._group.button(self._values.index(value)).setChecked(True)
        self.update()

    def segments(self) -> list[QAbstractButton]:
        """The single choices, left to right."""
        return self._group.buttons()

    def _chosen(self, index: int) -> None:
        self.update()
        self.value_changed.emit(self._values[index])
        self.editing_finished.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        worn = theme.current()
        painter = brush(self)
        rect = QRectF(self.rect())
        frame(painter, rect, theme.CORNER, worn.field)
        chosen = self._group.checkedButton()
        if chosen is not None:
            painter.save()
            painter.setClipRect(QRectF(chosen.geometry()))
            frame(painter, rect, theme.CORNER, worn.chosen)
            painter.restore()
        frame(painter, rect, theme.CORNER, None, worn.line2)
