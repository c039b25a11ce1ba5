"""Sheets of Excel and OpenDocument files."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import evolve

from engine.data.reading import dialects
from engine.data.reading.listing import Cancelled, go_on
from engine.data.reading.skipped_rows import SkippedRows
from engine.data.reading.tabular import RowBatch, TableFormat, chosen, unique_names, without_missing
from engine.data.reading.text_values import WordMeaning, conformed, meaning_of
from engine.files.reading import ordinary, read_bytes
from engine.message import Message, Trouble

if TYPE_CHECKING:
    import fastexcel
    import polars as pl

_LARGEST = 256 * 2**20
_MOST_UNPACKED = 2 * 2**30
"""Bytes that a file and its parts may have: a full sheet of a million rows has about one gigabyte."""
_PIECE = 2**20
_ROWS = 50_000
_BOOKS = {"xl/workbook.xml", "xl/workbook.bin", "content.xml"}
_MIDNIGHT = " 00:00:00"


class ExcelReader:
    """One sheet: its names, and its columns as what all of their cells mean. All of it is read at once, since
    the file is packed as a whole.
    """

    notes: tuple[Message, ...] = ()

    def __init__(self, path: Path, wanted: TableFormat) -> None:
        self.path = path
        self.skipped = SkippedRows(path)
        book = _opened(path)
        sheet = wanted.sheet or next(iter(book.sheet_names), "")
        if sheet not in book.sheet_names:
            raise Trouble(
                "{path} was expected to have a sheet “{sheet}”, but it has {sheets}. Choose one of these.",
                path=str(path),
                sheet=sheet,
                sheets=", ".join(book.sheet_names) or "none",
            )
        words, places = _words(path, book, sheet)
        if not words.width:
            raise Trouble(
                "{path}: the sheet “{sheet}” was expected to be a table, but it is empty. Choose another "
                "sheet.",
                path=str(path),
                sheet=sheet,
            )
        first = [["" if one is None else one for one in row] for row in words.head(1000).rows()]
        header = dialects.has_header(first) if wanted.header is None else wanted.header
        self.format = evolve(wanted, sheet=sheet, header=header)
        names = first[0] if header else [""] * words.width
        self.names, self.renamed = unique_names(names)
        self._frame, self._places = self._meant(words[1:] if header else words), places[header:]

    def schema(self) -> dict[str, Any]:
        """The type of each column."""
        return dict(self._frame.schema)

    def batches(
        self,
        cancelled: Cancelled | None = None,
        few: bool = False,
        columns: Sequence[str] | None = None,
    ) -> Iterator[RowBatch]:
        """The rows in order, with their numbers in the sheet."""
        size, height = self.path.stat().st_size, self._frame.height
        for start in range(0, height, _ROWS):
            go_on(cancelled, self.path)
            part, places = self._frame[start : start + _ROWS], self._places[start : start + _ROWS]
            done = size * min(start + _ROWS, height) // height
            yield chosen(RowBatch(part, done, places.__getitem__), columns)

    def learn(self, unlike: Mapping[str, WordMeaning], last: bool = False) -> None:
        """Nothing: the whole sheet is known from the beginning."""

    def _meant(self, words: pl.DataFrame) -> pl.DataFrame:
        """The columns as what they mean. A day is a moment at midnight in a sheet, and a day again here."""
        import polars as pl

        words = without_missing(words)
        columns: list[pl.Series] = []
        for name, column in zip(self.names, words.get_columns(), strict=True):
            bare = column.str.strip_suffix(_MIDNIGHT)
            if bare.drop_nulls().str.len_bytes().sum() + len(_MIDNIGHT) * column.drop_nulls().len() == int(
                column.drop_nulls().str.len_bytes().sum() or 0
            ):
                column = bare
            values, other = conformed(column, meaning_of(column))
            columns.append((values if other is None else column).alias(name))
        return pl.DataFrame(columns)


def sheets_of(path: Path) -> tuple[str, ...]:
    """The sheets of a file, as they stand in it."""
    return tuple(_opened(path).sheet_names)


def _opened(path: Path) -> fastexcel.ExcelReader:
    import fastexcel

    _refuse_what_unpacks_to_too_much(path)
    try:
        return fastexcel.read_excel(read_bytes(path, _LARGEST))
    except (fastexcel.FastExcelError, ValueError, OSError) as error:
        raise _damaged(path, error) from None


def _refuse_what_unpacks_to_too_much(path: Path) -> None:
    """The parts are unpacked once for nothing, since what a file says of their sizes may be a lie."""
    left = _MOST_UNPACKED
    try:
        with ordinary(path, _LARGEST) as file, zipfile.ZipFile(file) as archive:
            if not _BOOKS & set(archive.namelist()):
                raise Trouble(
                    "{path} was expected to be a table, but it is a packed archive. Unpack it first.",
                    path=str(path),
                )
            for part in archive.infolist():
                with archive.open(part) as inside:
                    while piece := inside.read(_PIECE):
                        left -= len(piece)
                        if left < 0:
                            raise Trouble(
                                "{path} was expected to be an Excel file, but it unpacks to more than {most} "
                                "gigabytes. Export the sheet as CSV if you trust it.",
                                path=str(path),
                                most=_MOST_UNPACKED // 2**30,
                            )
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, OSError, ValueError) as error:
        raise _damaged(path, error) from None


def _words(path: Path, book: fastexcel.ExcelReader, sheet: str) -> tuple[pl.DataFrame, list[int]]:
    """All cells as words, without rows and columns that are empty throughout; and the numbers of the rows."""
    import fastexcel
    import polars as pl

    try:
        found = book.load_sheet(sheet, header_row=None, skip_rows=0, dtypes="string").to_polars()
    except (fastexcel.FastExcelError, pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        raise _damaged(path, error) from None
    found = found.select(one.str.strip_chars() for one in found if one.null_count() < found.height)
    if not found.width:
        return found, []
    rows = found.select(~pl.all_horizontal(pl.all().is_null())).to_series()
    places = (rows.arg_true() + 1).to_list()
    return found.filter(rows), places


def _damaged(path: Path, error: BaseException) -> Trouble:
    return Trouble(
        "{path} is damaged: an Excel file was expected, but reading it failed ({reason}). Open it in your "
        "spreadsheet program and save it again.",
        path=str(path),
        reason=(str(error).strip().splitlines() or [type(error).__name__])[0],
    )
