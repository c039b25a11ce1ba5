"""Tables and queries of SQLite files: only read, whatever a query says, and only for a bounded time."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import evolve

from engine.data.reading.listing import Abandoned, Cancelled
from engine.data.reading.skipped_rows import SkippedRows
from engine.data.reading.tabular import RowBatch, TableFormat, chosen, unique_names, without_missing
from engine.data.reading.text_values import TEXT, WordMeaning, conformed, joined, meaning_of, type_of
from engine.files.reading import ordinary
from engine.message import Message, Trouble

if TYPE_CHECKING:
    import polars as pl

PATIENCE = 60.0
"""Seconds that a query may compute: a table of millions of rows is sorted in less."""
_LONGEST_CELL = 256 * 2**20
_ROWS, _FEW = 50_000, 2_000
_STEPS = 20_000  # of the database's machine between two questions whether to go on: about a millisecond
_READING = {
    getattr(sqlite3, name, code)
    for name, code in (
        *(("SQLITE_SELECT", 21), ("SQLITE_READ", 20), ("SQLITE_FUNCTION", 31), ("SQLITE_RECURSIVE", 33)),
    )
}


class SqliteReader:
    """A table of a SQLite file, or what a SELECT gives."""

    def __init__(self, path: Path, wanted: TableFormat) -> None:
        self.path = path
        self.skipped = SkippedRows(path)
        tables = sheets_of(path)
        sheet = wanted.sheet or next(iter(tables), "")
        if not sheet:
            raise Trouble("{path} was expected to hold a table, but it holds none.", path=str(path))
        if is_query(sheet):
            self._query = sheet
        elif sheet in tables:
            self._query = f'SELECT * FROM "{sheet.replace(chr(34), chr(34) * 2)}"'
        else:
            raise Trouble(
                "{path} was expected to have a table “{sheet}”, but it has {tables}. Choose one of these, "
                "or write a SELECT.",
                path=str(path),
                sheet=sheet,
                tables=", ".join(tables) or "none",
            )
        self.format = evolve(wanted, sheet=sheet, header=True)
        self._blobs: set[str] = set()
        with self._rows(None) as cursor:
            self.names, self.renamed = unique_names([str(one[0]) for one in cursor.description or ()])
            first = self._words(cursor.fetchmany(_FEW))
        self.meanings = {name: meaning_of(first[name]) for name in self.names}

    @property
    def notes(self) -> tuple[Message, ...]:
        """The columns of bytes, which are read as nothing."""
        return tuple(
            Message(
                "The column “{name}” is left empty where it holds bytes: numbers or words were expected.",
                name=name,
            )
            for name in sorted(self._blobs)
        )

    def schema(self) -> dict[str, Any]:
        """The type of each column, as far as is known."""
        return {name: type_of(meaning) for name, meaning in self.meanings.items()}

    def batches(
        self,
        cancelled: Cancelled | None = None,
        few: bool = False,
        columns: Sequence[str] | None = None,
    ) -> Iterator[RowBatch]:
        """The rows in order; how many there are nobody knows before."""
        import polars as pl

        before, size = 0, self.path.stat().st_size
        with self._rows(cancelled) as cursor:
            while rows := cursor.fetchmany(_FEW if few else _ROWS):
                frame = self._words(rows)
                kept, unlike = list[pl.Series](), dict[str, WordMeaning]()
                for name, meaning in self.meanings.items():
                    column, other = conformed(frame[name], meaning)
                    kept.append(column)
                    if other is not None:
                        unlike[name] = other
                start, before = before, before + len(rows)
                done = size * before // (before + _ROWS)
                yield chosen(RowBatch(pl.DataFrame(kept), done, (start + 1).__add__, unlike), columns)

    def learn(self, unlike: Mapping[str, WordMeaning], last: bool = False) -> None:
        """Take columns for what they mean so far; where it is the `last` time, for words."""
        for name, meaning in unlike.items():
            self.meanings[name] = TEXT if last else joined(self.meanings[name], meaning)

    @contextmanager
    def _rows(self, cancelled: Cancelled | None) -> Iterator[sqlite3.Cursor]:
        with opened(self.path, cancelled) as database:
            yield database.execute(self._query)

    def _words(self, rows: list[tuple[Any, ...]]) -> pl.DataFrame:
        import polars as pl

        columns = list(zip(*rows, strict=True)) or [()] * len(self.names)
        return pl.DataFrame([self._column(*one) for one in zip(self.names, columns, strict=True)])

    def _column(self, name: str, values: tuple[Any, ...]) -> pl.Series:
        """Values as SQLite has them: each of its own type."""
        import polars as pl

        kinds = {type(value) for value in values} - {type(None)}
        if kinds <= {int}:
            return pl.Series(name, values, pl.Int64)
        if kinds <= {int, float}:
            return pl.Series(name, [None if one is None else float(one) for one in values], pl.Float64)
        if bytes in kinds:
            self._blobs.add(name)
        words = [None if one is None or isinstance(one, bytes) else str(one) for one in values]
        return without_missing(pl.Series(name, words, pl.String).to_frame())[name]


def is_query(sheet: str) -> bool:
    """Whether that is a SELECT and no name of a table."""
    return sheet.lstrip().lower().startswith(("select ", "select\n", "select\t", "with ", "with\n", "values"))


def sheets_of(path: Path) -> tuple[str, ...]:
    """The tables and views of a file, those of SQLite itself left out."""
    with opened(path, None) as database:
        rows = database.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')")
        return tuple(str(name) for (name,) in rows if not str(name).startswith("sqlite_"))


@contextmanager
def opened(path: Path, cancelled: Cancelled | None) -> Iterator[sqlite3.Connection]:
    """A database that can only be read, for a bounded time. What SQLite says against it is raised as
    `Trouble`.
    """
    watch = _Watch(cancelled)
    with _quiet_copy(path) as place, _sentences(path, watch):
        address = f"{place.absolute().as_uri()}?mode=ro"
        database = sqlite3.connect(address, uri=True, check_same_thread=False)
        try:
            database.execute("PRAGMA query_only = 1")
            database.execute("PRAGMA trusted_schema = 0")
            database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST_CELL)
            database.text_factory = lambda data: data.decode("utf-8", "replace")
            database.set_authorizer(_may)
            database.set_progress_handler(watch.stop, _STEPS)
            yield database
        finally:
            database.close()


class _Watch:
    """Stops a query that nobody wants any more, or that computes too long."""

    def __init__(self, cancelled: Cancelled | None) -> None:
        self.cancelled = cancelled
        self.abandoned = self.late = False
        self._spent, self._asked = 0.0, time.monotonic()

    def stop(self) -> bool:
        """Whether to stop now. Only time between two questions that follow each other at once counts."""
        now = time.monotonic()
        self._spent += min(now - self._asked, 0.1)
        self._asked = now
        self.abandoned = self.cancelled is not None and self.cancelled()
        self.late = self._spent > PATIENCE
        return self.abandoned or self.late


def _may(action: int, first: str | None, *_: str | None) -> int:
    harmless = action in _READING and (first or "").lower() != "load_extension"
    return sqlite3.SQLITE_OK if harmless else sqlite3.SQLITE_DENY


@contextmanager
def _quiet_copy(path: Path) -> Iterator[Path]:
    """Where what was written last still stands beside the file, a copy of both: reading them would write
    there, and a folder may not allow it.
    """
    with ordinary(path):
        pass
    beside = [path.with_name(path.name + ending) for ending in ("-wal", "-journal")]
    beside = [one for one in beside if one.is_file() and one.stat().st_size]
    with ordinary(path) as file:
        written_ahead = file.read(20)[18:20] == b"\2\2"
    if not beside and not written_ahead:
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="layerloom-") as folder:
        for one in (path, *beside):
            shutil.copyfile(one, Path(folder, one.name))
        copy = Path(folder, path.name)
        with closing(sqlite3.connect(copy)) as database:
            database.execute("PRAGMA journal_mode = delete")
        yield copy


@contextmanager
def _sentences(path: Path, watch: _Watch) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        if watch.abandoned:
            raise Abandoned("Reading {path} was cancelled.", path=str(path)) from None
        if watch.late:
            raise Trouble(
                "{path}: the query was expected to end within {seconds} seconds, but it does not. Write one "
                "that ends, with a LIMIT for example.",
                path=str(path),
                seconds=int(PATIENCE),
            ) from None
        raise Trouble(
            "{path} cannot be read so: {reason}. A table or one SELECT was expected, which only reads.",
            path=str(path),
            reason=str(error),
        ) from None
