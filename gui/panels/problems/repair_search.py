"""Finds ways out of problems beside the window, one at a time."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QObject, QTimer, Signal

from engine.analysis.results import Problem
from engine.repairs.propose import propose
from engine.repairs.repair import Repair
from gui.background import Worker

PAUSE = 30
"""Milliseconds without another request before anything is sought, so that typing is not disturbed."""

Proposal = tuple[Problem, tuple[Repair, ...]]


class RepairSearch(QObject):
    """Works through problems in order. A new request takes the place of the last one, whose answers are not
    told any more.
    """

    proposed = Signal(object, object)
    """A `Problem` and its repairs, which are known now."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._waiting: list[Problem] = []
        self._request = object()
        self._worker = Worker(self)
        self._worker.done.connect(self._announce)
        self._worker.failed.connect(self._failed)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(PAUSE)
        self._timer.timeout.connect(self._next)

    def seek(self, problems: Iterable[Problem]) -> None:
        """Find the repairs of these soon, the first first."""
        self._waiting, self._request = list(problems), object()
        self._worker.cancel()
        if self._waiting:
            self._timer.start()
        else:
            self._timer.stop()

    def _next(self) -> None:
        if not self._waiting:
            return
        problem, request = self._waiting.pop(0), self._request

        def proposal() -> Proposal:
            return problem, propose(problem, lambda: self._request is request)

        self._worker.run(proposal)

    def _announce(self, proposal: Proposal) -> None:
        self.proposed.emit(*proposal)
        self._next()

    def _failed(self, error: Exception) -> None:
        raise error  # nothing a person did: the window's own handler tells of it
