"""Tables from files: how a file is to be read, its rows, or a way to stream them.

format = detect(path)
table = read(path, format)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from engine.data.reading import excel_tables, sqlite_tables
from engine.data.reading.columnar_tables import ColumnarReader
from engine.data.reading.csv_tables import CsvReader
from engine.data.reading.excel_tables import ExcelReader
from engine.data.reading.jsonl_tables import JsonlReader
from engine.data.reading.listing import Abandoned, Cancelled, Progress, go_on
from engine.data.reading.skipped import Skipped
from engine.data.reading.skipped_rows import SkippedRows
from engine.data.reading.sqlite_tables import SqliteReader
from engine.data.reading.table_kinds import kind_of
from engine.data.reading.tabular import MISSING, Renamed, RowBatch, TableContent, TableFormat
from engine.data.reading.text_values import WordMeaning
from engine.hardware import memory
from engine.message import Message, Trouble

if TYPE_CHECKING:
    import polars as pl

__all__ = [
    "MISSING",
    "Abandoned",
    "Renamed",
    "Skipped",
    "TableContent",
    "TableFormat",
    "detect",
    "read",
    "reader_of",
    "scan",
    "sheets",
    "watched",
]

_PASSES = 4
"""Times a file is read at most until all columns are known: the first pass may find that a column is not what
its beginning said, the next that it is not what the two together say.
"""


class TableReader(Protocol):
    """A table file of one kind: its columns, and its rows in batches."""

    path: Path
    format: TableFormat
    names: list[str]
    renamed: tuple[Renamed, ...]
    skipped: SkippedRows

    @property
    def notes(self) -> tuple[Message, ...]:
        """What else a person should know."""

    def schema(self) -> dict[str, Any]:
        """The type of each column, as far as is known."""

    def batches(
        self,
        cancelled: Cancelled | None = None,
        few: bool = False,
        columns: Sequence[str] | None = None,
    ) -> Iterator[RowBatch]:
        """The rows in order, many at a time, or a `few` where not all are wanted; of all columns, or of
        some.
        """

    def learn(self, unlike: Mapping[str, WordMeaning], last: bool = False) -> None:
        """Take columns for what their words mean."""


_OF_MEMORY = 0.8
"""The part of the free memory that a table may fill: what is made of it needs some as well."""

_READERS: dict[str, Callable[[Path, TableFormat], TableReader]] = {
    "csv": CsvReader,
    "parquet": ColumnarReader,
    "arrow": ColumnarReader,
    "excel": ExcelReader,
    "jsonl": JsonlReader,
    "sqlite": SqliteReader,
}


def detect(path: Path, wanted: TableFormat | None = None) -> TableFormat:
    """How a file will be read: all that `wanted` leaves open is found from its beginning. Raises `Trouble`
    where it is no table.
    """
    return reader_of(path, wanted).format


def sheets(path: Path) -> tuple[str, ...]:
    """The sheets of an Excel file, or the tables of a SQLite file; none where there are no such."""
    kind = kind_of(path, TableFormat()).kind
    if kind == "excel":
        return excel_tables.sheets_of(path)
    return sqlite_tables.sheets_of(path) if kind == "sqlite" else ()


def reader_of(path: Path, wanted: TableFormat | None = None) -> TableReader:
    """The reader of a file, by its content. Raises `Trouble` where it is no table."""
    known = kind_of(path, wanted or TableFormat())
    return _READERS[known.kind](path, known)


def read(
    path: Path,
    format: TableFormat | None = None,
    *,
    rows: int | None = None,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
) -> TableContent:
    """The table of a file, or its first `rows`. Raises `Trouble` where it cannot be read, and
    `Abandoned` where `cancelled` says so.
    """
    import polars as pl

    reader, room = reader_of(path, format), memory.available()
    for again in range(_PASSES):
        frames, unlike, taken = list[pl.DataFrame](), False, 0
        for batch in watched(reader, progress, cancelled, rows is not None):
            if batch.unlike:
                reader.learn(batch.unlike, last=again == _PASSES - 2)
                unlike = True
                frames.clear()
            if not unlike:
                frames.append(batch.frame)
                taken += int(batch.frame.estimated_size())
                _refuse_more_than_there_is(path, taken, room)
                if rows is not None and sum(frame.height for frame in frames) >= rows:
                    break
        if not unlike:
            frame = pl.concat(frames) if frames else pl.DataFrame(schema=reader.schema())
            _refuse_nothing_but_skipped(reader, frame.height)
            frame = frame if rows is None else frame.head(rows)
            return TableContent(frame, reader.format, reader.skipped.result(), reader.renamed, reader.notes)
    raise Trouble(
        "{path} was expected to stay as it is, but it changes while it is read. Wait until it is whole.",
        path=str(path),
    )


def scan(
    path: Path,
    format: TableFormat | None = None,
    *,
    beginning: bool = False,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
) -> pl.LazyFrame:
    """The rows of a file as they are streamed, for what does not fit in memory. All of it is read once
    before, so that every column is what all of its values are; or only its `beginning`, and `Trouble` is
    raised as the rows are collected where a column goes on otherwise.
    """
    reader = reader_of(path, format)
    for again in range(0 if beginning else _PASSES - 1):
        unlike = False
        for batch in watched(reader, progress, cancelled):
            unlike = unlike or bool(batch.unlike)
            reader.learn(batch.unlike, last=again == _PASSES - 2)
        if not unlike:
            break
    return _streamed(reader)


def _streamed(reader: TableReader) -> pl.LazyFrame:
    from polars.io.plugins import register_io_source

    def rows(
        columns: list[str] | None, predicate: pl.Expr | None, most: int | None, size: int | None
    ) -> Iterator[pl.DataFrame]:
        left = most
        for batch in reader.batches(columns=columns):
            if batch.unlike:
                name = next(iter(batch.unlike))
                raise Trouble(
                    "{path}: the column “{name}” was expected to go on as it begins, but its values near row "
                    "{row} are others. Read it as words.",
                    path=str(reader.path),
                    name=name,
                    row=batch.line_of(0),
                )
            frame = batch.frame
            if left is not None:
                frame = frame.head(left)
                left -= frame.height
            yield frame if predicate is None else frame.filter(predicate)
            if left == 0:
                return

    return register_io_source(rows, schema=reader.schema())


def watched(
    reader: TableReader,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
    few: bool = False,
) -> Iterator[RowBatch]:
    """The rows of a table in batches, the bytes that are done being told."""
    batches = reader.batches(cancelled, few)
    for batch in batches if few else _one_ahead(batches):
        go_on(cancelled, reader.path)
        yield batch
        if progress is not None:
            progress(batch.done)


def _one_ahead(batches: Iterator[RowBatch]) -> Iterator[RowBatch]:
    """The same batches, of which the next is read while one is looked at: reading and counting are as slow as
    each other.
    """
    with ThreadPoolExecutor(1, "reading") as aside:
        coming = aside.submit(next, batches, None)
        while (batch := coming.result()) is not None:
            coming = aside.submit(next, batches, None)
            yield batch


def _refuse_more_than_there_is(path: Path, taken: int, room: int | None) -> None:
    if room is not None and taken > _OF_MEMORY * room:
        raise Trouble(
            "{path} was expected to fit into the memory, of which {room} are free, but it does not. "
            "Stream it, or choose some of its columns or rows.",
            path=str(path),
            room=memory.words(room),
        )


def _refuse_nothing_but_skipped(reader: TableReader, height: int) -> None:
    if reader.skipped.count and not height:
        raise Trouble(
            "{path}: rows of {n} field{n:|s} were expected, but none of its {rows} is. Choose another "
            "separator.",
            path=str(reader.path),
            n=len(reader.names),
            rows=reader.skipped.count,
        )
