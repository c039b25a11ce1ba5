"""What a person can do, as data, and how it becomes a `QAction` in a window. The list itself is in
`gui.commands.table`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from attrs import frozen
from PySide6.QtCore import QCoreApplication, QObject, Qt
from PySide6.QtGui import QAction, QKeySequence

from gui.controls import keys_text
from gui.style import icons

if TYPE_CHECKING:
    from gui.window.window import Window

Run = Callable[["Window"], Any]
Test = Callable[["Window"], bool]


def always(window: Window) -> bool:
    """Whether it can be done: yes."""
    return True


def editing(window: Window) -> bool:
    """Whether a network is in front, not the gallery."""
    return window.editing


@frozen
class Turn:
    """What an action is called, and its icon, while doing it takes back what it did."""

    when: Test
    title: str
    icon: str


@frozen
class Action:
    """One thing to do: its id, what it is called, its icon and keys, what it does, and when it can be done.

    `words` are further words under which the command search finds it. `checked` makes it a switch. Actions
    of the canvas are heard only while it has the keyboard: in a text field their keys mean another thing.
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
    canvas: bool = False
    turn: Turn | None = None

    def text(self) -> str:
        """The title in the person's language."""
        return QCoreApplication.translate("actions", self.title)

    def hint(self) -> str:
        """The sentence for the tip, in the person's language."""
        return QCoreApplication.translate("actions", self.tip or self.title)


class Deed(QObject):
    """One action in one window: a `QAction` that knows when it can be done."""

    def __init__(self, action: Action, window: Window) -> None:
        super().__init__(window)
        self.action, self.window = action, window
        self.act = QAction(action.text(), window)
        self.act.setObjectName(action.id)
        self.act.setToolTip(action.hint())
        self.act.setShortcuts([QKeySequence(keys) for keys in action.keys])
        self.act.setCheckable(action.checked is not None)
        self.icon = action.icon
        if action.icon:
            icons.dress(self.act, action.icon, "text2")
        if action.canvas:
            self.act.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        else:
            window.addAction(self.act)
        self.act.triggered.connect(self.run)
        self.refresh()

    def run(self) -> None:
        """Do it, if it can be done."""
        if self.action.enabled(self.window):
            self.action.run(self.window)
        self.refresh()

    def refresh(self) -> None:
        """See anew whether it can be done, and whether it is on."""
        self.act.setEnabled(self.action.enabled(self.window))
        if self.action.checked is not None:
            self.act.setChecked(self.action.checked(self.window))
        turn = self.action.turn
        if turn is not None:
            turned = turn.when(self.window)
            title, icon = (turn.title, turn.icon) if turned else (self.action.title, self.action.icon)
            if icon != self.icon:
                self.icon = icon
                icons.dress(self.act, icon, "text2")
                self.act.setText(QCoreApplication.translate("actions", title))

    def keys(self) -> str:
        """Its first keys, as they are written beside it."""
        return keys_text(self.act.shortcut()) if self.action.keys else ""
