"""A text that can be typed, and below it the signs that the network reads of it."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from engine.data.schema import Column
from engine.data.signs import Written
from gui.controls import Label, TextField
from gui.controls.drawing import brush, frame
from gui.panels.predict.sample_view import SampleView
from gui.style import theme
from gui.text.words import filled

_SIDE, _GAP, _AROUND = 24, 3, 5


class SignRow(QWidget):
    """Each sign in a box of its own, in several lines where there are many; what is not known is marked."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.signs: list[tuple[str, bool]] = []
        """Each sign, and whether the network knows it."""
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def show_signs(self, signs: list[tuple[str, bool]]) -> None:
        """Show these."""
        self.signs = signs
        self.setAccessibleName(" ".join(sign for sign, _ in signs))
        self.updateGeometry()
        self.update()

    def boxes(self, width: int) -> list[QRectF]:
        """Where each stands in so much room: as wide as it is, in as many lines as it takes."""
        side, gap = theme.px(_SIDE), theme.px(_GAP)
        metrics = QFontMetrics(theme.font("body"))
        left = top = 0
        found = []
        for sign, _ in self.signs:
            wide = (
                max(side, metrics.horizontalAdvance(sign) + 2 * theme.px(_AROUND)) if len(sign) > 1 else side
            )
            if left and left + wide > width:
                left, top = 0, top + side + gap
            found.append(QRectF(left, top, wide, side))
            left += wide + gap
        return found

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        boxes = self.boxes(width)
        return int(boxes[-1].bottom() if boxes else theme.px(_SIDE)) + theme.px(_GAP)

    def sizeHint(self) -> QSize:
        width = max(self.width(), theme.px(360))
        return QSize(theme.px(360), self.heightForWidth(width))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, worn = brush(self), theme.current()
        painter.setFont(theme.font("body"))
        for box, (sign, known) in zip(self.boxes(self.width()), self.signs, strict=True):
            frame(painter, box, 3, worn.field, worn.line2 if known else worn.warning)
            painter.setPen(worn.text1 if known else worn.warning)
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, sign)


class TextView(SampleView):
    """A field to type in, the signs, and what of it the network cannot read."""

    def __init__(self, column: Column, signs: Written, parent: QWidget | None = None) -> None:
        super().__init__(column, parent)
        self._signs = signs
        self.text = ""
        """What stands in the field; of a sample of the data what can be read back from its numbers."""
        self.field = TextField("", placeholder=self.tr("Type here"), name=column.name)
        self.field.textEdited.connect(self._typed)
        self.row = SignRow()
        self.note = Label("", "hint", "text3", wrap=True)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(theme.px(8))
        for widget in (self.field, self.row, self.note):
            whole.addWidget(widget)
        whole.addStretch(1)
        self.setMinimumWidth(theme.px(260))
        self.setMaximumWidth(theme.px(620))

    def sizeHint(self) -> QSize:
        return QSize(theme.px(460), super().sizeHint().height())

    def show_values(self, values: np.ndarray) -> None:
        super().show_values(values)
        self.text = self._signs.decode(self.values.tolist())
        self.field.setText(self.text)
        self.field.setCursorPosition(0)
        self._show_signs()

    def _typed(self, text: str) -> None:
        self.text = text
        self._edit(self._signs.encode([text], self.column.shape[0])[0])
        self._show_signs()

    def _show_signs(self) -> None:
        tokens = self._signs.read(self.text)
        marks = len(self._signs.numbers(self.text)) - len(tokens)
        length = self.column.shape[0] - marks
        self.row.show_signs(tokens[:length])
        notes = []
        if unknown := sum(not known for _, known in tokens[:length]):
            text = self.tr(
                "The network does not know {number} sign{number:|s} of it, and takes all such for one."
            )
            notes.append(filled(text, number=unknown))
        if len(tokens) > length:
            text = self.tr(
                "It reads the first {length} signs, and not the {number} sign{number:|s} after them."
            )
            notes.append(filled(text, length=length, number=len(tokens) - length))
        self.note.setText("\n".join(notes))
        self.note.setVisible(bool(notes))
