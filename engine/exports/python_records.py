"""The part of an exported Python file that makes numbers of rows as they stand in a person's table: filled,
coded and scaled as the run learnt it, in plain Python.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from attrs import frozen

from engine.data.columns.categories import EMBEDDING, ONE_HOT, CategoryColumn, LabelsColumn
from engine.data.columns.column_type import Encoder
from engine.data.columns.numbers import LENGTHS, DateColumn, NumberColumn
from engine.data.prepare import Prepared
from engine.data.reading.tabular import MISSING
from engine.data.sampling import SeriesWindows

WIDTH = 100

RESERVED = frozenset(
    {"records", "record", "column", "COLUMNS", "MISSING", "missing", "number", "place", "one_hot", "ordinal"}
    | {"labels", "moment", "date", "datetime", "math"}
)
"""Names that the written functions need."""

_FUNCTIONS = {
    "number": '''
def number(record, column):
    """A number; a gap is filled as in training."""
    value = record.get(column)
    return COLUMNS[column]["fill"] if missing(value) else float(value)
''',
    "place": '''
def place(record, column):
    """The number of a name; one that training never saw has the one after the last."""
    names, value = COLUMNS[column]["names"], record.get(column)
    if missing(value):
        return COLUMNS[column]["fill"]
    if str(value) not in names:
        try:  # a whole number is named without its decimals
            value = int(float(value)) if float(value).is_integer() else float(value)
        except ValueError:
            pass
    return names.get(str(value), COLUMNS[column]["count"])
''',
    "one_hot": '''
def one_hot(record, column):
    """0 or 1 for each name."""
    chosen = place(record, column)
    return [float(one == chosen) for one in range(COLUMNS[column]["count"])]
''',
    "ordinal": '''
def ordinal(record, column):
    """The number of a name, as a number."""
    return float(place(record, column))
''',
    "labels": '''
def labels(record, column):
    """0 or 1 for each of several names at once."""
    value = record.get(column)
    there = "" if missing(value) else str(value)
    there = {one.strip() for one in there.split(COLUMNS[column]["separator"])}
    return [float(one in there) for one in COLUMNS[column]["names"]]
''',
    "moment": '''
def moment(record, column):
    """A day or a moment: days since 1970, and where on the circles of year, week and day it lies."""
    value = record.get(column)
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value.strip().replace("/", "-"))
        except ValueError:
            value = None
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day)
    if isinstance(value, datetime):
        value = (value.replace(tzinfo=None) - datetime(1970, 1, 1)).total_seconds() / 86400
    days = COLUMNS[column]["fill"] if missing(value) else float(value)
    numbers = []
    for part, length in COLUMNS[column]["parts"].items():
        if part == "days":
            numbers.append(days)
        else:
            turns = days / length + (3 / 7 if part == "week" else 0)  # 1970 began on a Thursday
            numbers += [math.sin(2 * math.pi * turns), math.cos(2 * math.pi * turns)]
    return numbers
''',
}
_MISSING = '''
def missing(value):
    """Whether nothing is known of a value."""
    return value is None or value != value or (isinstance(value, str) and value.strip() in MISSING)
'''


@frozen
class RecordText:
    """What is written for records: imports, constants, functions, the lines that make each input, and an
    example of one record.
    """

    imports: tuple[str, ...]
    constants: tuple[str, ...]
    functions: tuple[str, ...]
    inputs: Mapping[str, tuple[str, ...]]
    example: str


def record_text(prepared: Prepared, inputs: Sequence[str]) -> RecordText | None:
    """What makes these inputs out of records; None where they are no single rows of a table."""
    used = [one for name in inputs for one in prepared.encoders.get(name, ())]
    kinds = [_function(one) for one in used]
    series = isinstance(prepared.settings.sampling, SeriesWindows)
    if series or not used or None in kinds or any(name not in prepared.encoders for name in inputs):
        return None
    needed = {kind for kind in kinds if kind is not None}
    if needed & {"one_hot", "ordinal"}:
        needed.add("place")
    facts = {one.name: _facts(one) for one in used}
    lines = {name: _lines(name, prepared.encoders[name]) for name in inputs}
    example = {one.name: _example(one) for one in used}
    return RecordText(
        ("import math", "from datetime import date, datetime") if "moment" in needed else (),
        (f"MISSING = {_written(list(MISSING))}", f"COLUMNS = {_written(facts)}"),
        (_MISSING, *(_FUNCTIONS[name] for name in _FUNCTIONS if name in needed)),
        lines,
        _written(example, 4),
    )


def _function(encoder: Encoder) -> str | None:
    """Which of the functions makes the numbers of a column; None where none can."""
    kind = encoder.type
    if isinstance(kind, CategoryColumn):
        return {ONE_HOT: "one_hot", EMBEDDING: "place"}.get(kind.encoding, "ordinal")
    known = {NumberColumn: "number", DateColumn: "moment", LabelsColumn: "labels"}
    return known.get(type(kind))


def _facts(encoder: Encoder) -> dict[str, Any]:
    """What a column learnt of the training part."""
    kind, fitted = encoder.type, encoder.fitted
    if isinstance(kind, CategoryColumn):
        seen = set(fitted["seen"])
        names = {name: place for place, name in enumerate(kind.names) if name in seen}
        none = len(kind.names)
        fill = names.get(str(fitted["most"]), none) if kind.missing == "most frequent" else none
        return {"names": names, "count": none, "fill": fill}
    if isinstance(kind, LabelsColumn):
        return {"names": list(kind.names), "separator": kind.separator or "|"}
    if isinstance(kind, DateColumn):
        return {"parts": {part: LENGTHS.get(part, 1.0) for part in kind.parts}, "fill": fitted["fill"]}
    return {"fill": float(fitted["fill"])}


def _example(encoder: Encoder) -> Any:
    """A value that a record may have; none of the data itself."""
    kind = encoder.type
    if isinstance(kind, CategoryColumn):
        return next(iter(encoder.fitted["seen"]), "")
    if isinstance(kind, LabelsColumn):
        return next(iter(kind.names), "")
    return "2000-01-01" if isinstance(kind, DateColumn) else round(float(encoder.fitted["fill"]), 3)


def _lines(name: str, encoders: Sequence[Encoder]) -> tuple[str, ...]:
    """What stands in one row of an input: the call for each of its columns."""
    calls = []
    for one in encoders:
        function = _function(one)
        star = "*" if function in {"one_hot", "labels", "moment"} else ""
        calls.append(f"{star}{function}(record, {_written(one.name)})")
    return tuple(calls)


def _written(value: Any, indent: int = 0) -> str:
    """A value as Python writes it, over several lines where one does not hold it."""
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if not isinstance(value, dict | list):
        return repr(value)
    pad = " " * (indent + 4)
    if isinstance(value, dict):
        parts = [f"{_written(key)}: {_written(one, indent + 4)}" for key, one in value.items()]
        marks = "{}"
    else:
        parts, marks = [_written(one, indent + 4) for one in value], "[]"
    line = marks[0] + ", ".join(parts) + marks[1]
    if indent + len(line) <= WIDTH - 12 and "\n" not in line:
        return line
    return marks[0] + "\n" + "".join(f"{pad}{part},\n" for part in parts) + " " * indent + marks[1]
