"""A person's choices of type and role, carried over to data that is read anew; other types for columns."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from engine import kinds
from engine.data.columns.arrays import ArrayColumn, GivenColumn
from engine.data.columns.categories import EMBEDDING, ONE_HOT, CategoryColumn, LabelsColumn
from engine.data.columns.column_type import ColumnType, Values, factorised, missing
from engine.data.columns.numbers import DateColumn, NumberColumn, days_of
from engine.data.opening import open_data, with_target
from engine.data.overview import Overview, overview_of
from engine.data.own.file_source import FileSource
from engine.data.own.table_file import TableFile, summaries, values
from engine.data.reading import tables
from engine.data.reading.listing import Cancelled, Progress
from engine.data.settings import ColumnSettings, DataSettings
from engine.data.table_types import MANY, columns_of_table
from engine.message import Illegal, Trouble

FIRST = 20_000
"""Rows of a large file that are shown while the others are read."""
SEPARATORS = ("|", ";", ",")
"""What may stand between two labels, the least usual within one first."""


def reread(
    data: DataSettings,
    source: FileSource | None = None,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
) -> DataSettings:
    """The data as its files are now, or as another `source` reads them, with what a person chose for those
    columns that are still there. Raises `Trouble`.
    """
    source = source or data.source  # type: ignore[assignment]  # only of a person's own files
    assert isinstance(source, FileSource)
    fresh = open_data(Path(source.path), "", source, progress, cancelled)
    assert isinstance(fresh.source, FileSource)
    known = {one.name: one for one in data.columns}
    values: Mapping[str, Values] = {}
    if any(one.name in known and type(known[one.name].type) is not type(one.type) for one in fresh.columns):
        values = fresh.source.read().columns
    columns = tuple(
        _kept(known[one.name], one, values.get(one.name)) if one.name in known else _new(one)
        for one in fresh.columns
    )
    if not any(one.role == "target" for one in columns):
        columns = with_target(columns)
    return data.with_setting("source", fresh.source).with_setting("columns", columns)


def _new(one: ColumnSettings) -> ColumnSettings:
    """A column that was not there before is an input at most."""
    return one.with_setting("role", "input") if one.role == "target" else one


def _kept(before: ColumnSettings, now: ColumnSettings, values: Values | None) -> ColumnSettings:
    """A column with the type, role and row that a person gave it, and the names that it has now."""
    kind: ColumnType | None = now.type
    if type(before.type) is not type(now.type) and values is not None:
        kind = taken_for(type(before.type), values)
    if kind is None:
        kind = now.type
    elif type(kind) is type(before.type):
        kind = _chosen(before.type, kind)
    return before.with_setting("type", kind)


def _chosen(before: ColumnType, now: ColumnType) -> ColumnType:
    """What a person chose for a column; its names are those of now."""
    if not hasattr(now, "names"):
        return before
    changed = before.with_setting("names", now.names)
    assert isinstance(changed, ColumnType)
    return changed


def offered(values: Values) -> tuple[type[ColumnType], ...]:
    """The types that a column with such values may have, as far as a glance at some of them tells."""
    known = kinds.registry(ColumnType).values()
    shape = values.ndim > 1
    some = values[:: max(1, len(values) // 500)]
    return tuple(
        kind
        for kind in known
        if kind is not GivenColumn
        and (issubclass(kind, ArrayColumn) or kind.from_files) is shape
        and (shape or taken_for(kind, some) is not None)
    )


def taken_for(kind: type[ColumnType], values: Values) -> ColumnType | None:
    """A type of that kind that fits N values as they stand in a file; None where they cannot be of it."""
    if issubclass(kind, NumberColumn):
        return kind() if values.dtype.kind in "fiu" or _numbers(values) else None
    if issubclass(kind, CategoryColumn):
        names = factorised(values)[0]
        names.sort(key=_natural)
        if not names:
            return None
        return kind(names=tuple(names), encoding=ONE_HOT if len(names) <= MANY else EMBEDDING)
    if issubclass(kind, LabelsColumn):
        return _labels(kind, values)
    if issubclass(kind, DateColumn):
        distinct = {one for one in values.tolist() if one is not None} if values.dtype == object else set()
        return kind() if distinct and all(days_of(one) is not None for one in distinct) else None
    try:
        return kind()
    except Illegal:
        return None


def _labels(kind: type[LabelsColumn], values: Values) -> LabelsColumn | None:
    if values.dtype != object:
        return None
    distinct = factorised(values)[0]
    between = next((one for one in SEPARATORS if any(one in text for text in distinct)), None)
    if between is None:
        return None
    empty = kind(separator=between)
    names = sorted({name for text in distinct for name in empty.split(text)}, key=_natural)
    return kind(separator=between, names=tuple(names))


def _numbers(values: Values) -> bool:
    """Whether all values that are there can be read as numbers."""
    lost = missing(values)
    try:
        for one in values[~lost]:
            float(one)
    except (TypeError, ValueError):
        return False
    return bool((~lost).any())


def _natural(name: str) -> tuple[int, float, str]:
    """Numbers by their size, before words."""
    try:
        return (0, float(name), name)
    except ValueError:
        return (1, 0.0, name)


def first_look(path: Path, source: FileSource | None = None) -> Overview | None:
    """The first rows of a table that is too long to be read in a moment; None for one that is not, or that is
    no table. Raises `Trouble` where it cannot be read.
    """

    if not path.exists():
        raise Trouble("There is no file or folder {path}. Check its name and the folder.", path=str(path))
    source = source or TableFile()
    if path.is_dir() or not isinstance(source, TableFile):
        return None
    content = tables.read(path, source.format, rows=FIRST)
    if content.frame.height < FIRST:
        return None
    found = columns_of_table(content, summaries(content))
    columns = tuple(one.with_setting("role", "ignore") for one in found)
    data = DataSettings(source=source.with_setting("path", str(path)), columns=columns)
    records = {one.name: values(one) for one in content.frame}
    return overview_of(data, records, content.frame.height, whole=False)
