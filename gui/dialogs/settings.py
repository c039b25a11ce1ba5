"""The settings: what a person prefers, at work as soon as it is chosen."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from engine.hardware.device import usable_cores
from gui import settings
from gui.controls import (
    Button,
    ChoiceField,
    ElidedLabel,
    Form,
    IconButton,
    IntField,
    OptionalField,
    Section,
    Segmented,
    Switch,
)
from gui.controls.dialog import Dialog, ScrolledBody
from gui.dialogs.plugins import PluginList
from gui.plugins import plugins_folder
from gui.settings import prefer, preferences
from gui.training.device_menu import devices

if TYPE_CHECKING:
    from gui.plugins import PluginLoader

TEXT_SIZES = (90, 100, 110, 125, 150, 175, 200)


class SettingsDialog(Dialog):
    """Sections of a form; every choice holds at once and is kept."""

    def __init__(self, plugins: PluginLoader | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Settings"))
        wish = preferences()
        inside = QWidget()
        sections = QVBoxLayout(inside)
        sections.setContentsMargins(6, 6, 6, 0)
        sections.setSpacing(0)
        for section in (self._appearance(wish), self._canvas(wish), self._training(wish), self._folders()):
            sections.addWidget(section)
        if plugins is not None:
            sections.addWidget(self._own_layers(plugins))
        sections.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 12)
        column.setSpacing(0)
        column.addWidget(ScrolledBody(inside), 1)
        row = QHBoxLayout()
        row.setContentsMargins(20, 8, 20, 0)
        row.addStretch(1)
        close = Button(self.tr("Close"), look="primary")
        close.setDefault(True)
        close.clicked.connect(self.accept)
        row.addWidget(close)
        column.addLayout(row)
        self.set_least_width(480)
        self.resize(self.sizeHint().expandedTo(self.minimumSize()).boundedTo(self.room()))

    def _section(self, title: str, line: bool = True) -> tuple[Section, Form]:
        section, form = Section(title, line=line), Form()
        section.add(form)
        return section, form

    def _appearance(self, wish: settings.Preferences) -> Section:
        section, form = self._section(self.tr("Look"), line=False)
        themes = (("system", self.tr("System")), ("dark", self.tr("Dark")), ("light", self.tr("Light")))
        self.theme = Segmented(themes, wish.theme, self.tr("Theme"))
        self.theme.value_changed.connect(self._theme)
        sizes = sorted({*TEXT_SIZES, wish.text_size})
        self.text_size = ChoiceField(
            [(size, f"{size} %") for size in sizes], wish.text_size, self.tr("Text size")
        )
        self.text_size.value_changed.connect(self._text_size)
        self.motion = Switch(wish.reduced_motion)
        self.motion.value_changed.connect(self._motion)
        self.at_start = Switch(wish.show_gallery)
        self.at_start.value_changed.connect(self._at_start)
        form.add(self.tr("Theme"), self.theme)
        form.add(self.tr("Text size"), self.text_size, self.tr("On top of what the system asks for"))
        form.add(self.tr("Reduced motion"), self.motion, self.tr("Show the end of a movement at once"))
        form.add(
            self.tr("Gallery at start"),
            self.at_start,
            self.tr("Otherwise the last networks are opened again"),
        )
        return section

    def _canvas(self, wish: settings.Preferences) -> Section:
        section, form = self._section(self.tr("Canvas"))
        options = (("zoom", self.tr("Zooms")), ("pan", self.tr("Pans")))
        self.wheel = Segmented(options, wish.wheel, self.tr("Wheel"))
        self.wheel.value_changed.connect(self._wheel)
        form.add(
            self.tr("Wheel"),
            self.wheel,
            self.tr("With Ctrl it always zooms; two fingers on a touchpad always pan"),
        )
        return section

    def _training(self, wish: settings.Preferences) -> Section:
        section, form = self._section(self.tr("New networks"))
        listed = list(devices())
        if wish.device not in dict(listed):
            listed.append((wish.device, wish.device))
        self.device = ChoiceField(listed, wish.device, self.tr("Device"))
        self.device.value_changed.connect(self._device)
        self.threads = OptionalField(
            IntField(wish.threads or usable_cores(), lo=1, hi=256),
            wish.threads,
            none_text=self.tr("by the network's size"),
            name=self.tr("Threads"),
        )
        self.threads.value_changed.connect(self._threads)
        form.add(self.tr("Device"), self.device, self.tr("Where a network that is begun here is trained"))
        form.add(
            self.tr("Threads"), self.threads, self.tr("Processor threads of a network that is begun here")
        )
        return section

    def _folders(self) -> Section:
        section, form = self._section(self.tr("Folders"))
        self.runs = FolderField("runs", settings.runs_folder, self.tr("Choose the folder for runs"))
        self.state = FolderField("state", settings.state_folder, self.tr("Choose the folder for snapshots"))
        form.add(
            self.tr("Runs"), self.runs, self.tr("Every run is kept here with its network, settings and seed")
        )
        form.add(
            self.tr("Snapshots"),
            self.state,
            self.tr("Unsaved work and the log; another folder holds from the next start"),
        )
        return section

    def _own_layers(self, plugins: PluginLoader) -> Section:
        section, form = self._section(self.tr("Plug-ins"))
        self.plugins = FolderField("plugins", plugins_folder, self.tr("Choose the folder for plug-ins"))
        form.add(self.tr("Folder"), self.plugins, self.tr("Python files that declare layers of your own"))
        self.plugin_list = PluginList(plugins)
        section.add(self.plugin_list)
        self.plugins.changed.connect(self.plugin_list.again.click)
        return section

    def _theme(self, choice: str) -> None:
        prefer(theme=choice)

    def _text_size(self, size: int) -> None:
        prefer(text_size=size)

    def _motion(self, on: bool) -> None:
        prefer(reduced_motion=on)

    def _at_start(self, on: bool) -> None:
        prefer(show_gallery=on)

    def _wheel(self, choice: str) -> None:
        prefer(wheel=choice)

    def _device(self, device: str) -> None:
        prefer(device=device)

    def _threads(self, threads: int | None) -> None:
        prefer(threads=threads)


class FolderField(QWidget):
    """A folder that can be changed, put back to the usual one, and opened in the system's file manager."""

    changed = Signal()
    """Another folder holds from now on."""

    def __init__(self, name: str, folder: Callable[[], Path], title: str) -> None:
        super().__init__()
        self._name, self._folder, self._title = name, folder, title
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        self.label = ElidedLabel("", "body")
        row.addWidget(self.label, 1)
        self.change = IconButton("more", self.tr("Choose another folder"), side=26)
        self.usual = IconButton("undo", self.tr("Back to the usual folder"), side=26)
        self.open = IconButton("open", self.tr("Open the folder"), side=26)
        for button, run in (
            (self.change, self.choose),
            (self.usual, self.reset),
            (self.open, self.show_folder),
        ):
            button.clicked.connect(run)
            row.addWidget(button)
        self.refresh()

    def refresh(self) -> None:
        """Show the folder of now."""
        self.label.setText(str(self._folder()))
        self.usual.setEnabled(bool(getattr(preferences(), self._name)))

    def use(self, path: str) -> None:
        """Use this folder from now on; "" for the usual one."""
        prefer(**{self._name: path})
        self.refresh()
        self.changed.emit()

    def choose(self) -> None:
        """Ask for a folder."""
        path = QFileDialog.getExistingDirectory(self, self._title, str(self._folder()))
        if path:
            self.use(path)

    def reset(self) -> None:
        """Use the usual folder again."""
        self.use("")

    def show_folder(self) -> None:
        """Open it in the system's file manager."""
        folder = self._folder()
        folder.mkdir(parents=True, exist_ok=True)
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))
