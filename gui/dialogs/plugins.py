"""What the settings say of plug-ins: where they are, which layers they declare, what is wrong with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from gui.controls import Button, Label
from gui.text.words import words

if TYPE_CHECKING:
    from engine.plugins.loading import Plugin, Plugins
    from gui.plugins import PluginLoader

MOST = 4
"""Lines that are shown; a folder may have many files."""


class PluginList(QWidget):
    """The files of the plug-in folder, then what is wrong, and a button that reads them anew."""

    def __init__(self, loader: PluginLoader, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._loader = loader
        self.files = Label("", "body", wrap=True, parent=self)
        self.faults = Label("", "body", "error", wrap=True, parent=self)
        self.again = Button(self.tr("Read again"), parent=self)
        self.again.setToolTip(self.tr("Takes over files that are new or changed"))
        self.again.clicked.connect(self._loader.load)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        for part in (self.files, self.faults, self.again):
            column.addWidget(part)
        self._loader.changed.connect(self.show_plugins)
        self.show_plugins(self._loader.plugins)

    def show_plugins(self, plugins: Plugins | None) -> None:
        """List what was found; None stands for what is still being read."""
        if plugins is None:
            self.files.setText(self.tr("Not read yet"))
        elif not plugins.files and not plugins.faults:
            self.files.setText(self.tr("No plug-ins yet: a Python file here declares layers of your own"))
        else:
            self.files.setText(_lines([_line(plugins, file) for file in plugins.files]))
        faults = _lines([words(fault.sentence) for fault in plugins.faults]) if plugins is not None else ""
        self.faults.setText(faults)
        self.faults.setVisible(bool(faults))
        self._make_room()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._make_room()

    def _make_room(self) -> None:
        """Give the wrapped texts the height they need: a layout in a layout does not ask for it."""
        for label in (self.files, self.faults):
            label.setMinimumHeight(max(label.heightForWidth(self.width()), 0))


def _line(plugins: Plugins, file: Plugin) -> str:
    names = ", ".join(kind.label() for kind in plugins.of(file))
    none = QCoreApplication.translate("PluginList", "no layers")
    return f"{file.name}: {names or none}"


def _lines(texts: list[str]) -> str:
    """The first lines; a last one says how many more there are."""
    more = len(texts) - MOST
    if more > 0:
        texts = [*texts[:MOST], QCoreApplication.translate("PluginList", "and %n more", "", more)]
    return "\n".join(texts)
