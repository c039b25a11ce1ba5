"""Work beside the window: one task at a time in a thread, and of those that wait only the newest."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Signal
from shiboken6 import isValid


class Worker(QObject):
    """Runs tasks in a thread and tells of their end in the interface thread.

    A task that is asked for while another runs waits; a newer one takes its place. The result of a task
    that was overtaken is not told.
    """

    done = Signal(object)
    """What the newest task gave back."""
    failed = Signal(object)
    """What the newest task raised."""
    _over = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._waiting: Callable[[], Any] | None = None
        self._thread: threading.Thread | None = None
        self._over.connect(self._ended)

    @property
    def busy(self) -> bool:
        """Whether a task runs or waits."""
        return self._thread is not None

    def run(self, task: Callable[[], Any]) -> None:
        """Run a task soon. It may not touch a widget."""
        self._waiting = task
        if self._thread is None:
            self._begin()

    def cancel(self) -> None:
        """Forget what waits, and do not tell of what runs."""
        self._waiting = None
        self._cancelled = True

    def _begin(self) -> None:
        task, self._waiting, self._cancelled = self._waiting, None, False
        assert task is not None
        self._thread = threading.Thread(target=self._work, args=(task,), daemon=True, name="worker")
        self._thread.start()

    def _work(self, task: Callable[[], Any]) -> None:
        try:
            outcome = (True, task())
        except Exception as error:
            outcome = (False, error)
        if isValid(self):  # the window may have been closed meanwhile
            self._over.emit(outcome)

    def _ended(self, outcome: tuple[bool, Any]) -> None:
        self._thread = None
        cancelled = self._cancelled
        if self._waiting is not None:
            self._begin()
        elif not cancelled:
            (self.done if outcome[0] else self.failed).emit(outcome[1])
