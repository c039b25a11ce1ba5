"""A growing row of numbers in numpy, for what comes in over hours."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

EXPECTED = 4_000_000
"""Values for which room is made at once at most: 16 MB of which the system gives only what is filled."""
_GROWTH = 1.1
"""Runs are long and many: a tenth of spare room costs less memory than doubling, and hardly more time."""


class GrowingArray:
    """A growing one-dimensional array.

    One thread may extend it while others read: what they get is always a beginning of it.
    """

    def __init__(self, dtype: type = np.float32, room: int = 1024) -> None:
        self._room: np.ndarray = np.empty(room, dtype)
        self._filled = 0

    def __len__(self) -> int:
        return self._filled

    @property
    def values(self) -> np.ndarray:
        """What is filled, as a view."""
        filled = self._filled  # read first: a room that another thread makes meanwhile holds as much at least
        return self._room[:filled]

    def extend(self, values: Sequence[float] | np.ndarray) -> None:
        """Put values at the end."""
        count = len(values)
        need = self._filled + count
        if need > len(self._room):
            self.reserve(max(need, int(len(self._room) * _GROWTH)))
        self._room[self._filled : need] = values
        self._filled = need

    def reserve(self, room: int) -> None:
        """Make room for so many in all. What is not filled yet takes no memory from the system."""
        if room > len(self._room):
            larger = np.empty(room, self._room.dtype)
            larger[: self._filled] = self.values
            self._room = larger  # last, so that nobody reads what is not copied yet

    def cut(self, count: int) -> None:
        """Keep only the first so many."""
        self._filled = min(self._filled, count)
