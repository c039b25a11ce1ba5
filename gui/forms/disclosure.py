"""Rows that are seldom needed, behind a word that opens them."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QVBoxLayout, QWidget

from gui.controls.drawing import KeyFocus, brush, chevron, ring
from gui.style import theme


class _Word(QAbstractButton):
    """The word, with a chevron that says whether it is open."""

    def __init__(self, text: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setText(text)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._key_focus = KeyFocus(self)
        theme.set_font(self, "hint")

    def sizeHint(self) -> QSize:
        return QSize(QFontMetrics(self.font()).horizontalAdvance(self.text()) + theme.px(22), theme.px(26))

    def paintEvent(self, event: QPaintEvent) -> None:
        worn = theme.current()
        painter = brush(self)
        ink = worn.text1 if self.underMouse() else worn.text2
        middle = self.height() / 2
        chevron(painter, QPointF(theme.px(4), middle), ink, 0 if self.isChecked() else -90, 3)
        painter.setFont(self.font())
        painter.setPen(ink)
        painter.drawText(
            QRectF(theme.px(14), 0, self.width(), self.height()), Qt.AlignmentFlag.AlignVCenter, self.text()
        )
        if self._key_focus.shown():
            ring(painter, QRectF(0, 2, self.sizeHint().width(), self.height() - 4), theme.CORNER)


class Disclosure(QWidget):
    """A body that is shown or not."""

    toggled = Signal(object)
    """Whether it is open now, after the person opened or closed it."""

    def __init__(self, text: str, body: QWidget, open: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.body = body
        self.button = _Word(text, self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.button)
        column.addWidget(body)
        self.set_open(open)
        self.button.clicked.connect(self._clicked)

    def set_open(self, open: bool) -> None:
        self.button.setChecked(open)
        self.body.setVisible(open)

    def is_open(self) -> bool:
        return self.button.isChecked()

    def _clicked(self, open: bool) -> None:
        self.body.setVisible(open)
        self.toggled.emit(open)
