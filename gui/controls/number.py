"""Fields for numbers: typed, stepped with the arrows, and checked while one types."""

from __future__ import annotations

import math
import re
from typing import Any

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPaintEvent, QResizeEvent, QValidator, QWheelEvent
from PySide6.QtWidgets import QAbstractSpinBox, QSizePolicy, QWidget

from gui.controls.drawing import brush, chevron
from gui.controls.field import Accept, reason, show_error, undoes
from gui.style import theme
from gui.text.words import MINUS, plain

_GROUPED = re.compile(r"[-+]?\d{1,3}(,\d{3})+(\.\d*)?$")


class _SteppedField(QAbstractSpinBox):
    """A number in a field 26 px high, with its unit inside and small arrows at the right.

    Each legal edit emits `value_changed` at once. One that becomes illegal shows its reason and takes back
    what its beginning set, so that no half of a number stays. Undo belongs to the document, not the letters.
    """

    value_changed = Signal(object)
    editing_finished = Signal()

    def __init__(
        self,
        value: float = 0,
        lo: float | None = None,
        hi: float | None = None,
        *,
        unit: str = "",
        accept: Accept | None = None,
        name: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.lo, self.hi, self.accept = lo, hi, accept
        self._value = self._before = value
        self._unit = ""
        self._unit_shown = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccelerated(True)
        self.setAccessibleName(name)
        theme.set_font(self, "body")
        self.set_unit(unit)
        self.set_value(value)
        self.lineEdit().textEdited.connect(self._typed)
        self.editingFinished.connect(self._left)

    def value(self) -> Any:
        return self._value

    def set_value(self, value: Any) -> None:
        if value == self._value and self.hasFocus():  # an echo of what is being typed
            return
        self._value = self._before = value
        if not self._means(self.lineEdit().text(), value):
            self.lineEdit().setText(plain(value))
        show_error(self, "")
        self.update()

    def set_unit(self, unit: str) -> None:
        """Words in the field behind the number: a unit, or `of 32`."""
        self._unit = unit
        self._fit_unit()

    def _fit_unit(self) -> None:
        """The unit gives way where the field is too narrow for it and the number."""
        hint = QFontMetrics(theme.font("hint"))
        width = hint.horizontalAdvance(self._unit) + theme.px(4) if self._unit else 0
        number = QFontMetrics(self.font()).horizontalAdvance(self.lineEdit().text()) + theme.px(14)
        self._unit_shown = bool(self._unit) and self.width() - theme.px(24) - width >= number
        self.lineEdit().setTextMargins(theme.px(6), 0, width if self._unit_shown else 0, 0)
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_unit()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and undoes(event):
            event.ignore()
            return False
        return super().event(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:  # the line within does not follow where a style sheet is
            self.lineEdit().setFont(self.font())
            self.update()

    def error(self, text: str) -> None:
        """Show a reason why the value cannot stay; "" takes it back."""
        show_error(self, text)

    def _read(self, text: str) -> Any:
        """The number that a text means, or ValueError."""
        raise NotImplementedError  # whole numbers and others read differently

    def _means(self, text: str, value: Any) -> bool:
        """Whether a text already says that value, so that `1.` is not rewritten under the hand."""
        try:
            return self.hasFocus() and bool(self._read(text) == value)
        except ValueError:
            return False

    def _legal(self, text: str) -> Any:
        value = self._read(text)
        if self.lo is not None and value < self.lo:
            raise ValueError(self.tr("Expected at least {limit}.").format(limit=plain(self.lo)))
        if self.hi is not None and value > self.hi:
            raise ValueError(self.tr("Expected at most {limit}.").format(limit=plain(self.hi)))
        return self.accept(value) if self.accept else value

    def _typed(self, text: str) -> None:
        try:
            value = self._legal(text)
        except ValueError as refusal:
            self._take(self._before)
            show_error(self, reason(refusal))
            return
        show_error(self, "")
        self._take(value)

    def _take(self, value: Any) -> None:
        if value != self._value:
            self._value = value
            self.update()
            self.value_changed.emit(value)

    def _left(self) -> None:
        self._before = self._value
        self.lineEdit().setText(plain(self._value))
        show_error(self, "")
        self.editing_finished.emit()

    def _stepped(self, value: Any, steps: int) -> Any:
        raise NotImplementedError  # by one, or by the number's own magnitude

    def stepBy(self, steps: int) -> None:
        value = self._stepped(self._value, steps)
        value = value if self.lo is None else max(value, self.lo)
        value = value if self.hi is None else min(value, self.hi)
        try:
            value = self.accept(value) if self.accept else value
        except ValueError:
            return
        self.lineEdit().setText(plain(value))
        self.lineEdit().selectAll()
        show_error(self, "")
        self._take(value)
        self._before = value

    def stepEnabled(self) -> QAbstractSpinBox.StepEnabledFlag:
        flags = QAbstractSpinBox.StepEnabledFlag
        result = flags.StepNone
        if self.hi is None or self._value < self.hi:
            result |= flags.StepUpEnabled
        if self.lo is None or self._value > self.lo:
            result |= flags.StepDownEnabled
        return result

    def validate(self, text: str, position: int) -> tuple[QValidator.State, str, int]:
        return QValidator.State.Acceptable, text, position  # the reason is shown instead of a dead key

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def sizeHint(self) -> QSize:
        return QSize(theme.px(96), theme.px(theme.CONTROL))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.px(52), theme.px(theme.CONTROL))

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        worn = theme.current()
        painter = brush(self)
        centre, middle = self.width() - theme.px(12), self.height() / 2
        gap = theme.px(4)
        flags, can = QAbstractSpinBox.StepEnabledFlag, self.stepEnabled()
        for flag, turn, y in (
            (flags.StepUpEnabled, 180, middle - gap),
            (flags.StepDownEnabled, 0, middle + gap),
        ):
            ink = worn.text2 if self.isEnabled() and can & flag else worn.disabled
            chevron(painter, QPointF(centre, y), ink, turn, reach=3)
        if self._unit_shown:
            painter.setFont(theme.font("hint"))
            painter.setPen(worn.text3 if self.isEnabled() else worn.disabled)
            rect = QRectF(0, 0, self.width() - theme.px(22), self.height())
            painter.drawText(rect, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, self._unit)


class IntField(_SteppedField):
    """A whole number of any size."""

    def _read(self, text: str) -> int:
        bare = re.sub(r"[\s_,]", "", text.replace(MINUS, "-"))
        try:
            return int(bare)
        except ValueError:
            raise ValueError(self.tr("Expected a whole number.")) from None

    def _stepped(self, value: int, steps: int) -> int:
        return value + steps


class NumberField(_SteppedField):
    """A finite number. The arrows step by `step`, or by one unit of its first digit: 0.001, 0.002 …"""

    def __init__(self, value: float = 0.0, *args: Any, step: float | None = None, **settings: Any) -> None:
        self._step = step
        super().__init__(value, *args, **settings)

    def _read(self, text: str) -> float:
        bare = re.sub(r"[\s_]", "", text.replace(MINUS, "-"))
        bare = bare.replace(",", "") if _GROUPED.match(bare) else bare.replace(",", ".")
        try:
            value = float(bare)
        except ValueError:
            raise ValueError(self.tr("Expected a number, such as 0.001 or 1e-3.")) from None
        if not math.isfinite(value):
            raise ValueError(self.tr("Expected a finite number."))
        return value

    def _stepped(self, value: float, steps: int) -> float:
        for _ in range(abs(steps)):
            size = self._step or self._unit_of(value, growing=(steps > 0) == (value >= 0))
            value = float(f"{value + math.copysign(size, steps):.10g}")
        return value

    @staticmethod
    def _unit_of(value: float, growing: bool) -> float:
        """One unit of the first digit; a step down from 0.01 is by 0.001."""
        if value == 0:
            return 0.1
        power = math.floor(math.log10(abs(value)) + 1e-9)
        exact = math.isclose(abs(value), 10.0**power)
        return float(10.0 ** (power - 1 if exact and not growing else power))
