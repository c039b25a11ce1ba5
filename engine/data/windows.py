"""Samples that are windows of a series: what a network gets of them, where they lie, and their numbers."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from attrs import evolve, frozen

from engine.data.columns.numbers import days_of
from engine.data.reading.skipped import Skipped
from engine.data.records import Records
from engine.data.sampling import LEAVE_OUT, SeriesWindows
from engine.data.schema import Column
from engine.message import Message, Trouble

UNTIMED = Message("it does not say when")
KNOWN_AHEAD = "known ahead"
"""The row of what is known in advance of the steps that are foretold, such as holidays."""


def seen(column: Column, windows: SeriesWindows, ahead: bool) -> Column:
    """A column of single rows as a window of them, or as the steps ahead of it."""
    steps = windows.horizon if ahead else windows.window
    return evolve(column, shape=(steps, *column.shape), kind="series" if column.dtype == "float" else "text")


def foretold(column: Column, windows: SeriesWindows) -> Column:
    """A target of single rows as the steps that are foretold."""
    if windows.foretold == 1:
        return column
    if column.shape == (1,):
        names = tuple(f"{column.name} +{step}" for step in range(1, windows.horizon + 1))
        scales = column.scales * windows.horizon
        return evolve(
            column, shape=(windows.horizon,), names=names, units=column.units * windows.horizon, scales=scales
        )
    return evolve(column, shape=(windows.horizon, *column.shape))


@frozen(eq=False)
class WindowPlaces:
    """Where the windows of a series lie: of each of S samples the row that the network sees last, int64, in
    the order of time.
    """

    last: np.ndarray
    windows: SeriesWindows

    def seen(self, rows: np.ndarray, ahead: bool = False) -> np.ndarray:
        """Of values of every row, rows×…, those of each window S×window×…, or of the steps ahead of it."""
        windows: np.ndarray = rows[self._seen(ahead)]
        return windows

    def foretold(self, rows: np.ndarray) -> np.ndarray:
        """Of values of every row, rows×…, those that are foretold: S×…, or S×horizon×… where there
        are many.
        """
        found: np.ndarray = rows[self._foretold()]
        if self.windows.foretold == 1:
            return found[:, 0]
        return found[..., 0] if found.ndim == 3 and found.shape[2] == 1 else found

    def rows(self, samples: np.ndarray) -> np.ndarray:
        """The rows that some samples are made of, each once, int64."""
        some = WindowPlaces(self.last[samples], self.windows)
        return np.unique(np.concatenate([some._seen(False).ravel(), some._foretold().ravel()]))

    def _seen(self, ahead: bool) -> np.ndarray:
        windows = self.windows
        steps = np.arange(1, windows.horizon + 1) if ahead else np.arange(1 - windows.window, 1)
        return np.asarray(self.last[:, None] + steps)

    def _foretold(self) -> np.ndarray:
        windows = self.windows
        first = windows.horizon - windows.foretold + 1
        return np.asarray(self.last[:, None] + np.arange(first, windows.horizon + 1))


def in_time(records: Records, time: str, groups: np.ndarray | None) -> tuple[Records, np.ndarray, np.ndarray]:
    """The rows of each group after those of another, each in the order of time, with the group and the time
    of every row (N int64, N float64 in days). Without a column of times they stay in their order. Rows
    that do not say when are left out.
    """
    count = len(records)
    groups = np.zeros(count, np.int64) if groups is None else groups
    if not time:
        order = np.argsort(groups, kind="stable")
        return records.take(order), groups[order], np.arange(count, dtype=np.float64)[order]
    moments = (days_of(value) for value in records.columns[time])
    times = np.array([np.nan if moment is None else moment for moment in moments], np.float64)
    order = np.lexsort((times, groups))
    kept = order[~np.isnan(times[order])]
    lost = np.flatnonzero(np.isnan(times))
    if len(lost):
        skipped = Skipped(records.place(int(records.numbers[lost[0]])), UNTIMED, len(lost))
        return records.take(kept, skipped), groups[kept], times[kept]
    return records.take(kept), groups[kept], times[kept]


def places(
    records: Records,
    windows: SeriesWindows,
    groups: np.ndarray,
    times: np.ndarray,
    unusable: Mapping[str, np.ndarray],
) -> tuple[WindowPlaces, Records]:
    """Where windows lie in rows that are in order, and the records with what is said of windows that are left
    out: those with a row that is `unusable` (by column, N booleans each) or, where that is wanted, with a
    step missing. Raises `Trouble` where there is room for none.
    """
    ends = np.flatnonzero(np.diff(groups, append=groups[-1:] + 1)) + 1
    starts = np.concatenate([[0], ends[:-1]]).astype(np.int64) if len(ends) else ends
    span = windows.window + windows.horizon
    last = [
        np.arange(a + windows.window - 1, b - windows.horizon, windows.stride)
        for a, b in zip(starts, ends, strict=True)
    ]
    found = WindowPlaces(np.concatenate(last) if last else np.zeros(0, np.int64), windows)
    if not len(found.last):
        raise Trouble(
            "The series is too short: expected at least {span} rows that follow each other for a window "
            "of {window} and what comes {horizon} after it, received {rows}. Make the window shorter.",
            span=span,
            window=windows.window,
            horizon=windows.horizon,
            rows=int(max(ends - starts, default=0)),
        )
    records, jumps = _regular(records, groups, times)
    skipped = []
    for column, bad in unusable.items():
        whole = ~(
            found.seen(bad).any(1) | np.asarray(found.foretold(bad)).reshape(len(found.last), -1).any(1)
        )
        if not whole.all():
            reason = Message("{column} is missing within the window", column=column)
            skipped.append(_skipped(records, found.last[~whole], reason))
            found = WindowPlaces(found.last[whole], windows)
    if windows.gaps == LEAVE_OUT and jumps.any():
        before = np.concatenate([[0], np.cumsum(jumps)])
        # a jump belongs to the row after it: the first row of a window may come after one
        whole = before[found.last + windows.horizon + 1] == before[found.last - windows.window + 2]
        if not whole.all():
            skipped.append(
                _skipped(records, found.last[~whole], Message("steps are missing within the window"))
            )
            found = WindowPlaces(found.last[whole], windows)
    order = np.argsort(times[found.last + windows.horizon], kind="stable")
    return WindowPlaces(found.last[order], windows), evolve(records, skipped=(*records.skipped, *skipped))


def _skipped(records: Records, rows: np.ndarray, reason: Message) -> Skipped:
    return Skipped(records.place(int(records.numbers[rows[0]])), reason, len(rows))


def _regular(records: Records, groups: np.ndarray, times: np.ndarray) -> tuple[Records, np.ndarray]:
    """The records with what is noticed of their times: steps that are missing, times that come twice. And
    which rows come after a jump, N booleans.
    """
    within = np.diff(groups, prepend=groups[:1] - 1) == 0
    steps = np.diff(times, prepend=times[:1])
    steps[~within] = np.nan
    usual = float(np.nanmedian(steps)) if within.any() else 0.0
    jumps = np.nan_to_num(steps, nan=usual) > 1.5 * usual if usual > 0 else np.zeros(len(times), bool)
    noticed = list(records.noticed)
    if jumps.any():
        first = int(np.flatnonzero(jumps)[0])
        noticed.append(
            Message(
                "Steps are missing from the series in {count} place{count:|s}, first before {place}.",
                count=int(jumps.sum()),
                place=records.place(int(records.numbers[first])),
            )
        )
    twice = steps == 0
    if twice.any():
        first = int(np.flatnonzero(twice)[0])
        noticed.append(
            Message(
                "{count} row{count:|s} ha{count:s|ve} the time of the one before, first {place}. Is there a "
                "column that tells several series apart? Give it the role group.",
                count=int(twice.sum()),
                place=records.place(int(records.numbers[first])),
            )
        )
    return evolve(records, noticed=tuple(noticed)), jumps


def last_windows(rows: Mapping[str, np.ndarray], windows: SeriesWindows) -> dict[str, np.ndarray]:
    """Of the rows of one series in the order of time, by input, rows×…, every window that there is: its
    samples are one for each row that may be the last to be seen. Raises `Trouble` where there is none.
    """
    count = min(map(len, rows.values()))
    ahead = windows.horizon if KNOWN_AHEAD in rows else 0
    last = np.arange(windows.window - 1, count - ahead)
    if not len(last):
        raise Trouble(
            "The series is too short: expected at least {span} rows that follow each other, received {rows}.",
            span=windows.window + ahead,
            rows=count,
        )
    places = WindowPlaces(last, windows)
    return {name: places.seen(values, name == KNOWN_AHEAD) for name, values in rows.items()}
