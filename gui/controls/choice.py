"""One of several, in a list that opens."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from PySide6.QtCore import QPointF, QSize, Qt, Signal
from PySide6.QtGui import QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QComboBox, QSizePolicy, QWidget

from gui.controls.drawing import brush, chevron
from gui.controls.field import show_error
from gui.style import theme

Option = str | tuple[Any, str]
"""A value and its words, or words that are their own value."""


def pairs(options: Iterable[Option]) -> list[tuple[Any, str]]:
    """Each option as its value and its words."""
    return [option if isinstance(option, tuple) else (option, option) for option in options]


class ChoiceField(QComboBox):
    """A choice among options. A value that is none of them is shown by its own words and can only be left."""

    value_changed = Signal(object)
    editing_finished = Signal()

    def __init__(
        self,
        options: Sequence[Option] = (),
        value: Any = None,
        name: str = "",
        *,
        compact: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._values: list[Any] = []
        self._value = value
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        across = QSizePolicy.Policy.Maximum if compact else QSizePolicy.Policy.Expanding
        self.setSizePolicy(across, QSizePolicy.Policy.Fixed)
        self.setSizeAdjustPolicy(
            self.SizeAdjustPolicy.AdjustToContents
            if compact
            else self.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.setMaxVisibleItems(14)
        theme.set_font(self, "body")
        self.set_options(options)
        if value is None and self._values:
            self.set_value(self._values[0])
        self.activated.connect(self._activated)

    def set_options(self, options: Sequence[Option]) -> None:
        """Other options to choose from. The value stays."""
        listed = pairs(options)
        self._values = [value for value, _ in listed]
        self.clear()
        self.addItems([text for _, text in listed])
        self.set_value(self._value)

    def set_tips(self, tips: Mapping[Any, str]) -> None:
        """What is said of an option while the pointer rests on it in the open list, by its value."""
        for index, value in enumerate(self._values):
            self.setItemData(index, tips.get(value), Qt.ItemDataRole.ToolTipRole)

    def value(self) -> Any:
        return self._value

    def set_value(self, value: Any) -> None:
        self._value = value
        known = value in self._values
        self.setPlaceholderText("" if known or value is None else str(value))
        self.setCurrentIndex(self._values.index(value) if known else -1)
        show_error(self, "")

    def error(self, text: str) -> None:
        """Show a reason why the value cannot stay; "" takes it back."""
        show_error(self, text)

    def _activated(self, index: int) -> None:
        if self._values[index] != self._value:
            self._value = self._values[index]
            show_error(self, "")
            self.value_changed.emit(self._value)
        self.editing_finished.emit()

    def showPopup(self) -> None:
        """Open the list, as wide as its longest words."""
        view = self.view()
        bar = view.verticalScrollBar().sizeHint().width() if self.count() > self.maxVisibleItems() else 0
        view.setMinimumWidth(view.sizeHintForColumn(0) + bar + 2 * view.frameWidth())
        super().showPopup()

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def sizeHint(self) -> QSize:
        return QSize(max(super().sizeHint().width(), theme.px(96)), theme.px(theme.CONTROL))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.px(52), theme.px(theme.CONTROL))

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        worn = theme.current()
        ink = worn.text2 if self.isEnabled() else worn.disabled
        chevron(brush(self), QPointF(self.width() - theme.px(14), self.height() / 2), ink, reach=3)
