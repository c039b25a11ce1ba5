"""Rows of a person's table as they stand there: what a form asks for, and what it begins with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from engine.data.columns.categories import CategoryColumn, LabelsColumn
from engine.data.columns.column_type import Encoder, as_text
from engine.data.columns.numbers import DateColumn, NumberColumn
from engine.data.own.file_source import FileSource
from engine.data.prepare import Prepared
from engine.data.sampling import EachRow

Row = Mapping[str, Any]
"""What stands in each column of one row: a number, a text, or None where nothing is known."""
_TYPED = (NumberColumn, CategoryColumn, DateColumn, LabelsColumn)


def asked_for(prepared: Prepared) -> tuple[Encoder, ...]:
    """The columns of which a network wants to know one value each, a person can type them all; none where it
    looks at anything else.
    """
    used = [one for name in prepared.schema.inputs for one in prepared.encoders.get(name, ())]
    single = isinstance(prepared.settings.sampling, EachRow)
    return tuple(used) if used and single and all(isinstance(one.type, _TYPED) for one in used) else ()


def rows_to_try(prepared: Prepared) -> tuple[Row, ...]:
    """The test part as it stands in the file; one row of what is usual where the data is gone."""
    used = asked_for(prepared)
    source = prepared.settings.source
    if prepared.gone is not None or not isinstance(source, FileSource):
        return ({one.name: usual(one) for one in used},)
    columns = source.read().columns
    rows = np.asarray(prepared.test.rows)
    values = {one.name: columns[one.name][rows].tolist() for one in used}
    return tuple(
        {name: _plain(column[place]) for name, column in values.items()} for place in range(len(rows))
    )


def usual(encoder: Encoder) -> Any:
    """A value that a column may well have, by what it learnt."""
    kind, fitted = encoder.type, encoder.fitted
    if isinstance(kind, CategoryColumn):
        return str(fitted.get("most", "")) or None
    return float(fitted["fill"]) if isinstance(kind, NumberColumn) else None


def as_columns(row: Row) -> dict[str, np.ndarray]:
    """One row as its encoders take it, each column 1 long."""
    made = {}
    for name, value in row.items():
        column = np.empty(1, object)
        column[0] = value
        made[name] = np.array([value], np.float64) if isinstance(value, float | int) else column
    return made


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, float | int):
        return None if value != value else value
    return as_text(value) if isinstance(value, np.generic) else str(value)
