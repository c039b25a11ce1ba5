"""What a person can do, as data, and how it becomes a command of one session. The list itself is in
`gui.commands.table`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from attrs import frozen
from PySide6.QtCore import QCoreApplication

from gui.canvas.bindings import Binding
from gui.controls.command import Command, Turned

if TYPE_CHECKING:
    from gui.session import Session

Run = Callable[["Session"], object]
Test = Callable[["Session"], bool]


def always(session: Session) -> bool:
    """Whether it can be done: yes."""
    return True


def editing(session: Session) -> bool:
    """Whether a network is in front, not the gallery."""
    return session.editing


@frozen
class Turn:
    """What an action is called, and its icon, while doing it takes back what it did."""

    when: Test
    title: str
    icon: str


@frozen
class Action:
    """One thing to do: its id, what it is called, its icon and keys, what it does, and when it can be done.

    `words` are further words under which the command search finds it. `checked` makes it a switch. The canvas
    hears its own keys, `canvas_keys`, itself; here they are only shown.
    """

    id: str
    title: str
    run: Run
    icon: str = ""
    keys: tuple[str, ...] = ()
    tip: str = ""
    enabled: Test = editing
    checked: Test | None = None
    words: str = ""
    canvas_keys: tuple[str, ...] = ()
    turn: Turn | None = None

    def command(self, session: Session) -> Command:
        """The action as it is done in a session, in the person's language."""
        return Command(
            session.window,
            self.id,
            _translated(self.title),
            partial(self.run, session),
            partial(self.enabled, session),
            hint=_translated(self.tip or self.title),
            words=self.words,
            icon=self.icon,
            keys=self.keys,
            canvas_keys=self.canvas_keys,
            checked=partial(self.checked, session) if self.checked is not None else None,
            turned=self._turned(session),
        )

    def _turned(self, session: Session) -> Turned | None:
        turn = self.turn
        if turn is None:
            return None
        return Turned(partial(turn.when, session), _translated(turn.title), turn.icon)


def on_canvas(
    id: str,
    title: str,
    binding: Binding,
    icon: str = "",
    *,
    tip: str = "",
    enabled: Test = editing,
    words: str = "",
) -> Action:
    """What is done on the canvas, as an action of the window with the same keys."""
    return Action(
        id,
        title,
        lambda session: binding.run(session.canvas),
        icon,
        binding.keys,
        tip,
        enabled,
        words=words,
        canvas_keys=binding.canvas_keys,
    )


def _translated(text: str) -> str:
    return QCoreApplication.translate("actions", text)
