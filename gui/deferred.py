"""One refresh for all that happens at once, in time for the next frame."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, Signal
from PySide6.QtWidgets import QWidget


class Deferred(QObject):
    """A call that is made once, when whatever asks for it is done and before the window is painted.

    Qt paints before it looks at its timers: with one, a frame would still show what was, and only the next
    what is.
    """

    _asked = Signal()

    def __init__(self, call: Callable[[], object], parent: QWidget) -> None:
        super().__init__(parent)
        self._call, self._parent = call, parent
        self._waits = False
        self._asked.connect(self._make, Qt.ConnectionType.QueuedConnection)

    def start(self) -> None:
        """Ask for the call; asked for twice, it is made once."""
        if not self._waits:
            self._waits = True
            self._asked.emit()

    def _make(self) -> None:
        self._waits = False
        self._call()
        lay_out(self._parent)


def lay_out(widget: QWidget) -> None:
    """Lay out all within a widget that asks for it, each part once: the inside before what is around it."""
    for part in reversed(widget.findChildren(QWidget)):
        QCoreApplication.sendPostedEvents(part, QEvent.Type.LayoutRequest)
