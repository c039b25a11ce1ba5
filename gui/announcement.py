"""A banner that comes when something happened and goes when it was answered."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from gui.controls import Banner
from gui.controls.notices import Level

Verb = tuple[str, Callable[[], object]]


class Announcement(Banner):
    """Hidden until there is something to say. Each verb does its part and takes the banner away; so
    does the cross.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(dismissible=True, parent=parent)
        self._refuse: Callable[[], object] | None = None
        self.dismissed.connect(self._dismissed)
        self.hide()

    def say(
        self,
        text: str,
        verbs: tuple[Verb, ...],
        level: Level = "warning",
        refuse: Callable[[], object] | None = None,
    ) -> None:
        """Show a sentence and what can be done; `refuse` is done when the cross is pressed instead."""
        self._refuse = refuse
        self.set(text, level, verbs)
        self.setAccessibleName(text)
        for button in self.buttons:
            button.clicked.connect(self.hide)
        self.show()

    def _dismissed(self) -> None:
        if self._refuse is not None:
            self._refuse()
