"""JSON lines: one object a line, whose keys are columns. A line that is no object is left out and told."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import evolve

from engine.data.reading import text_blocks
from engine.data.reading.columnar_tables import as_plain, left_out_notes, plain_type
from engine.data.reading.encodings import encoding_of
from engine.data.reading.listing import Cancelled
from engine.data.reading.skipped_rows import SkippedRows
from engine.data.reading.tabular import Renamed, RowBatch, TableFormat, chosen, unique_names
from engine.data.reading.text_blocks import TextBlock
from engine.data.reading.text_values import TEXT, WordMeaning, conformed, joined, meaning_of, type_of
from engine.message import Message, Trouble

if TYPE_CHECKING:
    import polars as pl

_FEW = 2**19


class JsonlReader:
    """A file of JSON lines: the columns that are numbers, words or truth; lists and parts are left out."""

    def __init__(self, path: Path, wanted: TableFormat) -> None:
        self.path = path
        head, whole = text_blocks.head_of(path)
        self.format = evolve(wanted, encoding=wanted.encoding or encoding_of(head, whole), header=True)
        self.skipped = SkippedRows(path)
        self.names: list[str] = []
        self.renamed: tuple[Renamed, ...] = ()
        self._called: dict[str, str] = {}
        self._nested: dict[str, Any] = {}
        self.meanings: dict[str, WordMeaning] = {}
        first = next(text_blocks.blocks(path, self.format.encoding, size=_FEW), None)
        frame = None if first is None else self._plain(self._parsed(first)[0])
        if frame is None or not frame.width:
            raise Trouble(
                "{path} was expected to hold a JSON object in every line, but its first ones are none, or "
                "have no columns of numbers or words. Choose another file.",
                path=str(path),
            )
        self.learn({name: meaning_of(frame[name]) for name in frame.columns})

    @property
    def notes(self) -> tuple[Message, ...]:
        """The columns that are left out so far."""
        return left_out_notes([one for one in self._nested.items() if one[0] not in self._called])

    def schema(self) -> dict[str, Any]:
        """The type of each column, as far as is known."""
        return {name: type_of(meaning) for name, meaning in self.meanings.items()}

    def batches(
        self,
        cancelled: Cancelled | None = None,
        few: bool = False,
        columns: Sequence[str] | None = None,
    ) -> Iterator[RowBatch]:
        """The rows in order; a column that is seen for the first time is named in `unlike`."""
        self.skipped = SkippedRows(self.path)
        size = _FEW if few else text_blocks.BLOCK
        for block in text_blocks.blocks(self.path, self.format.encoding, cancelled=cancelled, size=size):
            parsed, line_of = self._parsed(block)
            yield chosen(self._batch(self._plain(parsed), parsed.height, block.done, line_of), columns)

    def learn(self, unlike: Mapping[str, WordMeaning], last: bool = False) -> None:
        """Take columns for what they mean so far; where it is the `last` time, for words."""
        for name, meaning in unlike.items():
            known = self.meanings.get(name)
            self.meanings[name] = TEXT if last else meaning if known is None else joined(known, meaning)
        keys = [*self._called, *(name for name in self.meanings if name not in self._called.values())]
        self.names, self.renamed = unique_names(keys)
        self._called = dict(zip(keys, self.names, strict=True))
        self.meanings = {self._called.get(name, name): one for name, one in self.meanings.items()}

    def _batch(self, frame: pl.DataFrame, height: int, done: int, line_of: Callable[[int], int]) -> RowBatch:
        import polars as pl

        columns, unlike = list[pl.Series](), dict[str, WordMeaning]()
        for name, meaning in self.meanings.items():
            if name not in frame.columns:
                columns.append(pl.Series(name, [None], type_of(meaning)).new_from_index(0, height))
                continue
            column, other = conformed(frame[name], meaning)
            columns.append(column)
            if other is not None:
                unlike[name] = other
        for name in frame.columns:
            if name not in self.meanings:
                columns.append(frame[name])
                unlike[name] = meaning_of(frame[name])
        return RowBatch(pl.DataFrame(columns), done, line_of, unlike)

    def _plain(self, parsed: pl.DataFrame) -> pl.DataFrame:
        """The columns that can be kept, under the names that they have here."""
        kept: list[pl.Expr] = []
        for key, type in parsed.schema.items():
            plain = plain_type(type)
            if plain is None:
                self._nested.setdefault(key, type)
            else:
                kept.append(as_plain(key, plain).alias(self._called.get(key, key)))
        return parsed.select(kept)

    def _parsed(self, block: TextBlock) -> tuple[pl.DataFrame, Callable[[int], int]]:
        import polars as pl

        try:
            frame = pl.read_ndjson(io.BytesIO(block.data), infer_schema_length=None)
            if frame.height == block.data.count(b"\n"):
                return frame, lambda row: block.line + row
        except (pl.exceptions.PolarsError, pl.exceptions.PanicException):
            pass  # what is wrong, and where, the slow road tells
        return self._line_by_line(block)

    def _line_by_line(self, block: TextBlock) -> tuple[pl.DataFrame, Callable[[int], int]]:
        import polars as pl

        rows, lines = list[dict[str, Any]](), list[int]()
        for line, text in enumerate(block.data.splitlines(), block.line):
            if not text.strip():
                continue
            try:
                row = json.loads(text)
            except RecursionError:
                self.skipped.add(line, Message("nested too deeply"))
                continue
            except ValueError:
                self.skipped.add(line, Message("no JSON, where an object was expected"))
                continue
            if isinstance(row, dict):
                rows.append(row)
                lines.append(line)
            else:
                self.skipped.add(line, Message("no JSON object, where one was expected"))
        keys = list(dict.fromkeys(key for row in rows for key in row))
        columns = [_column(key, [row.get(key) for row in rows]) for key in keys]
        return pl.DataFrame(columns), lambda row: lines[row]


def _column(name: str, values: list[Any]) -> pl.Series:
    """The values of a key as a column: of one type where they are, else of words; of lists where any is
    one.
    """
    import polars as pl

    kinds = {type(value) for value in values} - {type(None)}
    if kinds & {list, dict}:
        return pl.Series(name, [[]] * len(values), pl.List(pl.Null))
    if kinds <= {int} and all(value is None or abs(value) < 2**63 for value in values):
        return pl.Series(name, values, pl.Int64)
    if kinds <= {int, float}:
        return pl.Series(name, [None if one is None else _as_float(one) for one in values], pl.Float64)
    if kinds == {bool}:
        return pl.Series(name, values, pl.Boolean)
    words = [one if one is None or isinstance(one, str) else json.dumps(one) for one in values]
    clean = [None if one is None else one.encode("utf-8", "replace").decode() for one in words]
    return pl.Series(name, clean, pl.String)


def _as_float(number: float) -> float:
    try:
        return float(number)
    except OverflowError:
        return float("inf") if number > 0 else float("-inf")
