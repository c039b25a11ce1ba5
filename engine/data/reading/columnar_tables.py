"""Parquet and Arrow files: their columns have types already, and only few of these are kept apart here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import partial
from operator import add
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import evolve

from engine.data.reading.listing import Cancelled, go_on
from engine.data.reading.skipped_rows import SkippedRows
from engine.data.reading.tabular import MISSING, RowBatch, TableFormat, unique_names
from engine.data.reading.text_values import WordMeaning
from engine.files.reading import ordinary
from engine.message import Message, Trouble

if TYPE_CHECKING:
    import polars as pl

_CELLS = 2_000_000
"""Cells of a batch: as many as are read within a blink."""


class ColumnarReader:
    """A Parquet or Arrow file: the columns that are numbers, words or dates; the others are left out and
    told.
    """

    def __init__(self, path: Path, wanted: TableFormat) -> None:
        self.path = path
        self.format = evolve(wanted, header=True)
        self.skipped = SkippedRows(path)
        with ordinary(path) as file:
            self._size = file.seek(0, 2)
        stored = self._asked(lambda: self._scanned().collect_schema())
        kept = {name: kind for name, type in stored.items() if (kind := plain_type(type)) is not None}
        self.names, self.renamed = unique_names(kept)
        self._types = dict(zip(self.names, kept.values(), strict=True))
        self._stored = dict(zip(self.names, kept, strict=True))
        left_out = [(name, type) for name, type in stored.items() if name not in kept]
        self.notes: tuple[Message, ...] = left_out_notes(left_out)
        if not kept:
            raise Trouble(
                "{path} was expected to hold columns of numbers, words or dates, but it has none. Choose "
                "another file.",
                path=str(path),
            )

    def schema(self) -> dict[str, Any]:
        """The type of each column."""
        return dict(self._types)

    def learn(self, unlike: Mapping[str, WordMeaning], last: bool = False) -> None:
        """Nothing: the file says what its columns are."""

    def batches(
        self,
        cancelled: Cancelled | None = None,
        few: bool = False,
        columns: Sequence[str] | None = None,
    ) -> Iterator[RowBatch]:
        """The rows in order, some thousands at a time; of all columns, or of some."""
        import polars as pl

        names = self.names if columns is None else columns
        total = self._asked(lambda: self._scanned().select(pl.len()).collect().item())
        rows = max(_CELLS // (8 if few else 1) // max(len(names), 1), 1)
        wanted = self._scanned().select(
            as_plain(self._stored[name], self._types[name]).alias(name) for name in names
        )
        parts = self._asked(lambda: iter(wanted.collect_batches(chunk_size=rows, maintain_order=True)))
        before = 0
        while (part := self._asked(lambda: next(parts, None))) is not None:
            go_on(cancelled, self.path)
            done = before + part.height
            yield RowBatch(part, self._size * done // max(total, 1), partial(add, before + 1))
            before = done

    def _scanned(self) -> pl.LazyFrame:
        import polars as pl

        place = str(self.path.absolute())
        if self.format.kind == "parquet":
            return pl.scan_parquet(place, glob=False, hive_partitioning=False)
        with ordinary(self.path) as file:
            stream = file.read(6) != b"ARROW1"
        if stream:  # the way it is sent, without a table of contents at its end
            return pl.read_ipc_stream(self.path).lazy()
        return pl.scan_ipc(place, glob=False, hive_partitioning=False)

    def _asked(self, question: Any) -> Any:
        import polars as pl

        try:
            return question()
        except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError, UnicodeError) as error:
            raise Trouble(
                "{path} is damaged: a {kind} file was expected, but reading it failed ({reason}). Get it "
                "again from where it came.",
                path=str(self.path),
                kind=self.format.kind.capitalize(),
                reason=str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__,
            ) from None


def plain_type(type: Any) -> Any:
    """What a column becomes: whole numbers, numbers, words, truth, dates or moments; None where it is none of
    these but lists, parts or bytes.
    """
    import polars as pl

    if type.is_integer():
        return pl.Float64 if type in (pl.UInt64, pl.Int128) else pl.Int64
    if type.is_numeric():
        return pl.Float64
    if type in (pl.String, pl.Categorical, pl.Enum, pl.Time, pl.Null):
        return pl.String
    if type == pl.Duration:
        return pl.Float64
    if type in (pl.Boolean, pl.Date):
        return type
    return pl.Datetime("us") if type == pl.Datetime else None


def as_plain(name: str, type: Any) -> pl.Expr:
    """A column as its plain type, what is missing null: words for it, and what is not a number."""
    import polars as pl

    column = pl.col(name)
    if type == pl.String:
        words = column.cast(pl.String)
        return pl.when(~words.is_in(list(MISSING))).then(words)
    if type == pl.Float64:
        return column.cast(pl.Float64).fill_nan(None)
    if type in (pl.Date, pl.Datetime):  # a calendar ends where Python's does
        days = column.cast(type) if type == pl.Date else column.cast(type).dt.replace_time_zone(None)
        return pl.when(days.is_between(pl.lit(date.min).cast(type), pl.lit(date.max).cast(type))).then(days)
    return column.cast(type)


def left_out_notes(columns: list[tuple[str, Any]]) -> tuple[Message, ...]:
    """A sentence for each column that is left out."""
    return tuple(
        Message(
            "The column “{name}” is left out: it holds {what}, where numbers, words or dates were expected.",
            name=name,
            what=Message("bytes") if "Binary" in str(type) else Message("lists or parts"),
        )
        for name, type in columns
    )
