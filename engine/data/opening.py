"""What data is taken for when it is opened: types and roles of its columns, for a person to correct."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from engine.data.columns.categories import EMBEDDING, ONE_HOT, CategoryColumn
from engine.data.columns.column_type import ColumnType, as_text
from engine.data.columns.numbers import DateColumn, NumberColumn
from engine.data.fingerprint import fingerprint
from engine.data.own.file_source import FileSource
from engine.data.own.table_file import TableFile, table, values
from engine.data.settings import ColumnSettings, DataSettings
from engine.message import Trouble

if TYPE_CHECKING:
    import polars as pl

USUAL_TARGETS = ("target", "label", "class", "y", "output", "answer", "category", "species", "outcome")
FEW = 20
"""Whole numbers or texts of which there are no more are taken for categories."""
MANY = 40
"""Categories of which there are more are better embedded than put one beside the other."""


def open_data(path: Path, target: str = "", source: FileSource | None = None) -> DataSettings:
    """The data of a file or a folder, with what its columns are taken for. `source` says how it is read where
    that is not found by itself; `target` names the column to be foretold. Raises `Trouble`.
    """
    if not path.exists():
        raise Trouble("There is no file or folder {path}. Check its name and the folder.", path=str(path))
    source = source or TableFile()
    path = path.absolute()
    source = source.with_setting("path", str(path))
    assert isinstance(source, TableFile)
    content = table(path, source.format)
    source = source.with_setting("samples", content.frame.height)
    source = source.with_setting("fingerprint", fingerprint(source.files()))
    columns = [ColumnSettings(name=one.name, type=type_of(one), role=_role(one)) for one in content.frame]
    return DataSettings(source=source, columns=with_target(columns, target))


def with_target(columns: Sequence[ColumnSettings], name: str = "") -> tuple[ColumnSettings, ...]:
    """The columns with that one as the only target, or the one that is most likely meant. Raises `Trouble`
    where there is none of that name.
    """
    names = [one.name for one in columns]
    if name and name not in names:
        raise Trouble(
            "There is no column {name}: expected one of {names}.", name=name, names=", ".join(names[:20])
        )
    used = [one.name for one in columns if one.role != "ignore"]
    usual = (one for one in used if one.strip().lower() in USUAL_TARGETS)
    name = name or next(usual, used[-1] if used else "")
    roles = {one.name: "input" if one.role == "target" else one.role for one in columns} | {name: "target"}
    return tuple(one.with_setting("role", roles[one.name]) for one in columns)


def type_of(column: pl.Series) -> ColumnType:
    """What a column of a table is taken for."""
    import polars as pl

    known = column.drop_nulls()
    if column.dtype in {pl.Date, pl.Datetime}:
        return DateColumn()
    few = known.n_unique() <= FEW
    if column.dtype.is_numeric():
        whole = bool((known == known.round()).all()) if len(known) else False
        return _category(column) if whole and few and len(known) > 2 * known.n_unique() else NumberColumn()
    return _category(column)


def _category(column: pl.Series) -> CategoryColumn:
    found = values(column.drop_nulls().unique().sort())
    names = tuple(dict.fromkeys(text for one in found if (text := as_text(one)) is not None))
    return CategoryColumn(names=names, encoding=ONE_HOT if len(names) <= MANY else EMBEDDING)


def _role(column: pl.Series) -> str:
    """An input, unless it says nothing: the same everywhere, or another text in every row."""
    import polars as pl

    known = column.drop_nulls()
    if known.n_unique() < 2:
        return "ignore"
    names = column.dtype == pl.String and known.n_unique() > len(known) // 2 > FEW
    return "ignore" if names else "input"
