"""The windows that open over the window. Each is imported when it is first wanted."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices

from gui import settings

if TYPE_CHECKING:
    from gui.window.window import Window


def find_command(window: Window) -> None:
    """Open the command search."""
    from gui.commands.search import CommandSearch

    CommandSearch(window).popup()


def open_settings(window: Window) -> None:
    """Open the settings."""
    from gui.dialogs.settings import SettingsDialog

    SettingsDialog(window).exec()


def export(window: Window, run: Path | None = None) -> None:
    """Open the export dialog for the network in front, or for the run of a folder."""
    from gui.dialogs.export import ExportDialog

    ExportDialog(window.workspace, window, run).exec()


def show_shortcuts(window: Window) -> None:
    """Open the sheet of all shortcuts."""
    from gui.commands.help import ShortcutSheet

    ShortcutSheet(window).exec()


def show_about(window: Window) -> None:
    """Say what this is."""
    from gui.commands.help import About

    About(window).exec()


def open_log(window: Window) -> None:
    """Open the folder with the log in the system's file manager."""
    folder = settings.state_folder()
    folder.mkdir(parents=True, exist_ok=True)
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))
