"""The windows that open over the window. Each is imported when it is first wanted."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices

from gui import settings

if TYPE_CHECKING:
    from gui.session import Session


def find_command(session: Session) -> None:
    """Open the command search."""
    from gui.commands.search import CommandSearch

    CommandSearch(session).popup()


def open_settings(session: Session) -> None:
    """Open the settings."""
    from gui.dialogs.settings import SettingsDialog

    SettingsDialog(session.plugins, session.window).exec()


def export(session: Session, run: Path | None = None) -> None:
    """Open the export dialog for the network in front, or for the run of a folder."""
    from gui.dialogs.export import ExportDialog

    ExportDialog(session.workspace, session.trainer, session.window, run).exec()


def show_shortcuts(session: Session) -> None:
    """Open the sheet of all shortcuts."""
    from gui.commands.help import ShortcutSheet

    ShortcutSheet(session).exec()


def show_about(session: Session) -> None:
    """Say what this is."""
    from gui.commands.help import About

    About(session.window).exec()


def open_log(session: Session) -> None:
    """Open the folder with the log in the system's file manager."""
    folder = settings.state_folder()
    folder.mkdir(parents=True, exist_ok=True)
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))
