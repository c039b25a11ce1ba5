"""Tables that describe files: metadata.csv or .jsonl beside them, or any table with a column of paths."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from engine.data.reading import tables
from engine.data.reading.content import Content, medium_of, parts_in
from engine.data.reading.listing import Listing
from engine.data.reading.places import Places
from engine.data.reading.walking import folder_of, joined
from engine.message import Trouble

ENDINGS = (".csv", ".tsv", ".jsonl", ".parquet")
_NAMES = tuple(f"metadata{ending}" for ending in ENDINGS)
_COLUMNS = (
    "file_name",
    "filename",
    "file",
    "path",
    "file_path",
    "filepath",
    "image_path",
    "image",
    "img",
    "name",
    "id",
)
"""What a column of paths is called, in small letters; the first that a table has and that holds paths."""
_OFTEN = 4096  # rows between two looks at whether somebody cancelled


def fits(content: Content) -> bool:
    """Whether there is such a table: by the name that it has everywhere."""
    return bool(_tables(content))


def _tables(content: Content) -> list[str]:
    if content.description:
        return [content.description]
    return [path for path in content.described_by(ENDINGS) if path.rpartition("/")[2].lower() in _NAMES]


def read(content: Content) -> Listing:
    """A row for each row of the tables whose file is there, with all columns. A path counts from its table's
    folder.
    """
    described = _tables(content) or content.described_by(ENDINGS)[:1]
    if not described:
        raise Trouble(
            "{path} holds no table that describes its files: expected metadata.csv with a column file_name.",
            path=str(content.tree.root),
        )
    places = Places(
        content.tree.root, (joined(folder, name) for folder, names in content.files.items() for name in names)
    )
    columns: dict[str, list[Any]] = {"file": []}
    for table in described:
        _add(content, table, places, columns)
    for file in places.unnamed():
        content.tree.skips.file(file, "No row of {table} names it.", table=described[0])
    files: list[str] = columns["file"]
    return content.listing("metadata", columns, parts_in(files), used=described)


def _add(content: Content, table: str, places: Places, columns: dict[str, list[Any]]) -> None:
    """Add the rows of one table. A column that the others do not have is empty in their rows."""
    path = content.tree.path(table)
    values = _read(content, path)
    named = _column_of_paths(path, values)
    folder = folder_of(table)
    before = len(columns["file"])
    kept: list[int] = []
    for row, name in enumerate(values[named]):
        if row % _OFTEN == 0:
            content.go_on(before + row)
        file, reason = places.find(folder, name)
        if file:
            kept.append(row)
            columns["file"].append(file)
        else:
            # the first line of a table is its header
            content.tree.skips.file(table, reason, row=row + 1, name=str(name))
    for name, column in values.items():
        if name != named:
            key = f"{name} (table)" if name == "file" else name
            columns.setdefault(key, [None] * before).extend(column[row] for row in kept)
    for column in columns.values():
        column.extend([None] * (len(columns["file"]) - len(column)))


def _column_of_paths(path: Path, values: Mapping[str, Sequence[Any]]) -> str:
    """The column whose values end as files do. Raises `Trouble` where there is none."""
    small = {name.strip().casefold(): name for name in reversed(list(values))}
    known = [small[name] for name in _COLUMNS if name in small]
    for name in (*known, *(name for name in values if name not in known)):
        texts = [value for value in values[name][:1000] if isinstance(value, str)]
        if texts and sum(bool(medium_of(text.strip())) for text in texts) * 2 > len(texts):
            return name
    raise Trouble(
        "{path} has no column of paths: expected one such as file_name, whose values end in .png, .wav …, "
        "but it has {names}.",
        path=str(path),
        names=", ".join(values),
    )


def _read(content: Content, path: Path) -> Mapping[str, Sequence[Any]]:
    """The columns of a table. Raises `Trouble`."""
    table = tables.read(path, cancelled=content.cancelled)
    content.tree.skips.add(*table.skipped)
    return table.frame.to_dict(as_series=False)
