"""Numbers that a person types, or takes from a file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QSizePolicy, QWidget

from engine.files import number_files
from engine.message import Trouble
from gui.controls import IconButton, NumbersField
from gui.controls.field import Accept, reason
from gui.style import theme


class GivenNumbers(QWidget):
    """A field for numbers, and a button that takes them from a file."""

    value_changed = Signal(object)
    editing_finished = Signal()

    def __init__(self, value: Any, *, accept: Accept, name: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._accept = accept
        self.ask_path: Callable[[], str] = self._ask_path
        self.field = NumbersField(value, accept=accept, name=name, parent=self)
        self.button = IconButton("open", self.tr("Take them from an NPY or text file"), parent=self)
        self.setFocusProxy(self.field)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.px(4))
        row.addWidget(self.field, 1)
        row.addWidget(self.button)
        self.field.value_changed.connect(self.value_changed)
        self.field.editing_finished.connect(self.editing_finished)
        self.button.clicked.connect(self._take)

    def value(self) -> Any:
        return self.field.value()

    def set_value(self, value: Any) -> None:
        self.field.set_value(value)

    def error(self, text: str) -> None:
        """Show a reason why the value cannot stay; "" takes it back."""
        self.field.error(text)

    def _take(self) -> None:
        path = self.ask_path()
        if not path:
            return
        try:
            value = self._accept(number_files.read(Path(path)))
        except (Trouble, ValueError) as refusal:
            self.field.error(reason(refusal) if isinstance(refusal, ValueError) else str(refusal))
            return
        self.field.set_value(value)
        self.value_changed.emit(value)
        self.editing_finished.emit()

    def _ask_path(self) -> str:
        kinds = self.tr("Numbers (*.npy *.txt *.csv *.tsv)")
        return QFileDialog.getOpenFileName(self, self.tr("Numbers from a file"), "", kinds)[0]
