"""Finds ways out of problems off the hot path: one at a time, of a large network beside the window."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QObject, QTimer, Signal

from engine.analysis.results import Problem
from engine.repairs.propose import propose
from engine.repairs.repair import Repair
from gui.background import Worker

LARGE = 150
"""Layers from which on trying a repair may take longer than the window may wait."""
PAUSE = 30
"""Milliseconds without another request before anything is sought, so that typing is not disturbed."""


Proposal = tuple[Problem, tuple[Repair, ...]]


def _proposal(problem: Problem) -> Proposal:
    return problem, propose(problem)


class RepairSearch(QObject):
    """Works through problems in order. A new request takes the place of the last one."""

    proposed = Signal(object, object)
    """A `Problem` and its repairs, which are known now."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._waiting: list[Problem] = []
        self._worker = Worker(self)
        self._worker.done.connect(self._announce)
        self._worker.failed.connect(self._failed)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._next)

    def seek(self, problems: Iterable[Problem]) -> None:
        """Find the repairs of these soon, the first first."""
        self._waiting = list(problems)
        self._worker.cancel()
        if self._waiting:
            self._timer.start(PAUSE)
        else:
            self._timer.stop()

    @property
    def busy(self) -> bool:
        """Whether something is still sought."""
        return bool(self._waiting) or self._worker.busy

    def _next(self) -> None:
        if not self._waiting:
            return
        problem = self._waiting.pop(0)
        analysis = problem.analysis
        if analysis is not None and len(analysis.project.graph.nodes) > LARGE:
            self._worker.run(lambda: _proposal(problem))
        else:
            self._announce(_proposal(problem))

    def _announce(self, proposal: Proposal) -> None:
        self.proposed.emit(*proposal)
        if self._waiting:
            self._timer.start(0)

    def _failed(self, error: Exception) -> None:
        raise error  # nothing a person did: the window's own handler tells of it
