"""One refresh for all that happens at once, laid out in time for the next frame."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, Signal
from PySide6.QtWidgets import QWidget

MOST = 1000
"""So many parts are laid out before a frame at most; where two ask for each other without an end, Qt serves
the rest in its own time.
"""


class Deferred(QObject):
    """A call that is made once, when whatever asks for it is done and before the window is painted.

    Qt paints before it looks at its timers: with one, a frame would still show what was, and only the next
    what is.
    """

    _asked = Signal()

    def __init__(self, call: Callable[[], object], parent: QWidget) -> None:
        super().__init__(parent)
        self._call = call
        self._waits = False
        self._asked.connect(self._make, Qt.ConnectionType.QueuedConnection)

    def start(self, _: object = None) -> None:
        """Ask for the call; asked for twice, it is made once."""
        if not self._waits:
            self._waits = True
            self._asked.emit()

    def _make(self) -> None:
        self._waits = False
        self._call()
        settle_layouts()


def settle_layouts() -> None:
    """Lay out all that asks for it, each part once: the inside before what is around it.

    A layout asks that of the one around it when it is done. Left to itself Qt goes by the order in which they
    asked, so that what is around is laid out again for each of its parts, and paints between any two of them.
    """
    waiting = _Waiting()
    for _ in range(MOST):
        part = waiting.innermost()
        if part is None:
            return
        QCoreApplication.sendEvent(part, QEvent(QEvent.Type.LayoutRequest))
    for part in waiting.depths:
        QCoreApplication.postEvent(part, QEvent(QEvent.Type.LayoutRequest))


class _Waiting(QObject):
    """The parts that ask to be laid out, with how deep each stands in the others."""

    def __init__(self) -> None:
        super().__init__()
        self.depths: dict[QObject, int] = {}

    def innermost(self) -> QObject | None:
        """The part that stands deepest, which then no longer waits; None where none does."""
        app = QCoreApplication.instance()
        assert app is not None
        app.installEventFilter(self)  # it takes the requests away from Qt, which tells nobody who waits
        QCoreApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest)
        app.removeEventFilter(self)
        if not self.depths:
            return None
        part = max(self.depths, key=self.depths.__getitem__)
        del self.depths[part]
        return part

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest and watched not in self.depths:
            depth, around = 0, watched.parent()
            while around is not None:
                depth, around = depth + 1, around.parent()
            self.depths[watched] = depth
        return event.type() == QEvent.Type.LayoutRequest
