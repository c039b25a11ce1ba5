"""Fields for words, lists of numbers and searches."""

from __future__ import annotations

import json
import re
from typing import Any

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QPaintEvent
from PySide6.QtWidgets import QLineEdit, QSizePolicy, QWidget

from gui.controls.badge import keys_text, paint_key
from gui.controls.button import Keys
from gui.controls.drawing import brush
from gui.controls.field import Accept, reason, show_error
from gui.style import icons, theme
from gui.text.words import MINUS


class TextField(QLineEdit):
    """One line of text. `accept` may refuse what is typed; leaving the field brings the last legal back."""

    value_changed = Signal(object)
    editing_finished = Signal()

    def __init__(
        self,
        value: Any = "",
        *,
        placeholder: str = "",
        accept: Accept | None = None,
        name: str = "",
        parent: QWidget | None = None,
        tail: bool = False,
    ) -> None:
        """`tail` lets the end be seen of what is too long, as of a path, and not the beginning."""
        super().__init__(parent)
        self.accept = accept
        self._tail = tail
        self._value = value
        self.setPlaceholderText(placeholder)
        self.setAccessibleName(name or placeholder)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.set_font(self, "body")
        self.set_value(value)
        self.textEdited.connect(self._typed)
        self.editingFinished.connect(self._left)

    def value(self) -> Any:
        return self._value

    def set_value(self, value: Any) -> None:
        self._value = value
        if not (self.hasFocus() and self._says(self.text(), value)):
            self.setText(self._written(value))
            self._show_its_part()
        show_error(self, "")

    def _show_its_part(self) -> None:
        """Scroll to the part of a long text that says most, unless somebody is typing."""
        if not self.hasFocus() and not self._tail:
            self.setCursorPosition(0)

    def error(self, text: str) -> None:
        """Show a reason why the value cannot stay; "" takes it back."""
        show_error(self, text)

    def _read(self, text: str) -> Any:
        return text

    def _written(self, value: Any) -> str:
        return str(value)

    def _says(self, text: str, value: Any) -> bool:
        try:
            return bool(self._read(text) == value)
        except ValueError:
            return False

    def _typed(self, text: str) -> None:
        try:
            value = self._read(text)
            value = self.accept(value) if self.accept else value
        except ValueError as refusal:
            show_error(self, reason(refusal))
            return
        show_error(self, "")
        if value != self._value:
            self._value = value
            self.value_changed.emit(value)

    def _left(self) -> None:
        if self.text() != self._written(self._value):
            self.setText(self._written(self._value))
        show_error(self, "")
        self._show_its_part()
        self.editing_finished.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.property("wrong"):
            self.setText(self._written(self._value))
            show_error(self, "")
            return
        super().keyPressEvent(event)

    def sizeHint(self) -> QSize:
        return QSize(theme.px(120), theme.px(theme.CONTROL))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.px(52), theme.px(theme.CONTROL))


class IntegersField(TextField):
    """Whole numbers with commas between them, as a tuple: `64, 128`."""

    def _read(self, text: str) -> tuple[int, ...]:
        parts = re.split(r"[,;×\s]+", text.replace(MINUS, "-").strip(" ,;()[]"))
        try:
            return tuple(int(part) for part in parts if part)
        except ValueError:
            raise ValueError(self.tr("Expected whole numbers with commas between them.")) from None

    def _written(self, value: Any) -> str:
        return ", ".join(str(number).replace("-", MINUS) for number in value)


class NumbersField(TextField):
    """Decimal numbers with commas between them, a semicolon between the rows of a matrix, brackets for more
    axes: `1, 0; 0, 1`.
    """

    def _read(self, text: str) -> Any:
        text = text.replace(MINUS, "-").strip()
        try:
            if text.startswith("["):
                return json.loads(text)
            rows = [
                [float(part) for part in re.split(r"[,\s]+", row.strip(" ,()")) if part]
                for row in text.split(";")
                if row.strip()
            ]
        except (ValueError, RecursionError):
            raise ValueError(
                self.tr("Expected numbers with commas between them, and a semicolon between rows.")
            ) from None
        return rows if len(rows) > 1 else rows[0] if rows else []

    def _written(self, value: Any) -> str:
        rows = value if value and isinstance(value[0], tuple) else (value,)
        if (len(rows) == 1 and value is rows) or any(isinstance(one, tuple) for row in rows for one in row):
            return _bracketed(value)
        return "; ".join(", ".join(map(_bracketed, row)) for row in rows)

    def _says(self, text: str, value: Any) -> bool:
        try:
            return bool(self.accept is not None and self.accept(self._read(text)) == value)
        except ValueError:
            return False


def _bracketed(value: Any) -> str:
    """A number, or numbers in brackets within each other."""
    if isinstance(value, tuple):
        return f"[{', '.join(map(_bracketed, value))}]"
    return f"{value:.9g}".replace("-", MINUS)


class SearchField(TextField):
    """A text to look for, with the key that leads here at its right. Escape empties it."""

    def __init__(
        self, placeholder: str, keys: Keys = "", *, name: str = "", parent: QWidget | None = None
    ) -> None:
        self._keys = (keys_text(keys) or str(keys)) if keys else ""
        super().__init__("", placeholder=placeholder, name=name, parent=parent)
        theme.theme_changed.connect(self._make_room)
        self._make_room()

    def _make_room(self, _: object = None) -> None:
        """Keep the words off the sign at the left and the key at the right."""
        keys = QFontMetrics(theme.font("hint")).horizontalAdvance(self._keys) + theme.px(12)
        self.setTextMargins(theme.px(22), 0, keys if self._keys else 0, 0)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.text():
            self.setText("")
            self._typed("")
            return
        super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        worn = theme.current()
        painter = brush(self)
        size = theme.px(16)
        top = round((self.height() - size) / 2)
        icons.paint(painter, "search", worn.text2, QRectF(theme.px(8), top, size, size))
        if self._keys and not self.text():
            right = self.width() - theme.px(5)
            paint_key(painter, right, self.height() / 2, self._keys, worn.text3, worn.line2)
