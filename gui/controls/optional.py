"""A value that may be none."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from gui.controls.field import Field, show_error
from gui.controls.label import Label
from gui.controls.switch import Switch
from gui.style import theme


class OptionalField(QWidget):
    """A switch before another field: off is None, on is the field's value."""

    value_changed = Signal(object)
    editing_finished = Signal()

    def __init__(
        self,
        field: Field,
        value: Any = None,
        none_text: str = "",
        name: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        assert isinstance(field, QWidget)
        self.field = field
        self.switch = Switch(name=name, parent=self)
        self._none = Label(none_text or self.tr("none"), "body", "text3", parent=self)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.px(8))
        row.addWidget(self.switch)
        row.addWidget(field, 1)
        row.addWidget(self._none, 1)
        self.setFocusProxy(self.switch)
        self.switch.value_changed.connect(self._thrown)
        field.value_changed.connect(self._edited)
        field.editing_finished.connect(self.editing_finished)
        self.set_value(value)

    def value(self) -> Any:
        return self.field.value() if self.switch.value() else None

    def set_value(self, value: Any) -> None:
        self.switch.set_value(value is not None)
        if value is not None:
            self.field.set_value(value)
        self._show()

    def error(self, text: str) -> None:
        """Show a reason why the value cannot stay; "" takes it back."""
        show_error(self.field, text)

    def _show(self) -> None:
        self.field.setVisible(self.switch.value())
        self._none.setVisible(not self.switch.value())

    def _thrown(self, on: bool) -> None:
        self._show()
        self.value_changed.emit(self.value())
        self.editing_finished.emit()

    def _edited(self, value: Any) -> None:
        if self.switch.value():
            self.value_changed.emit(value)
