"""Work beside the window: one task at a time in a thread, and of those that wait only the newest."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import cache
from typing import Any
from weakref import WeakMethod

from PySide6.QtCore import QObject, Signal
from shiboken6 import isValid


class Post(QObject):
    """Brings what a thread found to a method of an object of the interface thread, where that still lives.

    The thread itself may not emit a signal of that object: the window may free it at that very moment, which
    ends the process. This one lives as long as the program does.
    """

    _sent = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._sent.connect(self._deliver)

    def send(self, to: WeakMethod[Callable[[Any], object]], content: object) -> None:
        """Call the method with that, soon, in the interface thread."""
        self._sent.emit((to, content))

    def _deliver(self, letter: tuple[WeakMethod[Callable[[Any], object]], object]) -> None:
        take = letter[0]()
        if take is not None and isValid(take.__self__):  # type: ignore[attr-defined]  # it is a method
            take(letter[1])


@cache
def post() -> Post:
    """The one there is. To be asked for first in the interface thread, to which it then belongs."""
    return Post()


class Worker(QObject):
    """Runs tasks in a thread and tells of their end in the interface thread.

    A task that is asked for while another runs waits; a newer one takes its place. The result of a task
    that was overtaken is not told.
    """

    done = Signal(object)
    """What the newest task gave back."""
    failed = Signal(object)
    """What the newest task raised."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._waiting: Callable[[], Any] | None = None
        self._thread: threading.Thread | None = None

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
        arguments = (task, post(), WeakMethod(self._ended))
        self._thread = threading.Thread(target=_work, args=arguments, daemon=True, name="worker")
        self._thread.start()

    def _ended(self, outcome: tuple[bool, Any]) -> None:
        self._thread = None
        cancelled = self._cancelled
        if self._waiting is not None:
            self._begin()
        elif not cancelled:
            (self.done if outcome[0] else self.failed).emit(outcome[1])


def _work(task: Callable[[], Any], post: Post, ended: WeakMethod[Callable[[Any], object]]) -> None:
    """What the thread does. It holds no Worker, so that none is freed there."""
    try:
        outcome = (True, task())
    except Exception as error:
        outcome = (False, error)
    post.send(ended, outcome)
