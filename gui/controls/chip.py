"""Words that are on or off beside each other."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from gui.controls.drawing import KeyFocus, brush, frame, ring
from gui.style import theme


class Chip(QAbstractButton):
    """A word that is on or off, for what may be shown together."""

    def __init__(
        self, text: str, checked: bool = False, tip: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setText(text)
        self.setToolTip(tip)
        self.setCheckable(True)
        self.setChecked(checked)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._key_focus = KeyFocus(self)
        theme.set_font(self, "body")

    def sizeHint(self) -> QSize:
        width = QFontMetrics(self.font()).horizontalAdvance(self.text())
        return QSize(width + 2 * theme.px(9), theme.px(24))

    def paintEvent(self, event: QPaintEvent) -> None:
        worn = theme.current()
        painter = brush(self)
        rect = QRectF(self.rect()).adjusted(0, 2, 0, -2)
        ink = worn.text2
        if self.isChecked():
            frame(painter, rect, 4, worn.accent_ground, None if worn.tints else worn.line2)
            ink = worn.accent_text
        elif self.underMouse():
            frame(painter, rect, 4, worn.hover)
            ink = worn.text1
        painter.setFont(self.font())
        painter.setPen(ink if self.isEnabled() else worn.disabled)
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, self.text())
        if self._key_focus.shown():
            ring(painter, rect, 4)
