"""What stands in a table, column by column: a first answer from its first rows, and the whole one while it is
counted.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import frozen

from engine.data.reading.column_notes import ColumnGuess, ColumnNote, guess_of, notes_of
from engine.data.reading.histograms import Histogram
from engine.data.reading.listing import Cancelled, Progress
from engine.data.reading.skipped import Skipped
from engine.data.reading.tables import TableReader, reader_of, watched
from engine.data.reading.tabular import Renamed, RowBatch, TableFormat
from engine.data.reading.tallies import ColumnTally
from engine.message import Message

if TYPE_CHECKING:
    import polars as pl

_FREQUENT = 50
_FIRST_ANSWER = 0.5
"""Seconds that the first rows may take, after which what is known is told."""


@frozen
class ColumnSummary:
    """What stands in a column.

    `distinct` is how many different values there are, at least so many where there are `more`. `lowest` and
    `highest` are numbers, or days and moments as texts; the mean, the standard deviation and the histogram
    are of the finite numbers. `frequent` holds values with how often they come, the most frequent first; none
    where there are too many to count.
    """

    name: str
    guess: ColumnGuess
    rows: int
    missing: int
    distinct: int
    more: bool
    lowest: float | str | None
    highest: float | str | None
    mean: float | None
    deviation: float | None
    histogram: Histogram | None
    frequent: tuple[tuple[str, int], ...]
    examples: tuple[str, ...]
    notes: tuple[ColumnNote, ...]


@frozen
class TableSummary:
    """What stands in a table, or in its first rows where they are not the `whole`."""

    columns: tuple[ColumnSummary, ...]
    rows: int
    whole: bool
    format: TableFormat
    skipped: tuple[Skipped, ...] = ()
    renamed: tuple[Renamed, ...] = ()
    notes: tuple[Message, ...] = ()

    def __getitem__(self, name: str) -> ColumnSummary:
        return next(column for column in self.columns if column.name == name)


def summarise_beginning(path: Path, format: TableFormat | None = None) -> TableSummary:
    """What stands in the first rows of a file: as many as are read within half a second. Raises `Trouble`
    where it cannot be read.
    """
    began = time.monotonic()
    reader = reader_of(path, format)
    size, tallies, whole = reader.path.stat().st_size, Tallies(reader.names), True
    for batch in watched(reader, few=True):
        tallies.add(batch)
        if time.monotonic() - began > _FIRST_ANSWER:
            whole = batch.done >= size
            break
    return tallies.summary(reader, whole)


def summarise(
    path: Path,
    format: TableFormat | None = None,
    *,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
    so_far: Callable[[TableSummary], None] | None = None,
) -> TableSummary:
    """What stands in a whole file, counted in one pass and within bounded memory. `so_far` is told once a
    second what is known. Raises `Trouble` where it cannot be read, and `Abandoned` where it is no longer
    wanted.
    """
    reader = reader_of(path, format)
    tallies, told = Tallies(reader.names), time.monotonic()
    for batch in watched(reader, progress, cancelled):
        tallies.add(batch)
        if so_far is not None and time.monotonic() - told > 1:
            so_far(tallies.summary(reader, whole=False))
            told = time.monotonic()
    return tallies.summary(reader, whole=True)


def summary_of(frame: pl.DataFrame) -> tuple[ColumnSummary, ...]:
    """What stands in the columns of a table that is in memory already."""
    tallies = Tallies(frame.columns)
    tallies.add(RowBatch(frame.fill_nan(None), 0, int))
    return tallies.columns()


class Tallies:
    """What is known of all columns so far."""

    def __init__(self, names: Iterable[str]) -> None:
        self._tallies = {name: ColumnTally(name) for name in names}
        self.rows = 0

    def add(self, batch: RowBatch) -> None:
        """Some further rows. A column that was not there before was missing until now."""
        for name in batch.frame.columns:
            if name not in self._tallies:
                self._tallies[name] = ColumnTally(name, self.rows)
            self._tallies[name].add(batch.frame[name], batch.line_of)
        self.rows += batch.frame.height

    def summary(self, reader: TableReader, whole: bool) -> TableSummary:
        """All of it."""
        skipped = reader.skipped.result()
        return TableSummary(
            self.columns(), self.rows, whole, reader.format, skipped, reader.renamed, reader.notes
        )

    def columns(self) -> tuple[ColumnSummary, ...]:
        """What is known of each column."""
        return tuple(map(_summary, self._tallies.values()))


def _summary(tally: ColumnTally) -> ColumnSummary:
    guess = guess_of(tally)
    spread = tally.numeric or tally.mixed  # digits of postcodes have no mean
    frequent = () if tally.overflowed else tally.counts.most_common(_FREQUENT)
    return ColumnSummary(
        tally.name,
        guess,
        tally.rows,
        tally.missing,
        len(tally.counts),
        tally.overflowed,
        _bound(tally.lowest) if spread or guess == "date" else None,
        _bound(tally.highest) if spread or guess == "date" else None,
        tally.mean if spread and tally.numbers else None,
        tally.deviation if spread else None,
        tally.histogram.result() if spread else None,
        tuple((str(value), count) for value, count in frequent),
        tuple(tally.examples),
        notes_of(tally, guess),
    )


def _bound(value: Any) -> float | str | None:
    return value if value is None or isinstance(value, float) else str(value)
