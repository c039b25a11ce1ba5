"""The menus, made from the actions. What changes while the window lives (recent files, panels) is
filled on opening.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from gui.training.device_menu import DeviceMenu

if TYPE_CHECKING:
    from gui.session import Session

_ = cast(Callable[[str, str], str], QT_TRANSLATE_NOOP)

LAYOUT: Sequence[tuple[str, str]] = (
    (
        _("menus", "File"),
        "new gallery open open_data open_data_folder *recent reopen | save save_as reload export"
        " | close settings | quit",
    ),
    (
        _("menus", "Edit"),
        "undo redo | cut copy paste duplicate select_all | delete delete_leaving_gap dissolve knife"
        " | add rename mute tidy | fold unfold open_block leave_block | share_weights unshare"
        " | find_layer find",
    ),
    (
        _("menus", "View"),
        "turn_page | fit fit_selection zoom_in zoom_out zoom_reset | *panels panels reset_panels"
        " | next_tab previous_tab | theme full_screen",
    ),
    (_("menus", "Train"), "train go_on pause stop | *device"),
    (_("menus", "Help"), "shortcuts log about"),
)
"""Each menu and what is in it: ids of actions, | for a line, and * for a menu that is filled on opening."""


def main_menu(session: Session) -> QMenu:
    """The menu behind the button at the left of the tool bar."""
    menu = QMenu(session.window)
    for title, items in LAYOUT:
        part = menu.addMenu(QCoreApplication.translate("menus", title))
        fill(part, items, session)
        part.aboutToShow.connect(session.refresh_commands)
    return menu


def fill(menu: QMenu, items: str, session: Session) -> None:
    """Put actions into a menu."""
    for item in items.split():
        if item == "|":
            menu.addSeparator()
        elif item == "*recent":
            menu.addMenu(RecentMenu(session, menu))
        elif item == "*panels":
            menu.addMenu(PanelsMenu(session, menu))
        elif item == "*device":
            menu.addMenu(DeviceMenu(session.workspace, menu))
        else:
            menu.addAction(session.commands[item])


class RecentMenu(QMenu):
    """The projects that were open lately."""

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__(QCoreApplication.translate("menus", "Open recent"), parent)
        self._session = session
        self.aboutToShow.connect(self.refill)
        self.triggered.connect(self._open)

    def refill(self) -> None:
        self.clear()
        for entry in self._session.recent.entries():
            act = self.addAction(f"{entry.title}    {entry.place()}".replace("&", "&&"))
            act.setData(entry.path)
            act.setEnabled(entry.there)
        if self.isEmpty():
            act = self.addAction(QCoreApplication.translate("menus", "Your networks will be listed here."))
            act.setEnabled(False)

    def _open(self, act: QAction) -> None:
        if act.data():
            self._session.files.open(Path(act.data()))


class PanelsMenu(QMenu):
    """All panels, those in sight checked."""

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__(QCoreApplication.translate("menus", "Panels"), parent)
        self._session = session
        self.aboutToShow.connect(self.refill)
        self.triggered.connect(self._toggle)

    def refill(self) -> None:
        self.clear()
        self.setEnabled(self._session.editing)
        if not self._session.editing:
            return
        docks = self._session.docks
        for id in docks.ids():
            act = self.addAction(docks.title(id))
            act.setData(id)
            act.setCheckable(True)
            act.setChecked(docks.side_of(id) is not None)

    def _toggle(self, act: QAction) -> None:
        docks = self._session.docks
        if docks.side_of(act.data()) is None:
            docks.show_panel(act.data())
        else:
            docks.close_panel(act.data())
