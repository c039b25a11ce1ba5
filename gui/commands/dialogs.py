"""The windows that open over the window. Each is imported when it is first wanted."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices

from engine.message import Trouble
from gui import settings

if TYPE_CHECKING:
    from engine.runs.record import Record
    from gui.session import Session


def find_command(session: Session) -> None:
    """Open the command search."""
    from gui.commands.search import CommandSearch

    CommandSearch(session).popup()


def find_layer(session: Session) -> None:
    """Open the search for a layer of the network in front."""
    from gui.commands.layer_search import LayerSearch

    LayerSearch(session).popup()


def open_settings(session: Session) -> None:
    """Open the settings."""
    from gui.dialogs.settings import SettingsDialog

    SettingsDialog(session.plugins, session.window).exec()


def export(session: Session, run: Path | None = None) -> None:
    """Open the export dialog for the network in front, or for the run of a folder."""
    from gui.dialogs.export import ExportDialog

    ExportDialog(session.workspace, session.trainer, session.window, run).exec()


def go_on(session: Session, record: Record) -> None:
    """Ask for how many epochs a run shall have, and go on with it."""
    from gui.dialogs.go_on import GoOnDialog
    from gui.training import past_runs

    try:
        dialog = GoOnDialog(record, session.window)
    except Trouble as trouble:
        session.workspace.say(trouble)
        return
    if dialog.exec():
        past_runs.go_on(session.workspace, session.trainer, record, dialog.epochs.value())
    dialog.deleteLater()


def go_on_with_last(session: Session) -> None:
    """Go on with the run whose curves the network in front shows."""
    from engine.runs.record import Record
    from engine.runs.resuming import obstacle

    weights = session.trainer.last_runs.weights_of(session.workspace.current)
    if weights is None:
        return
    record = Record(weights.folder, weights.number)
    hindrance = obstacle(record)
    if hindrance is not None:
        session.workspace.say(hindrance)
    else:
        go_on(session, record)


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
