"""Words that are on or off beside each other."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from gui.controls.drawing import KeyFocus, brush, frame, ring
from gui.style import theme


class Chip(QAbstractButton):
    """A word that is on or off, for what may be shown together. Where no frame around them all says that they
    can be pressed, each has an edge of its own: `edged`.
    """

    def __init__(
        self,
        text: str,
        checked: bool = False,
        tip: str = "",
        *,
        edged: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setText(text)
        self.setToolTip(tip)
        self.setCheckable(True)
        self.setChecked(checked)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._edged = edged
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
            edge = worn.accent if self._edged else worn.line2 if not worn.tints else None
            frame(painter, rect, 4, worn.accent_ground, edge)
            ink = worn.accent_text
        elif self._edged or self.underMouse():
            fill = worn.hover if self.underMouse() else worn.field
            frame(painter, rect, 4, fill, worn.line2 if self._edged else None)
            ink = worn.text1 if self.underMouse() else worn.text2
        painter.setFont(self.font())
        painter.setPen(ink if self.isEnabled() else worn.disabled)
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, self.text())
        if self._key_focus.shown():
            ring(painter, rect, 4)
