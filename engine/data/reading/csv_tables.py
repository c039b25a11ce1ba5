"""Tables of text: what polars reads at once it reads; what it complains of is read again row by row, so that
every row that does not fit is told with its line.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from attrs import evolve

from engine.data.reading import dialects, text_blocks
from engine.data.reading.dialects import Dialect
from engine.data.reading.encodings import Utf8Decoder, encoding_of, not_of
from engine.data.reading.listing import Cancelled, go_on
from engine.data.reading.skipped_rows import SkippedRows
from engine.data.reading.tabular import MISSING, Renamed, RowBatch, TableFormat, unique_names, without_missing
from engine.data.reading.text_blocks import TextBlock
from engine.data.reading.text_values import (
    TEXT,
    WordMeaning,
    conformed,
    joined,
    meaning_of,
    other_way_round,
    type_of,
)
from engine.message import Message, Trouble

if TYPE_CHECKING:
    import polars as pl

_HEAD = 2**19
"""Bytes by which separators, names and types are found."""
_BETWEEN_QUESTIONS = 5000  # rows that are read one by one until somebody is asked whether to go on
_ENCODING_HEAD = 32 * 2**20
"""Bytes by which the encoding is found: the first letter that is not English may stand far behind."""


class CsvReader:
    """A table of text: its dialect, the names of its columns, and what their words mean, as far as is
    known.
    """

    def __init__(self, path: Path, wanted: TableFormat) -> None:
        self.path = path
        data, whole = text_blocks.head_of(path, _ENCODING_HEAD)
        encoding = wanted.encoding or encoding_of(data, whole)
        head = _decoded(path, data[:_HEAD], encoding, whole and len(data) <= _HEAD)
        text = text_blocks.with_line_feeds(head).decode("utf-8", "replace")
        self._refuse_what_is_no_table(text)
        whole = whole and len(data) <= _HEAD
        self.dialect: Dialect = dialects.dialect_of(text, _with(wanted, encoding), whole)
        self.format = self.dialect.format
        if not self.dialect.columns:
            raise Trouble(
                "{path} was expected to be a table, but it is empty. Choose a file with rows and columns.",
                path=str(path),
            )
        names = self.dialect.names or tuple(f"column {place}" for place in range(1, self.dialect.columns + 1))
        self.names, renamed = unique_names(names)
        self.renamed: tuple[Renamed, ...] = renamed
        self.notes: tuple[Message, ...] = ()
        self.meanings: dict[str, WordMeaning] = dict.fromkeys(self.names, TEXT)
        self.skipped = SkippedRows(path)
        self._guess(text.encode(), whole)

    def schema(self) -> dict[str, Any]:
        """The type of each column, as far as is known."""
        return {name: type_of(meaning) for name, meaning in self.meanings.items()}

    def batches(
        self,
        cancelled: Cancelled | None = None,
        few: bool = False,
        columns: Sequence[str] | None = None,
    ) -> Iterator[RowBatch]:
        """The rows in order, some thousands at a time, or a `few` at first. A column some of whose words do
        not mean what it was taken for comes as words there, and is named in `unlike` with what it means so
        far.
        """
        self.skipped = SkippedRows(self.path)
        encoding, first, size = self.format.encoding, True, _HEAD if few else text_blocks.BLOCK
        for block in text_blocks.blocks(self.path, encoding, bool(self.format.quoted), cancelled, size):
            part = self._without_names(block) if first else block
            first = False
            if part.data and not part.data.isspace():
                yield self._batch(part, columns, cancelled)

    def learn(self, unlike: Mapping[str, WordMeaning], last: bool = False) -> None:
        """Take columns for what they mean so far; where it is the `last` time, for words."""
        for name, meaning in unlike.items():
            self.meanings[name] = TEXT if last else joined(self.meanings[name], meaning)

    # ----------------------------------------------------------------- the beginning

    def _refuse_what_is_no_table(self, text: str) -> None:
        sample = text[:65536]
        strange = sum(1 for letter in sample if letter < " " and letter not in "\t\r\n\f\x1a") + sample.count(
            "�"
        )
        if strange > max(0.02 * len(sample), 3) or "\0\0\0\0" in sample:
            raise Trouble(
                "{path} was expected to be a table of text, but it holds bytes that are no text. Choose "
                "another file, or another encoding.",
                path=str(self.path),
            )

    def _guess(self, head: bytes, whole: bool) -> None:
        if not whole:
            head = head[: text_blocks.end_of_records(head, bool(self.format.quoted))]
        elif not head.endswith(b"\n"):
            head += b"\n"
        block = self._without_names(TextBlock(head, 1, len(head)))
        if block.data:
            words, _ = self._words(block)
            self.meanings = {name: meaning_of(words[name], self.format.decimal) for name in self.names}
            self.notes = tuple(
                Message(
                    "The dates of “{name}” are read as day before month, but may be month before day.",
                    name=name,
                )
                for name, meaning in self.meanings.items()
                if other_way_round(words[name], meaning)
            )
        self.skipped = SkippedRows(self.path)

    def _without_names(self, block: TextBlock) -> TextBlock:
        """The first block without what stands before its first row."""
        data, lines = block.data, self.dialect.before
        cut = 0
        for _ in range(lines):
            cut = data.find(b"\n", cut) + 1
        if self.format.header:
            file = io.TextIOWrapper(io.BytesIO(data[cut:]), "utf-8", "replace", newline="\n")
            reader = self._reader(file)
            next((row for row in reader if row), None)
            for _ in range(reader.line_num):
                cut = (data.find(b"\n", cut) + 1) or len(data)
            lines += reader.line_num
        return TextBlock(data[cut:], block.line + lines, block.done)

    # ----------------------------------------------------------------- blocks

    def _batch(self, block: TextBlock, wanted: Sequence[str] | None, cancelled: Cancelled | None) -> RowBatch:
        import polars as pl

        quick = self._parsed(block, self._quick_schema())
        if quick is not None and not self._may_be_ragged(block, quick):
            frame, line_of = quick, self._line_of(block)
        else:
            frame, line_of = self._words(block, cancelled)
        unlike: dict[str, WordMeaning] = {}
        columns: list[pl.Series] = []
        for name in self.names if wanted is None else wanted:
            column, other = conformed(frame[name], self.meanings[name], self.format.decimal)
            columns.append(column)
            if other is not None:
                unlike[name] = other
        return RowBatch(pl.DataFrame(columns), block.done, line_of, unlike)

    def _quick_schema(self) -> dict[str, Any]:
        """What polars itself reads as numbers: those that stand as a program writes them."""
        import polars as pl

        types = {"whole": pl.Int64, "number": pl.Float64}
        return {
            name: types.get(one.kind, pl.String) if one.plain else pl.String
            for name, one in self.meanings.items()
        }

    def _parsed(self, block: TextBlock, schema: dict[str, Any]) -> pl.DataFrame | None:
        import polars as pl

        try:
            parsed = pl.read_csv(
                io.BytesIO(_without_blank_end(block.data)),
                has_header=False,
                schema=schema,
                separator=self.format.separator,
                quote_char='"' if self.format.quoted else None,
                null_values=list(MISSING),
                decimal_comma=self.format.decimal == "," and self.format.separator != ",",
            )
        except (pl.exceptions.PolarsError, pl.exceptions.PanicException):
            return None  # what is wrong, and where, the slow road tells
        return without_missing(parsed) if b" " in block.data else parsed

    def _may_be_ragged(self, block: TextBlock, frame: pl.DataFrame) -> bool:
        """Whether rows may be shorter than others: polars fills them, so that their last column is empty."""
        if frame.width == 1 or not frame[:, -1].null_count():
            return False
        data = np.frombuffer(_without_blank_end(block.data), np.uint8)
        between = data == ord(self.format.separator)
        if self.format.quoted and b'"' in block.data:
            between &= ~np.logical_xor.accumulate(data == ord('"'))
        return int(np.count_nonzero(between)) != frame.height * (frame.width - 1)

    def _words(
        self, block: TextBlock, cancelled: Cancelled | None = None
    ) -> tuple[pl.DataFrame, Callable[[int], int]]:
        """All columns as words, and the lines of the rows."""
        import polars as pl

        quick = self._parsed(block, dict.fromkeys(self.names, pl.String))
        if quick is not None and not self._may_be_ragged(block, quick):
            return quick, self._line_of(block)
        return self._row_by_row(block, cancelled)

    def _row_by_row(
        self, block: TextBlock, cancelled: Cancelled | None
    ) -> tuple[pl.DataFrame, Callable[[int], int]]:
        import polars as pl

        width, rows, lines = len(self.names), list[list[str]](), list[int]()
        for number, (line, row) in enumerate(self._numbered(block)):
            if not number % _BETWEEN_QUESTIONS:
                go_on(cancelled, self.path)
            if len(row) == width or (not row and width == 1):
                rows.append(row or [""])
                lines.append(line)
            elif row:  # an empty line is no row
                reason = Message("{n} field{n:|s}, where {most} were expected", n=len(row), most=width)
                self.skipped.add(line, reason)
        columns = zip(*rows, strict=True) if rows else [()] * width
        series = [
            pl.Series(name, column, pl.String) for name, column in zip(self.names, columns, strict=True)
        ]
        return without_missing(pl.DataFrame(series)), lambda row: lines[row]

    def _numbered(self, block: TextBlock) -> Iterator[tuple[int, list[str]]]:
        """The rows of a block with the lines on which they begin. Raises `Trouble` where one cannot be
        read.
        """
        file = io.TextIOWrapper(io.BytesIO(block.data), "utf-8", "replace", newline="\n")
        reader, line = self._reader(file), block.line
        while True:
            try:
                row = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                raise Trouble(
                    "{path}, line {line}: a row of a table was expected, but it cannot be read ({reason}). "
                    "Mend this line, or read quotation marks as ordinary characters.",
                    path=str(self.path),
                    line=line,
                    reason=str(error),
                ) from None
            yield line, row
            line = block.line + reader.line_num

    def _reader(self, file: io.TextIOBase) -> Any:
        return dialects.csv_rows(file, self.format.separator, bool(self.format.quoted))

    def _line_of(self, block: TextBlock) -> Callable[[int], int]:
        """The lines of rows, found when they are asked for, since that is seldom."""

        def line_of(row: int) -> int:
            if b'"' not in block.data:
                return block.line + row
            return next(islice(self._numbered(block), row, None))[0]

        return line_of


def _without_blank_end(data: bytes) -> bytes:
    """Without empty lines at the end, which are no rows."""
    return data.rstrip(b"\n") + b"\n" if data.endswith(b"\n\n") else data


def _decoded(path: Path, data: bytes, encoding: str, whole: bool) -> bytes:
    """The beginning of a text in UTF-8; where it breaks off within a character, without that one."""
    try:
        return Utf8Decoder(encoding).decode(data, whole)
    except UnicodeDecodeError as error:
        raise not_of(path, encoding, 1, error) from None


def _with(wanted: TableFormat, encoding: str) -> TableFormat:
    return evolve(wanted, kind="csv", encoding=encoding)
