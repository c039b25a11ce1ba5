"""Something that can be done, as menus, tool bar and keys offer it: a `QAction` that knows when."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from attrs import frozen
from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QKeySequence

from gui.controls.badge import keys_text
from gui.style import icons


@frozen
class Turned:
    """What a command is called, and its icon, while doing it takes back what it did."""

    when: Callable[[], bool]
    title: str
    icon: str


class Command(QAction):
    """Does what it is made of, if that can be done; `refresh` sees anew whether it can.

    `title` and `icon_name` are what it was declared with; `shown_icon` is the icon of now. `words` are
    further words under which it is found. With `checked` it is a switch. `canvas_keys` are heard by the
    canvas, while it has the keyboard; here they are only shown.
    """

    def __init__(
        self,
        parent: QObject,
        id: str,
        title: str,
        run: Callable[[], object],
        enabled: Callable[[], bool],
        *,
        hint: str = "",
        words: str = "",
        icon: str = "",
        keys: Sequence[str] = (),
        canvas_keys: Sequence[str] = (),
        checked: Callable[[], bool] | None = None,
        turned: Turned | None = None,
    ) -> None:
        super().__init__(title, parent)
        self.id, self.title, self.hint, self.words = id, title, hint or title, words
        self.keys = (*keys, *canvas_keys)
        self.icon_name = self.shown_icon = icon
        self._run, self._enabled, self._checked, self._turned = run, enabled, checked, turned
        self.setObjectName(id)
        self.setToolTip(self.hint)
        self.setShortcuts([QKeySequence(one) for one in keys or canvas_keys])
        if canvas_keys and not keys:
            self.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        self.setCheckable(checked is not None)
        if icon:
            icons.dress(self, icon, "text2")
        self.triggered.connect(self.run)
        self.refresh()

    def run(self) -> None:
        """Do it, if it can be done."""
        if self._enabled():
            self._run()
        self.refresh()

    def refresh(self) -> None:
        """See anew whether it can be done, whether it is on, and what it is called."""
        self.setEnabled(self._enabled())
        if self._checked is not None:
            self.setChecked(self._checked())
        turned = self._turned
        if turned is not None:
            title, icon = (turned.title, turned.icon) if turned.when() else (self.title, self.icon_name)
            if icon != self.shown_icon:
                self.shown_icon = icon
                icons.dress(self, icon, "text2")
                self.setText(title)

    def keys_text(self) -> str:
        """Its first keys, as they are written beside it; "" where it has none."""
        return keys_text(self.shortcut()) if self.keys else ""
