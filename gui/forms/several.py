"""Any number of words out of a few, as words that are on or off, in as many lines as they need."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.controls import Chip
from gui.controls.choice import Option, pairs
from gui.controls.flow_layout import FlowLayout
from gui.style import theme


class SeveralField(QWidget):
    """Words that are on or off; the value is a tuple of those that are on, in the order of the list."""

    value_changed = Signal(object)
    editing_finished = Signal()

    def __init__(
        self, options: Sequence[Option], value: Any = (), name: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self._flow = FlowLayout(self, theme.px(4))
        self.chips: dict[Any, Chip] = {}
        self._usual: tuple[Any, ...] = ()
        self._chosen = False
        self.set_options(options)
        self.set_value(value)

    def set_options(self, options: Sequence[Option]) -> None:
        """Other words to choose from. Those that are on stay so."""
        listed, on, name = pairs(options), self.value(), self.accessibleName()
        if [option for option, _ in listed] == list(self.chips):
            return
        for chip in self.chips.values():
            self._flow.removeWidget(chip)
            chip.deleteLater()
        self.chips = {}
        for option, text in listed:
            chip = Chip(text, edged=True, parent=self)
            chip.setAccessibleName(f"{name}: {text}" if name else text)
            chip.clicked.connect(self._clicked)
            self._flow.addWidget(chip)
            self.chips[option] = chip
        self.set_value(on)

    def set_tips(self, tips: Mapping[Any, str]) -> None:
        """What is said of a word while the pointer rests on it, by its value."""
        for option, chip in self.chips.items():
            chip.setToolTip(tips.get(option, ""))

    def set_usual(self, words: Sequence[Any]) -> None:
        """The words that count where a person chose none: they are lit then."""
        if tuple(words) != self._usual:
            value, self._usual = self.value(), tuple(words)
            self.set_value(value)

    def value(self) -> tuple[Any, ...]:
        return self._lit() if self._chosen else ()

    def _lit(self) -> tuple[Any, ...]:
        return tuple(option for option, chip in self.chips.items() if chip.isChecked())

    def set_value(self, value: Any) -> None:
        self._chosen = bool(value)
        for option, chip in self.chips.items():
            chip.setChecked(option in (value or self._usual))

    def error(self, text: str) -> None:
        """Nothing to be clicked here is illegal; where a kind refuses it all the same, the tip says so."""
        self.setToolTip(text)

    def _clicked(self) -> None:
        self.set_value(self._lit())
        self.value_changed.emit(self.value())
        self.editing_finished.emit()
