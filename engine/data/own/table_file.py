"""A table of a person's own, of any kind that `engine.data.reading.tables` reads."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np

from engine.data.columns.column_type import Values
from engine.data.own.file_source import FileSource, Progress
from engine.data.reading.column_notes import ColumnNote
from engine.data.reading.listing import Cancelled
from engine.data.reading.listing import Progress as ReadingProgress
from engine.data.reading.summary import ColumnSummary, Tallies
from engine.data.reading.tabular import RowBatch, TableContent, TableFormat
from engine.data.records import Records
from engine.kinds import declare, param
from engine.kinds.types import Text

if TYPE_CHECKING:
    import polars as pl

FOUND = "found by itself"
BATCH = 200_000
"""Rows that are counted at once."""


@declare(
    title="A table of your own",
    family="own",
    hint="CSV, Excel, Parquet, Arrow, JSON lines, SQLite",
    search="csv tsv excel xlsx spreadsheet parquet arrow feather jsonl sqlite database own file open import",
)
class TableFile(FileSource):
    """A table from a file: a row is a sample, a column is what is known of it.

    For measurements, records and answers that stand in a spreadsheet or a database.
    """

    separator: str = param("", doc="What stands between two fields; empty where it is found by itself")
    decimal: str = param("", options=("", ".", ","), doc="What stands before the decimals")
    encoding: str = param("", doc="In which encoding the text stands, such as utf-8 or gbk")
    header: str = param(FOUND, options=(FOUND, "yes", "no"), doc="Whether the first row names the columns")
    sheet: str = param(
        "", type=Text(4000), doc="The sheet of a spreadsheet, or the table or SELECT of a database"
    )

    @property
    def format(self) -> TableFormat:
        """How it is read."""
        header = None if self.header == FOUND else self.header == "yes"
        return TableFormat("", self.separator, self.decimal, self.encoding, header, self.sheet)

    def read(self, progress: Progress | None = None) -> Records:
        """All rows. Raises `Trouble`."""
        self.require_present()
        content = table(self.place, self.format)
        name = self.place.name
        return Records(
            {column.name: values(column) for column in content.frame},
            np.arange(content.frame.height),
            lambda row: f"{name}, row {row + 1}",
            skipped=content.skipped,
        )

    def notes(self) -> Mapping[str, tuple[ColumnNote, ...]]:
        """What its columns show that misleads. Raises `Trouble`."""
        return {one.name: one.notes for one in self.summaries() if one.notes}

    def summaries(self) -> tuple[ColumnSummary, ...]:
        """What stands in its columns, counted once. Raises `Trouble`."""
        content = table(self.place, self.format)
        if content not in _SUMMARIES:
            _SUMMARIES[content] = summaries(content)
        return _SUMMARIES[content]

    def facts(self) -> Mapping[str, str]:
        """How the table was read: its kind, and of a text its encoding, separator and decimals."""
        found = table(self.place, self.format).format
        known = {
            "kind": found.kind,
            "encoding": found.encoding,
            "separator": found.separator,
            "decimal": found.decimal,
            "sheet": found.sheet,
        }
        return {name: value for name, value in known.items() if value}


def table(
    path: Path,
    format: TableFormat,
    progress: ReadingProgress | None = None,
    cancelled: Cancelled | None = None,
) -> TableContent:
    """The table of a file as it is now: read once, and again where the file has changed. `progress` is told
    how many bytes are read. Raises `Trouble`, and `Abandoned` where `cancelled` says so.
    """
    from engine.data.reading import tables

    found = path.stat()
    key = (path, format, found.st_size, found.st_mtime_ns)
    content = _TABLES.get(key)
    if content is None:
        content = tables.read(path, format, progress=progress, cancelled=cancelled)
        while len(_TABLES) >= KEPT:
            _TABLES.pop(next(iter(_TABLES)), None)
        _TABLES[key] = content
    return content


def summaries(content: TableContent) -> tuple[ColumnSummary, ...]:
    """What stands in the columns of a table."""
    frame = content.frame
    tallies = Tallies(frame.columns)
    for start in range(0, frame.height, BATCH):
        tallies.add(RowBatch(frame.slice(start, BATCH), 0, partial(_line, start)))
    return tallies.columns()


def _line(start: int, row: int) -> int:
    """The line of a row of a batch that begins at the row `start`; the first names the columns."""
    return start + row + 2


KEPT = 2
"""Tables that stay in memory: the one of now, and the one before."""
_TABLES: dict[tuple[Path, TableFormat, int, int], TableContent] = {}
_SUMMARIES: WeakKeyDictionary[TableContent, tuple[ColumnSummary, ...]] = WeakKeyDictionary()


def values(column: pl.Series) -> Values:
    """A column of a table as its type takes it: float64 with NaN, or objects with None, where one is
    missing.
    """
    import polars as pl

    if column.dtype.is_numeric():
        return column.cast(pl.Float64).fill_null(float("nan")).to_numpy().copy()
    if column.dtype == pl.Boolean:
        column = column.cast(pl.String)
    return np.array([*column.to_list(), None], object)[:-1]  # one more, so that it stays a row
