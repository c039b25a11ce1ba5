"""Sizes along two or three axes, linked or each by itself."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QAction, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QMenu, QSizePolicy, QWidget

from gui.controls.drawing import KeyFocus, brush, ring
from gui.controls.field import Accept, reason, show_error
from gui.controls.icon_button import IconButton
from gui.controls.label import Label
from gui.controls.number import IntField
from gui.style import icons, theme


class _Chain(QAbstractButton):
    """Whether the axes keep one size."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("Same on every axis"))
        self.setToolTip(self.tr("Same on every axis"))
        self._key_focus = KeyFocus(self)

    def sizeHint(self) -> QSize:
        return QSize(theme.px(24), theme.px(theme.CONTROL))

    def paintEvent(self, event: QPaintEvent) -> None:
        worn = theme.current()
        painter = brush(self)
        ink = worn.accent_text if self.isChecked() else worn.text3
        if not self.isEnabled():
            ink = worn.disabled
        elif self.underMouse():
            ink = worn.text1
        side = theme.px(14)
        rect = QRectF((self.width() - side) / 2, (self.height() - side) / 2, side, side)
        icons.paint(painter, "link", ink, rect)
        if not self.isChecked():  # a gap in the chain, so that more than the colour tells it
            painter.setPen(QPen(ink, 1.5, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
            painter.drawLine(rect.topLeft() + QPointF(2, 2), rect.bottomRight() - QPointF(2, 2))
        if self._key_focus.shown():
            ring(painter, QRectF(self.rect()), theme.CORNER)


class SizeField(QWidget):
    """Whole numbers for every axis: one number where all are equal, else a tuple.

    Some settings also take a word instead of numbers, such as "same": a menu at the right offers `words`.
    """

    value_changed = Signal(object)
    editing_finished = Signal()

    def __init__(
        self,
        axes: int = 2,
        value: Any = 1,
        lo: int = 0,
        *,
        words: tuple[str, ...] = (),
        accept: Accept | None = None,
        name: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.accept = accept
        self._word: str | None = None
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        self.fields = [
            IntField(lo, lo, name=f"{name} {axis + 1}".strip(), parent=self) for axis in range(axes)
        ]
        self.chains = [_Chain(self) for _ in range(axes - 1)]
        for axis, field in enumerate(self.fields):
            if axis:
                row.addWidget(self.chains[axis - 1])
            row.addWidget(field, 1)
            field.value_changed.connect(self._edited)
            field.editing_finished.connect(self.editing_finished)
        for chain in self.chains:
            chain.setChecked(True)
            chain.clicked.connect(self._linked)
        self._word_label = Label("", "body", "text1", parent=self)
        row.addWidget(self._word_label, 1)
        self._menu = QMenu(self)
        self._more: IconButton | None = None
        if words:
            self._offer(words, row)
        self.setFocusProxy(self.fields[0])
        self.set_value(value)

    def minimumSizeHint(self) -> QSize:
        """Room for the numbers, also while a word stands in their place."""
        small = [*self.chains, self._more] if self._more is not None else self.chains
        width = sum(field.minimumSizeHint().width() for field in self.fields)
        return QSize(width + sum(part.sizeHint().width() for part in small), theme.px(theme.CONTROL))

    def value(self) -> Any:
        if self._word is not None:
            return self._word
        numbers = tuple(field.value() for field in self.fields)
        return numbers[0] if len(set(numbers)) == 1 else numbers

    def set_value(self, value: Any) -> None:
        self._word = value if isinstance(value, str) else None
        for part in (*self.fields, *self.chains):
            part.setVisible(self._word is None)
        self._word_label.setVisible(self._word is not None)
        self._word_label.setText(self._word or "")
        if self._word is None:
            numbers = tuple(value) if isinstance(value, tuple | list) else (value,) * len(self.fields)
            for field, number in zip(self.fields, numbers, strict=True):
                field.set_value(number)
            if len(set(numbers)) > 1:
                self._link(False)
        self.error("")

    def error(self, text: str) -> None:
        """Show a reason why the value cannot stay; "" takes it back."""
        show_error(self, text)
        for field in self.fields:
            show_error(field, text)

    def _is_linked(self) -> bool:
        return all(chain.isChecked() for chain in self.chains)

    def _link(self, linked: bool) -> None:
        for chain in self.chains:
            chain.setChecked(linked)

    def _linked(self, linked: bool) -> None:
        before = self.value()
        self._link(linked)
        if linked and len({field.value() for field in self.fields}) > 1:
            for field in self.fields[1:]:
                field.set_value(self.fields[0].value())
            if self.value() != before:
                self._offered()
        self.editing_finished.emit()

    def _edited(self, number: int) -> None:
        if self._is_linked():
            for field in self.fields:
                if field is not self.sender():
                    field.set_value(number)
        self._offered()

    def _offered(self) -> None:
        try:
            value = self.accept(self.value()) if self.accept else self.value()
        except ValueError as refusal:
            self.error(reason(refusal))
            return
        self.error("")
        self.value_changed.emit(value)

    def _offer(self, words: tuple[str, ...], row: QHBoxLayout) -> None:
        for word in ("", *words):
            action = self._menu.addAction(word or self.tr("Numbers"))
            action.setData(word)
        self._menu.triggered.connect(self._picked)
        self._more = IconButton(
            "chevron-down", self.tr("Numbers or a word"), side=24, menu=self._menu, parent=self
        )
        row.addWidget(self._more)

    def _picked(self, action: QAction) -> None:
        word = action.data()
        self.set_value(word or tuple(field.value() for field in self.fields))
        self._offered()
        self.editing_finished.emit()
