"""A banner that comes when something happened and goes when it was answered."""

from __future__ import annotations

from collections.abc import Callable

from attrs import frozen
from PySide6.QtWidgets import QWidget

from gui.controls import Banner
from gui.controls.notices import Action, Severity

SETTINGS = "settings"
"""What a notice is about that tells of none of the documents: it stands below whatever else is said, since
that may never be answered.
"""

DATA = "/data"
"""Behind a document's key: a notice about its data, which waits until nothing is said of its file."""


@frozen(eq=False)
class Notice:
    """What is said, what can be done, and what the cross does."""

    text: str
    verbs: tuple[Action, ...]
    level: Severity
    refuse: Callable[[], object] | None


class Announcement(Banner):
    """Hidden until there is something to say. Each verb does its part and takes the banner away; so
    does the cross.

    What is said about one document stands there while that one is in front.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(dismissible=True, parent=parent)
        self._notices: dict[str, Notice] = {}
        self._front = ""
        self.dismissed.connect(self._dismissed)
        self.hide()

    def say(
        self,
        text: str,
        verbs: tuple[Action, ...],
        level: Severity = "warning",
        refuse: Callable[[], object] | None = None,
        about: str = "",
    ) -> None:
        """Show a sentence and what can be done; `refuse` is done when the cross is pressed instead. `about`
        is the key of the document of which it tells.
        """
        self._notices[about] = Notice(text, verbs, level, refuse)
        self._refresh()

    def withdraw(self, about: str = "") -> None:
        """Say it no longer: it is answered, or no longer so."""
        if self._notices.pop(about, None) is not None:
            self._refresh()

    def turn_to(self, key: str) -> None:
        """The document of that key is in front now."""
        self._front = key
        self._refresh()

    def _shown(self) -> str:
        order = (self._front, f"{self._front}{DATA}", "", SETTINGS)
        return next((about for about in order if about in self._notices), "")

    def _refresh(self) -> None:
        about = self._shown()
        notice = self._notices.get(about)
        if notice is not None:
            told = dict.fromkeys((about, SETTINGS))
            text = "\n".join(self._notices[one].text for one in told if one in self._notices)
            self.set(text, notice.level, notice.verbs)
            self.setAccessibleName(text)
            for button in self.buttons:
                button.clicked.connect(self._answered)
        self.setVisible(notice is not None)

    def _answered(self) -> None:
        self.withdraw(self._shown())

    def _dismissed(self) -> None:
        notice = self._notices.get(self._shown())
        self._answered()
        if notice is not None and notice.refuse is not None:
            notice.refuse()
