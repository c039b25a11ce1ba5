"""The left column of the gallery: what is always wanted, and the projects that were open lately."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from gui.controls import Button, IconButton, Label
from gui.gallery.recent import RecentList
from gui.style import theme
from gui.style.emblem import Emblem

WIDTH = 288


class Side(QWidget):
    """The name of the program, buttons that open something, and the newest projects."""

    settings_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setProperty("ground", "panel")
        self.new = Button(self.tr("New empty network"), "plus", look="primary", keys="Ctrl+N", spread=True)
        self.open = Button(
            self.tr("Open…"), "open", keys=QKeySequence(QKeySequence.StandardKey.Open), spread=True
        )
        self.data = Button(self.tr("Open data…"), "table", keys="Ctrl+Shift+O", spread=True)
        self.back = Button(self.tr("Back to the network"), "network", keys="Esc", spread=True)
        self.back.hide()
        self.recent = RecentList(self.tr("Recent"))
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 28, 20, 20)
        column.setSpacing(8)
        self._add_head(column)
        column.addSpacing(8)
        for button in (self.new, self.open, self.data, self.back):
            column.addWidget(button)
        column.addSpacing(16)
        title = Label(self.tr("Recent"), "head", "text2")
        title.setContentsMargins(10, 0, 0, 0)
        column.addWidget(title)
        column.addWidget(self.recent, 1)
        column.addLayout(self._foot())

    def _add_head(self, column: QVBoxLayout) -> None:
        head = QHBoxLayout()
        head.setSpacing(12)
        head.addWidget(Emblem(26))
        head.addWidget(Label("Layerloom", "big"), 1)
        column.addLayout(head)
        text = self.tr("Draw a network, watch it learn, take it with you.")
        motto = Label(text, "body", "text2", wrap=True)
        motto.setMaximumWidth(theme.px(200))
        column.addWidget(motto)

    def _foot(self) -> QHBoxLayout:
        foot = QHBoxLayout()
        foot.setContentsMargins(10, 0, 0, 0)
        promise = self.tr("Everything works offline. Nothing leaves this machine.")
        foot.addWidget(Label(promise, "hint", "text3", wrap=True), 1)
        gear = IconButton("settings", self.tr("Settings"), "Ctrl+,")
        gear.clicked.connect(self.settings_wanted)
        foot.addWidget(gear, 0, Qt.AlignmentFlag.AlignBottom)
        return foot

    def measure(self) -> None:
        """Fit the width to the size of text."""
        self.setFixedWidth(theme.px(WIDTH))
