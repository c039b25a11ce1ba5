"""Keeps a moment of the training in memory to go back to, at little cost."""

from __future__ import annotations

import time
from collections.abc import Callable

from engine.training.checkpoint import Checkpoint, finite
from engine.training.recorder import Recorder
from engine.training.state import TrainingState

SHARE = 200  # a checkpoint may take one part in so many of the time
FIRST = 3.0  # seconds of training after which there is one to write down, whatever it costs
FIRST_EPOCH = 0.5  # seconds after which the end of the first epoch is worth that, too


class Rollback:
    """Takes checkpoints of a training: at the start, after the first epoch or some seconds, then at reports
    and ends of epochs as often as is cheap. `on_checkpoint` is handed each of them.
    """

    def __init__(
        self, state: TrainingState, recorder: Recorder, on_checkpoint: Callable[[Checkpoint], None] | None
    ) -> None:
        self._state = state
        self._recorder = recorder
        self._on_checkpoint = on_checkpoint
        self._began: float | None = None
        self._next = 0.0
        self._checkpoint: Checkpoint | None = None

    @property
    def checkpoint(self) -> Checkpoint:
        """The latest one."""
        assert self._checkpoint is not None, "a training takes one before its first step"
        return self._checkpoint

    def save(self) -> None:
        """Take one now, unless a weight is not finite any more: the next loss will tell, and the one before
        is what to go back to then.
        """
        began = time.perf_counter()
        if self._checkpoint is not None and not finite(self._state.module.state_dict()):
            return
        self._checkpoint = self._state.checkpoint(tuple(self._recorder.sums))
        now = time.perf_counter()
        self._next = now + SHARE * (now - began)
        if self._began is None:
            self._began = now
        if now < self._began + FIRST:
            self._next = min(self._next, self._began + FIRST)
        if self._on_checkpoint is not None:
            self._on_checkpoint(self._checkpoint)

    def save_if_cheap(self) -> None:
        """Take one if enough time has gone by since the last."""
        if time.perf_counter() >= self._next:
            self.save()

    def save_epoch(self) -> None:
        """Take one at the end of an epoch: if it is cheap, or if it is the first and was not over at once."""
        now = time.perf_counter()
        first = self._state.epoch == 1 and self._began is not None and now >= self._began + FIRST_EPOCH
        if first or now >= self._next:
            self.save()

    def restore(self) -> None:
        """Return the training to the latest checkpoint, if there is one."""
        if self._checkpoint is not None:
            self._state.restore(self._checkpoint)
