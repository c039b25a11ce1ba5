"""Keeps a moment of the training in memory to go back to, at little cost."""

from __future__ import annotations

import time
from collections.abc import Callable

from engine.training.checkpoint import Checkpoint, finite
from engine.training.recorder import Ledger
from engine.training.state import Learner

SHARE = 200  # a checkpoint may take one part in so many of the time


class Guard:
    """Takes checkpoints of a learner: at the start, then at reports and ends of epochs as often as is
    cheap.
    """

    def __init__(self, learner: Learner, ledger: Ledger, keep: Callable[[Checkpoint], None] | None) -> None:
        self._learner = learner
        self._ledger = ledger
        self._keep = keep
        self._next = 0.0
        self._taken: Checkpoint | None = None

    @property
    def checkpoint(self) -> Checkpoint:
        """The latest one."""
        assert self._taken is not None, "a training takes one before its first step"
        return self._taken

    def take(self) -> None:
        """Take one now, unless a weight is not finite any more: the next loss will tell, and the one before
        is what to go back to then.
        """
        began = time.perf_counter()
        if self._taken is not None and not finite(self._learner.module.state_dict()):
            return
        self._taken = self._learner.checkpoint(tuple(self._ledger.sums))
        now = time.perf_counter()
        self._next = now + SHARE * (now - began)
        if self._keep is not None:
            self._keep(self._taken)

    def consider(self) -> None:
        """Take one if it is cheap by now."""
        if time.perf_counter() >= self._next:
            self.take()

    def go_back(self) -> None:
        """Return the learner to the latest checkpoint, if there is one."""
        if self._taken is not None:
            self._learner.restore(self._taken)
