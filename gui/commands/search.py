"""Ctrl K: find anything that can be done by a few letters of its name, and do it by Enter."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QRectF
from PySide6.QtGui import QPainter

from gui.commands.search_popup import SearchLine, SearchPopup
from gui.style import icons, theme
from gui.text.fuzzy import Match, Searchable, ranked

if TYPE_CHECKING:
    from gui.controls.command import Command
    from gui.session import Session


class CommandSearch(SearchPopup):
    """The commands that fit, best first. What cannot be done now stands last."""

    def __init__(self, session: Session) -> None:
        tr = QCoreApplication.translate
        super().__init__(
            session.window,
            tr("CommandSearch", "Find a command"),
            tr("CommandSearch", "Nothing called that. Backspace, or try another word."),
        )
        self._session = session
        self.search("")

    def lines(self, text: str) -> Sequence[SearchLine]:
        """The commands that fit."""
        self._session.refresh_commands()
        commands = [command for command in self._session.commands.values() if command.id != "find"]
        entries = [
            (command, Searchable(command.title.rstrip("…"), command.words, command.hint))
            for command in commands
        ]
        hits = sorted(ranked(text, entries), key=lambda hit: not hit[0].isEnabled())
        return [_line(command, match) for command, match in hits]


def _line(command: Command, match: Match) -> SearchLine:
    return SearchLine(
        command.title,
        command.trigger,
        match.letters,
        keys=command.keys_text(),
        enabled=command.isEnabled(),
        paint_icon=partial(_paint_icon, command.icon_name),
    )


def _paint_icon(name: str, painter: QPainter, place: QRectF, enabled: bool) -> None:
    worn = theme.current()
    if name:
        icons.paint(painter, name, worn.text2 if enabled else worn.disabled, place)
