"""Any number of words out of a few, as words that are on or off, in as many lines as they need."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtWidgets import QLayout, QLayoutItem, QSizePolicy, QWidget

from gui.controls import Chip
from gui.controls.choice import Option, pairs
from gui.style import theme


class Flow(QLayout):
    """Lays widgets out like words: from left to right, then in the next line."""

    def __init__(self, parent: QWidget, gap: int = 4) -> None:
        super().__init__(parent)
        self._gap = gap
        self._items: list[QLayoutItem] = []
        self.setContentsMargins(0, 0, 0, 0)

    def addItem(self, item: QLayoutItem) -> None:
        self._items.append(item)

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:  # type: ignore[override]  # Qt takes None past the end
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:  # type: ignore[override]  # the same
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self._arrange(QRect(0, 0, width, 0), move=False)

    def setGeometry(self, rect: QRect) -> None:
        super().setGeometry(rect)
        self._arrange(rect, move=True)

    def sizeHint(self) -> QSize:
        return self.minimumSize()

    def minimumSize(self) -> QSize:
        sizes = [item.minimumSize() for item in self._items]
        return QSize(max((s.width() for s in sizes), default=0), max((s.height() for s in sizes), default=0))

    def _arrange(self, rect: QRect, move: bool) -> int:
        x, y, line = rect.left(), rect.top(), 0
        for item in self._items:
            size = item.sizeHint()
            if x > rect.left() and x + size.width() > rect.right() + 1:
                x, y, line = rect.left(), y + line + self._gap, 0
            if move:
                item.setGeometry(QRect(x, y, size.width(), size.height()))
            x += size.width() + self._gap
            line = max(line, size.height())
        return y + line - rect.top()


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
        flow = Flow(self, theme.px(2))
        self.chips: dict[Any, Chip] = {}
        for option, text in pairs(options):
            chip = Chip(text, parent=self)
            chip.setAccessibleName(f"{name}: {text}" if name else text)
            chip.clicked.connect(self._clicked)
            flow.addWidget(chip)
            self.chips[option] = chip
        self.set_value(value)

    def set_tips(self, tips: Mapping[Any, str]) -> None:
        """What is said of a word while the pointer rests on it, by its value."""
        for option, chip in self.chips.items():
            chip.setToolTip(tips.get(option, ""))

    def value(self) -> tuple[Any, ...]:
        return tuple(option for option, chip in self.chips.items() if chip.isChecked())

    def set_value(self, value: Any) -> None:
        for option, chip in self.chips.items():
            chip.setChecked(option in value)

    def error(self, text: str) -> None:
        """Nothing to be clicked here is illegal; where a kind refuses it all the same, the tip says so."""
        self.setToolTip(text)

    def _clicked(self) -> None:
        self.value_changed.emit(self.value())
        self.editing_finished.emit()
