"""A strip that tells how far the reading of data is, and gives it up."""

from __future__ import annotations

from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from gui.controls import Button, Label, ThinBar
from gui.files.data_files import DataFiles
from gui.style import theme
from gui.text.words import percent


class OpeningStrip(QWidget):
    """In sight while something is being read for longer than a moment."""

    def __init__(self, files: DataFiles, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.text, self.bar = Label("", "body", "text2"), ThinBar()
        self.cancel = Button(self.tr("Cancel"))
        self.cancel.clicked.connect(files.cancel)
        row = QHBoxLayout(self)
        row.setContentsMargins(18, 4, 16, 4)
        row.setSpacing(theme.px(12))
        row.addWidget(self.text)
        row.addWidget(self.bar, 1)
        row.addWidget(self.cancel)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.hide()
        files.advanced.connect(self._show)

    def _show(self, name: str, share: float) -> None:
        self.setVisible(bool(name))
        if name:
            text = self.tr("Reading {name}: {share}").format(name=name, share=percent(share, 0))
            self.text.setText(text)
            self.bar.set_share(share)

    def paintEvent(self, event: QPaintEvent) -> None:
        worn, painter = theme.current(), QPainter(self)
        painter.fillRect(self.rect(), worn.panel)
        painter.fillRect(0, self.height() - 1, self.width(), 1, worn.line)
