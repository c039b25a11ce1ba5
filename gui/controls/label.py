"""Words that stand by themselves."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from gui.style import theme
from gui.style.theme import Role

Ink = Literal["text1", "text2", "text3", "accent_text", "success", "warning", "error"]


def set_ink(widget: QWidget, ink: Ink) -> None:
    """Colour a widget's text with a token, now and in every later theme."""
    if widget.property("ink") != ink:
        widget.setProperty("ink", ink)
        widget.style().unpolish(widget)
        widget.style().polish(widget)


class Label(QLabel):
    """A text in one of the design's type roles and inks."""

    def __init__(
        self,
        text: str = "",
        role: Role = "body",
        ink: Ink = "text1",
        *,
        wrap: bool = False,
        selectable: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(text, parent)
        self._heights: dict[int, int] = {}
        """How high it is at a width while it stays as it is: layouts ask again and again, and Qt breaks the
        lines each time.
        """
        self.setTextFormat(Qt.TextFormat.PlainText)
        theme.set_font(self, role)
        self.setProperty("ink", ink)
        self.setWordWrap(wrap)
        if selectable:
            flags = Qt.TextInteractionFlag
            self.setTextInteractionFlags(flags.TextSelectableByMouse | flags.TextSelectableByKeyboard)

    def set_ink(self, ink: Ink) -> None:
        set_ink(self, ink)

    def setText(self, text: str) -> None:
        if text != self.text():
            self._heights = {}
            super().setText(text)

    def setWordWrap(self, on: bool) -> None:
        self._heights = {}
        super().setWordWrap(on)

    def changeEvent(self, event: QEvent) -> None:
        self._heights = {}
        super().changeEvent(event)

    def setContentsMargins(self, *margins: int) -> None:
        self._heights = {}
        super().setContentsMargins(*margins)

    def heightForWidth(self, width: int) -> int:
        height = self._heights.get(width)
        if height is None:
            height = self._heights[width] = super().heightForWidth(width)
        return height


class ElidedLabel(Label):
    """A one-line text that gives way to its neighbours: shortened with …, whole in its tip."""

    _mode = Qt.TextElideMode.ElideRight

    def __init__(
        self,
        text: str = "",
        role: Role = "body",
        ink: Ink = "text1",
        *,
        mode: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(text, role, ink, parent=parent)
        self._mode = mode
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)

    def minimumSizeHint(self) -> QSize:
        return QSize(self.fontMetrics().horizontalAdvance("m…"), super().minimumSizeHint().height())

    def sizeHint(self) -> QSize:
        return QSize(self.fontMetrics().horizontalAdvance(self.text()) + 2, super().sizeHint().height())

    def shown_text(self) -> str:
        """What stands on the screen at the width of now."""
        width = self.contentsRect().width()
        return QFontMetrics(self.font()).elidedText(self.text(), self._mode, width)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._offer_whole()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._offer_whole()

    def setText(self, text: str) -> None:
        if text != self.text():
            super().setText(text)
            self._offer_whole()

    def _offer_whole(self) -> None:
        self.setToolTip(self.text() if self.shown_text() != self.text() else "")

    def paintEvent(self, event: object) -> None:
        painter = QPainter(self)
        painter.setFont(self.font())
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.drawText(
            self.contentsRect(), self.alignment() | Qt.TextFlag.TextSingleLine, self.shown_text()
        )
