"""What a table file is read as, and what comes of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from attrs import evolve, frozen

from engine.data.reading.skipped import Skipped
from engine.data.reading.text_values import WordMeaning
from engine.message import Message

if TYPE_CHECKING:
    import polars as pl

MISSING = ("", "NA", "N/A", "NaN", "nan", "null", "None", "-", "?")
"""Words that stand for a value that is not known, in every kind of table."""

KINDS = ("csv", "parquet", "arrow", "excel", "jsonl", "sqlite")


@frozen
class TableFormat:
    """How a table file is read. What is "" or None is found from the file.

    `sheet` is a sheet of an Excel file, a table of a SQLite file or a SELECT. `quoted` tells whether
    quotation marks enclose fields; where they do not, they are characters like others.
    """

    kind: str = ""
    separator: str = ""
    decimal: str = ""
    encoding: str = ""
    header: bool | None = None
    sheet: str = ""
    quoted: bool | None = None


@frozen
class Renamed:
    """A column that could not keep its name: where it stands, from 1, what it was called and is called
    now.
    """

    place: int
    was: str
    name: str


@frozen(eq=False)
class TableContent:
    """What a table file holds: rows and columns whose names are all different, how it was read, which of its
    rows were left out, which columns were renamed, and what else a person should know.
    """

    frame: pl.DataFrame
    format: TableFormat
    skipped: tuple[Skipped, ...] = ()
    renamed: tuple[Renamed, ...] = ()
    notes: tuple[Message, ...] = ()


@frozen(eq=False)
class RowBatch:
    """Some rows of a table in its order, and how many bytes of the file are read until their end.

    `line_of` gives the place of a row in the file as an editor counts: a line of a text, a row of a sheet.
    `unlike` names columns that came as words although they were taken for something else, with what their
    words mean in this batch.
    """

    frame: pl.DataFrame
    done: int
    line_of: Callable[[int], int]
    unlike: Mapping[str, WordMeaning] = {}


def unique_names(names: Iterable[str]) -> tuple[list[str], tuple[Renamed, ...]]:
    """Names for columns, all different: an empty one is called by its place, of equal ones the later ones get
    a number.
    """
    wanted = list(names)
    taken = {name.strip() for name in wanted} - {""}
    result, renamed, seen, last = list[str](), list[Renamed](), set[str](), dict[str, int]()
    for place, was in enumerate(wanted, 1):
        plain = was.strip() or f"column {place}"
        name = plain
        while name in seen or (name in taken and name != was.strip()):
            last[plain] = last.get(plain, 1) + 1  # remembered, so that ten thousand equal names are quick
            name = f"{plain} ({last[plain]})"
        seen.add(name)
        result.append(name)
        if name != was.strip():
            renamed.append(Renamed(place, was, name))
    return result, tuple(renamed)


def without_missing(frame: pl.DataFrame) -> pl.DataFrame:
    """A table in which words are null that stand for nothing known, with spaces around or without."""
    import polars as pl
    from polars import selectors

    words = selectors.string()
    known = ~words.str.strip_chars().is_in(list(MISSING))
    return frame.with_columns(pl.when(known).then(words).name.keep())


def chosen(batch: RowBatch, columns: Sequence[str] | None) -> RowBatch:
    """The rows with some of their columns, or with all."""
    if columns is None:
        return batch
    unlike = {name: meaning for name, meaning in batch.unlike.items() if name in columns}
    return evolve(batch, frame=batch.frame.select(columns), unlike=unlike)
