"""The numbers of a run, smoothed and thinned for drawing so that no extreme is lost.

A million steps take about a byte each and line beside the numbers themselves, and any stretch of them is
thinned in about a millisecond: every block of 48 steps keeps its least and greatest value, raw and smoothed.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from engine.training.growing_array import EXPECTED, GrowingArray

BLOCK = 48


class Line:
    """One value for every step of training, the first step being 1, with a running mean that follows it.

    It is drawn from numbers that somebody else gathers, perhaps in another thread: as many as `show` says.
    The running mean weights a step `smoothing` times what it weights the next, and is corrected for its
    start, so that it begins at the first number. A value that is not a number is a gap in both, and counts
    as the one before it; where none came before, it does not count at all.
    """

    def __init__(self, raw: GrowingArray, smoothing: float = 0.0) -> None:
        self.raw = raw
        self.smoothing = smoothing
        self._count = 0
        self._begins = 0
        """How many values come before the first number, as far as is known."""
        self._raw_blocks = (GrowingArray(room=64), GrowingArray(room=64))
        self._mean_blocks = (GrowingArray(room=64), GrowingArray(room=64))
        self._carries = GrowingArray(np.float64, 64)  # the mean, not yet corrected, before each block

    def __len__(self) -> int:
        return self._count

    def expect(self, steps: int) -> None:
        """Be ready for so many steps in all; more may come."""
        steps = min(steps, EXPECTED)
        for column in (*self._raw_blocks, *self._mean_blocks, self._carries):
            column.reserve(steps // BLOCK)

    def show(self, count: int) -> None:
        """Draw the first so many numbers. Blocks are made of them when they are next drawn, more seldom."""
        self._count = min(count, len(self.raw))
        before = self.raw.values[self._begins : self._count]
        if len(before) and not np.isfinite(before[0]):
            numbers = np.flatnonzero(np.isfinite(before))
            self._begins += int(numbers[0]) if len(numbers) else len(before)

    def smooth(self, smoothing: float) -> None:
        """Follow with another running mean; 0 is the raw line itself, and 1 would never move."""
        if smoothing == self.smoothing:
            return
        self.smoothing = smoothing
        for column in (*self._mean_blocks, self._carries, *self._raw_blocks):
            column.cut(0)

    def _gather(self) -> None:
        """Note least and greatest of every block that has become whole since the last time."""
        done, whole = len(self._raw_blocks[0]), self._count // BLOCK
        if whole == done:
            return
        rows = self.raw.values[done * BLOCK : whole * BLOCK].reshape(-1, BLOCK)
        self._raw_blocks[0].extend(_least(rows))
        self._raw_blocks[1].extend(_greatest(rows))
        carry = self._carry(done)
        for start in range(0, len(rows), 256):  # so that a million steps need no second copy of themselves
            part = rows[start : start + 256]
            means, carries, carry = _running_means(
                part, self.smoothing, carry, (done + start) * BLOCK - self._begins
            )
            self._carries.extend(carries)
            self._mean_blocks[0].extend(_least(means))
            self._mean_blocks[1].extend(_greatest(means))

    def _carry(self, block: int) -> float:
        """The uncorrected mean before that block."""
        if block == 0:
            return 0.0
        if block < len(self._carries):
            return float(self._carries.values[block])
        start = (block - 1) * BLOCK
        row = self.raw.values[start : start + BLOCK].reshape(1, -1)
        return _running_means(
            row, self.smoothing, float(self._carries.values[block - 1]), start - self._begins
        )[2]

    def means(self, first: int, last: int) -> np.ndarray:
        """The running mean at the indices from `first` up to, but without, `last`."""
        if last <= first:
            return np.empty(0, np.float32)
        self._gather()
        block, final = first // BLOCK, (last - 1) // BLOCK
        start = block * BLOCK
        values = self.raw.values[start : min(self._count, (final + 1) * BLOCK)]
        padded = np.zeros((final - block + 1) * BLOCK, np.float32)
        padded[: len(values)] = values
        means, _, _ = _running_means(
            padded.reshape(-1, BLOCK), self.smoothing, self._carry(block), start - self._begins
        )
        return means.reshape(-1)[first - start : last - start]

    def thinned(
        self, first: int, last: int, columns: int, smoothed: bool = False
    ) -> tuple[np.ndarray, np.ndarray]:
        """Indices and values that draw the stretch `first` … `last` in so many columns, least and greatest
        of each.

        The two stand in the order in which they came wherever that is known, else the least comes first. A
        stretch short enough comes as it is.
        """
        self._gather()
        first, last = max(0, first), min(len(self), last)
        count = last - first
        if count <= 2 * columns or count <= 4 * BLOCK:
            values = self.means(first, last) if smoothed else self.raw.values[first:last]
            return np.arange(first, last), values
        if count <= columns * BLOCK:
            values = self.means(first, last) if smoothed else self.raw.values[first:last]
            starts = np.linspace(0, count, columns, endpoint=False).astype(np.intp)
            return _both(values, values, starts, first, 1, count)
        low, high = self._mean_blocks if smoothed else self._raw_blocks
        front, back = -(-first // BLOCK), min(last // BLOCK, len(low))
        lows, highs = low.values[front:back], high.values[front:back]
        starts = np.linspace(0, len(lows), min(columns, len(lows)), endpoint=False).astype(np.intp)
        indices, values = _both(lows, highs, starts, front * BLOCK, BLOCK, len(lows))
        head = self.thinned(first, front * BLOCK, columns, smoothed)
        tail = self.thinned(back * BLOCK, last, columns, smoothed)
        return (
            np.concatenate((head[0], indices, tail[0])),
            np.concatenate((head[1], values, tail[1])),
        )

    def extent(self) -> tuple[float, float]:
        """Least and greatest finite value, raw. Two times NaN where there is none."""
        self._gather()
        whole = len(self._raw_blocks[0]) * BLOCK
        rest = self.raw.values[whole : self._count]
        every = np.concatenate((self._raw_blocks[0].values, self._raw_blocks[1].values, rest))
        finite = every[np.isfinite(every)]
        return (float(finite.min()), float(finite.max())) if len(finite) else (float("nan"), float("nan"))


def _least(rows: np.ndarray) -> np.ndarray:
    return np.fmin.reduce(rows, axis=1)


def _greatest(rows: np.ndarray) -> np.ndarray:
    return np.fmax.reduce(rows, axis=1)


def _both(
    lows: np.ndarray, highs: np.ndarray, starts: np.ndarray, offset: int, stride: int, count: int
) -> tuple[np.ndarray, np.ndarray]:
    """Least and greatest of each column as one zigzag, spread over the width of the column."""
    least, greatest = np.fmin.reduceat(lows, starts), np.fmax.reduceat(highs, starts)
    ends = np.append(starts[1:], count)
    indices = np.empty(2 * len(starts))
    indices[0::2] = offset + starts * stride
    indices[1::2] = offset + (starts + ends) / 2 * stride
    values = np.empty(2 * len(starts), np.float32)
    rising = np.ones(len(starts), bool)
    if stride == 1:  # where the exact order is at hand, a rising stretch is drawn rising
        rising = lows[starts] <= lows[ends - 1]
    values[0::2] = np.where(rising, least, greatest)
    values[1::2] = np.where(rising, greatest, least)
    return indices, values


def _running_means(
    rows: np.ndarray, smoothing: float, carry: float, before: int
) -> tuple[np.ndarray, np.ndarray, float]:
    """Running means of consecutive blocks, the uncorrected mean before each, and the one after the last.

    `before` steps came since the first number, fewer than none where that is still to come. Within a block
    the recursion is one product with a triangular matrix; only the step from block to block is a loop.
    """
    if smoothing <= 0:
        return rows, np.zeros(len(rows)), 0.0
    width = rows.shape[1]
    values = rows.astype(np.float64)
    missing = ~np.isfinite(values)
    if missing.any():
        share = 1.0 - smoothing**before
        _fill(values.reshape(-1), carry / share if share > 0 else 0.0)
    weights, fading = _weights(smoothing, width)
    means = values @ weights
    carries = np.empty(len(rows))
    decay = smoothing**width
    for index, end in enumerate(means[:, -1].tolist()):
        carries[index] = carry
        carry = carry * decay + end
    means += carries[:, None] * fading
    if smoothing**before > 1e-9:
        counted = np.maximum(before + 1.0 + np.arange(values.size), 1.0).reshape(means.shape)
        means /= 1.0 - smoothing**counted
    means[missing] = np.nan
    return means.astype(np.float32), carries, carry


@lru_cache(maxsize=16)
def _weights(smoothing: float, width: int) -> tuple[np.ndarray, np.ndarray]:
    """What each value of a block weighs in the means after it, and how what came before the block fades."""
    lag = np.arange(width)[None, :] - np.arange(width)[:, None]
    weights = np.where(lag >= 0, (1 - smoothing) * smoothing ** np.maximum(lag, 0), 0.0)
    return weights, smoothing ** np.arange(1.0, width + 1)


def _fill(values: np.ndarray, first: float) -> None:
    """Put the last number before it in the place of every gap, `first` where none came before."""
    places = np.where(np.isfinite(values), np.arange(values.size), -1)
    last = np.maximum.accumulate(places)
    values[:] = np.where(last >= 0, values[last], first)


class Points:
    """A few values, each at a step and an epoch: what validation measured."""

    def __init__(self) -> None:
        self.steps = GrowingArray(np.int64, 64)
        self.epochs = GrowingArray(np.float64, 64)
        self.values = GrowingArray(np.float64, 64)

    def __len__(self) -> int:
        return len(self.values)

    def add(self, step: int, epoch: float, value: float) -> None:
        self.steps.extend([step])
        self.epochs.extend([epoch])
        self.values.extend([value])

    def before(self, step: float) -> int | None:
        """The index of the last point at or before a step."""
        index = int(np.searchsorted(self.steps.values, step, side="right")) - 1
        return index if index >= 0 else None

    def thinned(self, columns: int) -> tuple[np.ndarray, np.ndarray]:
        """Steps and values, at most two for each column: the least and the greatest of it, in the order
        they came.
        """
        steps, values = self.steps.values, self.values.values
        if len(values) <= 2 * columns:
            return steps, values
        keep: set[int] = set()
        for piece in np.array_split(np.arange(len(values)), columns):
            known = piece[np.isfinite(values[piece])]
            if len(known):
                keep |= {int(known[values[known].argmin()]), int(known[values[known].argmax()])}
        chosen = np.array(sorted(keep), np.intp)
        return steps[chosen], values[chosen]
