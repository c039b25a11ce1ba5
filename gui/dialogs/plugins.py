"""What the settings say of plug-ins: where they are, which layers they declare, what is wrong with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from gui.controls import Button, Label
from gui.text.words import words

if TYPE_CHECKING:
    from engine.plugins.loading import Plugins
    from gui.plugins import OwnKinds

MOST = 4
"""Lines that are shown; a folder may have many files."""


class PluginList(QWidget):
    """The files of the plug-in folder, then what is wrong, and a button that reads them anew."""

    def __init__(self, plugins: OwnKinds, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._own = plugins
        self.files = Label("", "body", wrap=True, parent=self)
        self.faults = Label("", "body", "error", wrap=True, parent=self)
        self.again = Button(self.tr("Read again"), parent=self)
        self.again.setToolTip(self.tr("Takes over files that are new or changed"))
        self.again.clicked.connect(self._own.load)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        for part in (self.files, self.faults, self.again):
            column.addWidget(part)
        self._own.changed.connect(self.show_found)
        self.show_found(self._own.found)

    def show_found(self, found: Plugins | None) -> None:
        """List what was found; None stands for what is still being read."""
        if found is None:
            self.files.setText(self.tr("Not read yet"))
        elif not found.files and not found.faults:
            self.files.setText(self.tr("No plug-ins yet: a Python file here declares layers of your own"))
        else:
            self.files.setText(_lines([_line(found, place) for place in range(len(found.files))]))
        faults = _lines([words(fault.told) for fault in found.faults]) if found is not None else ""
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


def _line(found: Plugins, place: int) -> str:
    file = found.files[place]
    names = ", ".join(kind.label() for kind in found.of(file))
    none = QCoreApplication.translate("PluginList", "no layers")
    return f"{file.name}: {names or none}"


def _lines(texts: list[str]) -> str:
    """The first lines; a last one says how many more there are."""
    more = len(texts) - MOST
    if more > 0:
        texts = [*texts[:MOST], QCoreApplication.translate("PluginList", "and %n more", "", more)]
    return "\n".join(texts)
