"""What the columns of a table are taken for, by what was counted of them, and what a person makes of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from engine.data.columns.categories import EMBEDDING, ONE_HOT, CategoryColumn
from engine.data.columns.column_type import ColumnType, Values, as_text
from engine.data.columns.numbers import DateColumn, NumberColumn
from engine.data.columns.text import CHARACTER, WORD, TextColumn
from engine.data.own.table_file import TableFile, table, values
from engine.data.reading.summary import ColumnSummary
from engine.data.reading.tabular import TableContent
from engine.data.settings import ColumnSettings, DataSettings

FEW = 20
"""Names of which there are no more are not taken for identifiers."""
MANY = 40
"""Categories of which there are more are better embedded than put one beside the other."""
MOST = 1_000
"""Categories of which there are more are no categories: hardly two samples have the same."""
LOOKED_AT = 2000
"""Texts that are looked at to find how long they are."""
SHORT_TEXT, LONG_TEXT = 32, 256
"""Letters of a text that is read letter by letter; tokens that are read of long ones to begin with."""


def columns_of_table(content: TableContent, found: Sequence[ColumnSummary]) -> tuple[ColumnSettings, ...]:
    """The columns of a table with their likely types and roles; none is a target yet. Where nothing else is
    left, what may be an identifier is an input after all.
    """
    types = [type_of(one, values(content.frame[one.name])) for one in found]
    roles = [_role(one, type) for one, type in zip(found, types, strict=True)]
    if "input" not in roles[:-1]:
        roles = ["ignore" if _says_nothing(one) else "input" for one in found]
    return tuple(
        ColumnSettings(name=one.name, type=type, role=role)
        for one, type, role in zip(found, types, roles, strict=True)
    )


def as_target(data: DataSettings, column: ColumnSettings) -> ColumnSettings:
    """The column as a target: whole numbers of which there are few are classes then, though as an input they
    are numbers. Reads the table. Raises `Trouble`.
    """
    source = data.source
    if not isinstance(source, TableFile) or not isinstance(column.type, NumberColumn):
        return column
    notes = source.notes().get(column.name, ())
    if not any(note.suggests == "category" for note in notes):
        return column
    content = table(source.place, source.format)
    return column.with_setting("type", _category(values(content.frame[column.name])))


def class_counts(data: DataSettings) -> dict[str, tuple[int, ...]]:
    """How many samples each class of each target has, as far as the data is a table. Reads it. Raises
    `Trouble`.
    """
    source = data.source
    if not isinstance(source, TableFile):
        return {}
    frame = table(source.place, source.format).frame
    found = {}
    for one in data.of_role("target"):
        if isinstance(one.type, CategoryColumn) and one.name in frame.columns:
            counts = Counter(map(as_text, values(frame[one.name])))
            found[one.name] = tuple(counts[name] for name in one.type.names)
    return found


def type_of(summary: ColumnSummary, column: Values) -> ColumnType:
    """What a column of a table is taken for."""
    if summary.guess == "date":
        return DateColumn()
    if summary.guess == "number":
        return NumberColumn()
    texts = [value for value in column if isinstance(value, str)]
    return type_of_texts(texts[:LOOKED_AT]) if _is_text(summary, texts) else _category(column)


def _is_text(summary: ColumnSummary, texts: Sequence[str]) -> bool:
    """Whether the words of a column are to be read: most are different, and they are long or have spaces."""
    if not texts or summary.guess not in {"text", "category"} or summary.distinct <= len(texts) // 2:
        return False
    spaced = sum(len(text.split()) > 1 for text in texts) / len(texts)
    return spaced > 0.5 or sum(map(len, texts)) / len(texts) > SHORT_TEXT / 2


def type_of_texts(texts: Sequence[str]) -> TextColumn:
    """How texts like these are best cut, and how long they are: letters where they are short or have no
    spaces, else words.
    """
    lengths = sorted(map(len, texts)) or [1]
    spaces = sum(text.count(" ") for text in texts) / max(1, sum(lengths))
    unit = CHARACTER if lengths[-1] <= SHORT_TEXT or spaces < 0.05 else WORD
    column = TextColumn(unit=unit, length=lengths[-1] or 1)
    counts = sorted(len(one) for one in column.cut(texts)) or [1]
    length = max(1, counts[int(0.95 * (len(counts) - 1))])
    kinds = len({token for one in column.cut(texts) for token in one})
    return TextColumn(unit=unit, length=min(length, LONG_TEXT), size=min(max(kinds + 2, 3), 10_000))


def _category(column: Values) -> CategoryColumn:
    """A category with the names that the column has: numbers by their size, words by the alphabet."""
    there = {value for value in column.tolist() if value is not None and value == value}
    found = sorted(there, key=lambda value: (isinstance(value, str), value))
    names = tuple(dict.fromkeys(text for one in found if (text := as_text(one)) is not None))
    if len(names) > MOST:
        return CategoryColumn(names=(), encoding=EMBEDDING)
    return CategoryColumn(names=names, encoding=ONE_HOT if len(names) <= MANY else EMBEDDING)


def _role(summary: ColumnSummary, type: ColumnType) -> str:
    """An input, unless it says nothing of new samples: the same everywhere, or a name of each."""
    if _says_nothing(summary):
        return "ignore"
    if isinstance(type, CategoryColumn):
        return "ignore" if summary.distinct > (summary.rows - summary.missing) // 2 > FEW else "input"
    if any(note.about == "identifier" for note in summary.notes) and isinstance(type, NumberColumn):
        # amounts may all be different, too: numbers are names only where they were given one after the other
        low, high = summary.lowest, summary.highest
        counted = isinstance(low, float) and isinstance(high, float) and high - low == summary.distinct - 1
        return "ignore" if counted else "input"
    return "input"


def _says_nothing(summary: ColumnSummary) -> bool:
    return any(note.about in {"missing", "constant"} and note.suggests == "ignore" for note in summary.notes)


def with_column(data: DataSettings, column: ColumnSettings) -> DataSettings:
    """The data with that column in the place of the one of its name."""
    columns = tuple(column if one.name == column.name else one for one in data.columns)
    return data.with_setting("columns", columns)
