"""How numbers are spread, counted while they come: nobody knows the smallest and the largest before the
end.
"""

from __future__ import annotations

import numpy as np
from attrs import frozen

_BINS = 512
"""Fine bins that are counted in; between half and all of them lie within the range of the numbers."""
_SHOWN = 30
_LARGEST = 1e300


@frozen
class Histogram:
    """How many numbers lie between two edges that follow each other; there is one edge more than counts."""

    edges: tuple[float, ...]
    counts: tuple[int, ...]


class RunningHistogram:
    """Counts numbers in bins of one width. Where a number lies outside, bins are joined in pairs until it
    does not: the counts stay exact, only the edges are those that came of it.
    """

    def __init__(self) -> None:
        self._counts = np.zeros(_BINS, np.int64)
        self._low = self._width = 0.0
        self._lowest, self._highest = np.inf, -np.inf

    def add(self, numbers: np.ndarray, lowest: float, highest: float) -> None:
        """Count finite numbers (n), the smallest and the largest of which are known."""
        if lowest < -_LARGEST or highest > _LARGEST:  # the width of a bin would be no number any more
            numbers = np.clip(numbers, -_LARGEST, _LARGEST)
            lowest, highest = float(numbers.min()), float(numbers.max())
        self._lowest, self._highest = min(self._lowest, lowest), max(self._highest, highest)
        if not self._width:
            self._low = lowest
            least = max(abs(lowest), abs(highest), 1e-288) * 1e-12  # one number alone has a bin as well
            self._width = max((highest - lowest) / (_BINS - 1), least)
        self._reach(lowest, highest)
        places = ((numbers - self._low) * (1 / self._width)).astype(np.int64)
        np.clip(places, 0, _BINS - 1, out=places)
        self._counts += np.bincount(places, minlength=_BINS)

    def _reach(self, lowest: float, highest: float) -> None:
        while highest >= self._low + _BINS * self._width:
            self._counts = np.concatenate([self._pairs(), np.zeros(_BINS // 2, np.int64)])
            self._width *= 2
        while lowest < self._low:
            self._counts = np.concatenate([np.zeros(_BINS // 2, np.int64), self._pairs()])
            self._low -= _BINS * self._width
            self._width *= 2

    def _pairs(self) -> np.ndarray:
        joined: np.ndarray = self._counts.reshape(-1, 2).sum(1)
        return joined

    def result(self) -> Histogram | None:
        """At most thirty bins from the smallest number to the largest; None where there was none."""
        filled = np.flatnonzero(self._counts)
        if not filled.size:
            return None
        first, last = int(filled[0]), int(filled[-1]) + 1
        step = -(-(last - first) // _SHOWN)
        starts = list(range(first, last, step))
        counts = np.add.reduceat(self._counts, starts) if len(starts) > 1 else [self._counts.sum()]
        edges = [self._low + self._width * place for place in (*starts, starts[-1] + step)]
        edges[0], edges[-1] = self._lowest, max(self._highest, edges[-2])
        return Histogram(tuple(map(float, edges)), tuple(map(int, counts)))
