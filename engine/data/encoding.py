"""From a person's columns to what a network takes: which of them stand in one row, what their types learn
from the training part, and the numbers themselves.
"""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Mapping, Sequence

import numpy as np
from attrs import evolve

from engine.data.columns.column_type import Encoder, as_text
from engine.data.columns.numbers import days_of
from engine.data.columns.text import END, START, TextColumn
from engine.data.mapped import MappedArray
from engine.data.own.file_source import FileSource
from engine.data.pieces import schema_of_pieces
from engine.data.reading.skipped import Skipped
from engine.data.records import Records
from engine.data.sampling import NextToken, SeriesWindows
from engine.data.schema import Column, Raw, Schema
from engine.data.settings import ROW, ColumnSettings, DataSettings
from engine.data.transforms.transform import column_after
from engine.data.windows import KNOWN_AHEAD, UNTIMED, WindowPlaces, foretold, seen
from engine.message import Message, Trouble

Encoders = Mapping[str, tuple[Encoder, ...]]
"""Of each column that a network can take, what makes it: several stand one after the other in a row."""


def schema_of_columns(settings: DataSettings) -> Schema:
    """What a network can take of a person's files, by what is said of their columns. Reads nothing.
    Raises `Trouble` where there is no input or no target.
    """
    source = settings.source
    assert isinstance(source, FileSource)
    if isinstance(settings.sampling, NextToken):
        return schema_of_pieces(settings, settings.sampling, source.samples)
    inputs, targets = grouped(settings)
    columns = {name: _joined(name, members, target=False) for name, members in inputs.items()}
    columns |= {one.name: column_of(one, target=True) for one in targets.values()}
    for name, (first, *_) in inputs.items():
        if getattr(first.type, "marks", "") == START:
            columns[first.name] = evolve(columns[first.name], following=name)
    columns = {name: column for name, column in columns.items() if 0 not in column.shape}
    inputs = {name: members for name, members in inputs.items() if name in columns}
    if not inputs or not targets:
        lacking = Message("an input") if not inputs else Message("a target")
        raise Trouble(
            "{path} has no column that is {lacking}: expected at least one input and one target. Give a "
            "column that role on the data page.",
            path=source.path or source.label(),
            lacking=lacking,
        )
    names = tuple(targets)
    known = Schema(
        columns,
        tuple(inputs),
        names[0],
        source.samples,
        own_test=source.own_test,
        own_validation=source.own_validation,
        by_time=by_time(settings),
        stratified=settings.split == "random" or (settings.split == "auto" and not settings.of_role("group")),
        targets=names,
    )
    windows = settings.sampling
    return _as_windows(known, settings, windows) if isinstance(windows, SeriesWindows) else known


def column_of(one: ColumnSettings, target: bool) -> Column:
    """What a network gets of one column: as its type makes it, after the steps that every sample goes."""
    return column_after(one.type.column(one.name, target), one.always)


def _as_windows(rows: Schema, settings: DataSettings, windows: SeriesWindows) -> Schema:
    """What a network gets of a series, by what it would get of single rows."""
    columns = {name: seen(rows.columns[name], windows, name == KNOWN_AHEAD) for name in rows.inputs}
    columns |= {name: foretold(rows.columns[name], windows) for name in rows.targets}
    whole = rows.samples - windows.window - windows.horizon + 1
    past = _past_of(rows, settings, windows)
    return evolve(
        rows,
        columns=columns,
        inputs=rows.inputs if past is None else (ROW, *(name for name in rows.inputs if name != ROW)),
        samples=max(0, -(-whole // windows.stride)),
        by_time=True,
        series=past is not None and windows.foretold == 1,
        past=past or 0,
        gap=(windows.horizon - 1) // windows.stride,
    )


def _past_of(rows: Schema, settings: DataSettings, windows: SeriesWindows) -> int | None:
    """Which of the numbers of a step is the past of the first target; None where the network does not see it,
    or where it is no number.
    """
    if not windows.past or rows.columns[rows.target].dtype != "float" or ROW not in rows.columns:
        return None
    names = rows.columns[ROW].names
    return names.index(rows.target) if rows.target in names else None


def by_time(settings: DataSettings) -> bool:
    """Whether the parts follow each other in time."""
    return bool(settings.of_role("time")) and settings.split in {"auto", "time"}


def read_files(records: Records, settings: DataSettings, late: Collection[str] = ()) -> Records:
    """The samples with what stands in the files that they name, but of the columns that are read `late`.
    Those that cannot be read are left out where a person wants that. Raises `Trouble` where not.
    """
    used = [one for one in settings.columns if one.role in {"input", "target"} and one.name not in late]
    for one in used:
        if isinstance(records.columns[one.name], MappedArray):
            there = np.asarray(records.columns[one.name])
            records = evolve(records, columns={**records.columns, one.name: there})
        if not one.type.from_files or records.columns[one.name].dtype != object:
            continue
        found = one.type.read(records.columns[one.name])
        if settings.unreadable == "stop":
            found.require_whole()
        records = records.take(found.rows, *found.skipped)
        records = evolve(records, columns={**records.columns, one.name: found.values})
    return records


def in_order(records: Records, settings: DataSettings) -> Records:
    """The samples in the order of their times, where they are split by it. Those without one are left out."""
    if not by_time(settings):
        return records
    times = [days_of(value) for value in records.columns[settings.of_role("time")[0].name]]
    lost = [row for row, time in enumerate(times) if time is None]
    known = [row for row, time in enumerate(times) if time is not None]
    order = np.array(sorted(known, key=lambda row: times[row] or 0.0), np.int64)
    if not lost:
        return records.take(order)
    return records.take(order, Skipped(records.place(int(records.numbers[lost[0]])), UNTIMED, len(lost)))


def grouped(
    settings: DataSettings,
) -> tuple[dict[str, tuple[ColumnSettings, ...]], dict[str, ColumnSettings]]:
    """The columns behind each input that a network can take, and each target. A row that would be called like
    a column is the row of another name.
    """
    targets = {one.name: _written(one, END) for one in settings.of_role("target")}
    alone = {one.name for one in settings.of_role("input") if not one.type.joins} | targets.keys()
    inputs: dict[str, list[ColumnSettings]] = {}
    windows = settings.sampling if isinstance(settings.sampling, SeriesWindows) else None
    past = [one for one in targets.values() if windows is not None and windows.past and one.type.joins]
    for one in (*past, *settings.of_role("input")):
        name = one.name
        if windows is not None and one.known_ahead and one.type.joins and one.role == "input":
            name = KNOWN_AHEAD
        elif one.type.joins:
            name = one.row or ROW
            while name in alone:
                name += " row"
        inputs.setdefault(name, []).append(one)
    for one in settings.of_role("target"):
        if isinstance(one.type, TextColumn) and windows is None:
            inputs[so_far(one.name, {*inputs, *targets})] = [_written(one, START)]
    return {name: tuple(members) for name, members in inputs.items()}, targets


def _written(one: ColumnSettings, marks: str) -> ColumnSettings:
    """A text that is to be written, with its mark; anything else as it is."""
    if not isinstance(one.type, TextColumn):
        return one
    return one.with_setting("type", one.type.with_setting("marks", marks))


def so_far(target: str, taken: Container[str] = ()) -> str:
    """The input that holds what is written of a target before each of its tokens."""
    name = f"{target} so far"
    while name in taken:
        name += " again"
    return name


def _joined(name: str, members: Sequence[ColumnSettings], target: bool) -> Column:
    """One column of the numbers of several."""
    parts = [column_of(one, target) for one in members]
    if not members[0].type.joins:
        return evolve(parts[0], name=name)
    return Column(
        name,
        (sum(part.shape[0] for part in parts),),
        names=tuple(each for part in parts for each in part.names),
        units=tuple(each for part in parts for each in part.units),
        scales=tuple(each for part in parts for each in part.scales),
    )


def unusable(records: Records, settings: DataSettings) -> dict[str, np.ndarray]:
    """Of each column that is used and leaves nothing to learn from somewhere, in which rows: N booleans."""
    lost = {one.name: _lost(records, one) for one in _used(records, settings)}
    return {name: rows for name, rows in lost.items() if rows.any()}


def usable(records: Records, settings: DataSettings) -> Records:
    """The samples from which something can be learnt: those whose target is there, and whose inputs are where
    a person wants that.
    """
    for one in _used(records, settings):
        rows = np.flatnonzero(lost := _lost(records, one))
        if len(rows):
            reason = Message("{column} is missing", column=one.name)
            first = records.place(int(records.numbers[rows[0]]))
            records = records.take(~lost, Skipped(first, reason, len(rows)))
    return records


def _used(records: Records, settings: DataSettings) -> list[ColumnSettings]:
    """The inputs and targets among the columns that are there."""
    return [
        one for one in settings.columns if one.role in {"input", "target"} and one.name in records.columns
    ]


def _lost(records: Records, one: ColumnSettings) -> np.ndarray:
    """In which rows a column leaves nothing to learn from: N booleans."""
    return one.type.unusable(records.columns[one.name], one.role == "target")


def require_columns(records: Records, settings: DataSettings) -> None:
    """Raise `Trouble` where a column that is used is not in the files."""
    source = settings.source
    for one in settings.columns:
        if one.role != "ignore" and one.name not in records.columns:
            raise Trouble(
                "There is no column {column} in {path}: it has {names}. Give another column its role, or "
                "read the data anew.",
                column=one.name,
                path=getattr(source, "path", ""),
                names=", ".join(list(records.columns)[:12]),
            )


def fitted(records: Records, settings: DataSettings, train: np.ndarray) -> dict[str, tuple[Encoder, ...]]:
    """The encoders of all columns, by what the training part (rows, int64) alone shows."""
    inputs, targets = grouped(settings)

    def encoder(one: ColumnSettings, target: bool) -> Encoder:
        try:
            learnt = one.type.fit(records.columns[one.name][train])
            return Encoder(one.name, one.type, target, learnt, one.always)
        except Trouble as trouble:
            raise _of_column(one.name, trouble) from None

    learnt = {name: (encoder(one, True),) for name, one in targets.items()}
    found: dict[str, tuple[Encoder, ...]] = {}
    for name, members in inputs.items():
        first = members[0]
        if getattr(first.type, "marks", "") == START:  # what is written so far has the target's vocabulary
            found[name] = (Encoder(first.name, first.type, False, learnt[first.name][0].fitted),)
        else:
            found[name] = tuple(encoder(one, False) for one in members)
    return found | learnt


def named(schema: Schema, encoders: Encoders) -> Schema:
    """The schema with what is known once the types have learnt: what the tokens of a text are."""
    columns = dict(schema.columns)
    for name, (encoder, *others) in encoders.items():
        if not others:
            columns[name] = encoder.type.named(columns[name], encoder.fitted)
    return evolve(schema, columns=columns)


def encode(encoders: Iterable[Encoder], values: Mapping[str, np.ndarray]) -> np.ndarray:
    """The numbers of one column that a network takes, N× its shape, from what its columns hold."""
    parts = []
    for one in encoders:
        try:
            parts.append(one(values[one.name]))
        except Trouble as trouble:
            raise _of_column(one.name, trouble) from None
    return parts[0] if len(parts) == 1 else np.concatenate(parts, 1)


def _of_column(name: str, trouble: Trouble) -> Trouble:
    return Trouble("Column {column}: {reason}", column=name, reason=trouble.message)


def encoded(
    records: Records, encoders: Encoders, places: WindowPlaces | None = None, schema: Schema | None = None
) -> Raw:
    """All samples as numbers in their own units: of every row, or of the windows that lie there."""
    columns = {name: encode(own, records.columns) for name, own in encoders.items()}
    if places is not None and schema is not None:
        columns = {
            name: places.foretold(rows) if name in schema.targets else places.seen(rows, name == KNOWN_AHEAD)
            for name, rows in columns.items()
        }
        return Raw(columns)
    return Raw(columns, own_part(records, 2), own_part(records, 1))


def own_part(records: Records, part: int) -> np.ndarray | None:
    """The samples that the files themselves put in a part, int64; None where they do not."""
    if records.parts is None:
        return None
    rows = np.flatnonzero(records.parts == part)
    return rows if len(rows) else None


def classes_of(records: Records, settings: DataSettings, schema: Schema) -> np.ndarray:
    """The class of each sample by the first target, N int64; N×1 zeros where that has none to share out."""
    target = schema.columns[schema.target]
    if not target.classes or target.shape:
        return np.zeros((len(records), 1), np.int64)
    (one,) = (one for one in settings.of_role("target") if one.name == schema.target)
    return encode([Encoder(one.name, one.type, True, {})], records.columns)


def groups_of(records: Records, settings: DataSettings) -> np.ndarray | None:
    """For each sample the number of what it must stay together with, N int64; None where there is no such
    column.
    """
    columns = settings.of_role("group")
    if not columns or settings.split not in {"auto", "group"}:
        return None
    keys = [
        tuple(as_text(value) for value in row)
        for row in zip(*(records.columns[c.name] for c in columns), strict=True)
    ]
    numbers: dict[tuple[str | None, ...], int] = {}
    return np.array([numbers.setdefault(key, len(numbers)) for key in keys], np.int64)
