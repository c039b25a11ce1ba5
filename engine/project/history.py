"""Undo and redo by keeping the values: nothing to invert, so nothing to get wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from engine.message import Message

V = TypeVar("V")


class History(Generic[V]):
    """The present value, the past ones and those that were undone.

    Pushing with the same `merge` key as the last push replaces the present, so that typing into one field is
    one step. At most `limit` steps are kept.
    """

    def __init__(self, present: V, limit: int = 1000) -> None:
        self.present = present
        self._limit = limit
        self._past: list[tuple[V, Message]] = []
        self._future: list[tuple[V, Message]] = []
        self._merge: object = None

    def push(self, value: V, label: Message, merge: object = None) -> None:
        """Make a new present and forget what was undone. A value equal to the present changes nothing."""
        if value == self.present:
            return
        merged = merge is not None and merge == self._merge and bool(self._past)
        if not merged:
            self._past.append((self.present, label))
            del self._past[: -self._limit]
        elif self._past[-1][0] == value:
            self._past.pop()  # typed back to where it began: nothing to undo
            merge = None
        self._future.clear()
        self._merge = merge
        self.present = value

    def seal(self) -> None:
        """End the merging: the next push is a step of its own."""
        self._merge = None

    def renew(self, new: Callable[[V], V]) -> None:
        """Put another value in the place of each, past and undone ones too: no step of its own."""
        self.present = new(self.present)
        self._past = [(new(value), label) for value, label in self._past]
        self._future = [(new(value), label) for value, label in self._future]

    def undo(self) -> bool:
        """Go one step back. False where there is none."""
        return self._step(self._past, self._future)

    def redo(self) -> bool:
        """Go one step forward again. False where there is none."""
        return self._step(self._future, self._past)

    def _step(self, source: list[tuple[V, Message]], target: list[tuple[V, Message]]) -> bool:
        self._merge = None
        if not source:
            return False
        value, label = source.pop()
        target.append((self.present, label))
        self.present = value
        return True

    @property
    def undo_label(self) -> Message | None:
        """What undo would take back, or None."""
        return self._past[-1][1] if self._past else None

    @property
    def redo_label(self) -> Message | None:
        """What redo would do again, or None."""
        return self._future[-1][1] if self._future else None
