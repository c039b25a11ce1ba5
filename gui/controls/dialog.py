"""What dialogs have in common: they are as tall as their text needs, and never larger than the screen."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtWidgets import QDialog, QScrollArea, QWidget

from gui.style import theme

AROUND = 48
"""Pixels of the screen's height that stay free: the title bar, and a little air."""


class Dialog(QDialog):
    """Grows with its text: Qt asks how tall wrapped text is only before a dialog is first shown."""

    def room(self) -> QSize:
        """How large it may be on its screen."""
        free = self.screen().availableSize()
        return QSize(free.width(), free.height() - AROUND)

    def set_least_width(self, length: float) -> None:
        """Be no narrower, in px at 100 %, where the screen is that wide."""
        self.setMinimumWidth(min(theme.px(length), self.room().width()))

    def event(self, event: QEvent) -> bool:
        done = super().event(event)
        if event.type() in (QEvent.Type.LayoutRequest, QEvent.Type.Resize, QEvent.Type.Show):
            self._grow()
        return done

    def _grow(self) -> None:
        layout = self.layout()
        if layout is not None and layout.hasHeightForWidth():
            tall = layout.totalHeightForWidth(max(self.width(), self.minimumWidth()))
            self.setMinimumHeight(min(tall, self.room().height()))


class ScrolledBody(QScrollArea):
    """The part of a dialog that scrolls where the screen is too low for all of it."""

    def __init__(self, inside: QWidget) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        inside.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        inside.setProperty("ground", "panel")
        self.setWidget(inside)

    def sizeHint(self) -> QSize:
        return self.widget().sizeHint()

    def minimumSizeHint(self) -> QSize:
        return QSize(self.widget().minimumSizeHint().width(), theme.px(160))
