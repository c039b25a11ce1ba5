"""Data that does not fit into memory: samples whose files are read when they are wanted."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, ClassVar

import numpy as np
from attrs import evolve, frozen

from engine.data.columns.column_type import ColumnType, Encoder, Values
from engine.data.complete import require_legal
from engine.data.dataset import AT_ONCE, Columns
from engine.data.encoding import encode
from engine.data.fingerprint import Stamp
from engine.data.mapped import MappedArray, changed
from engine.data.reading.skipped import Skipped
from engine.data.records import Records
from engine.data.scale import Scaler
from engine.data.schema import Column
from engine.data.settings import DataSettings
from engine.hardware.device import usable_cores
from engine.message import Trouble

Stamps = tuple[Stamp | None, ...]
LateValues = Values | MappedArray
"""Of each sample what is read when it is wanted: its file, or its place in one."""
TRIED = 32
"""Files that are tried before a training begins, where one that cannot be read stops it."""


@frozen(eq=False)
class StillToRead:
    """Some samples of a column that are still to be read, and what their files were like when all began."""

    values: LateValues
    stamps: Stamps = ()


@frozen(eq=False)
class Decoder:
    """What makes a column as a network takes it out of files. It is handed to other processes."""

    column: Column
    encoder: Encoder
    scaler: Scaler | None

    def __call__(self, wanted: StillToRead) -> np.ndarray:
        """N× the column's shape, scaled float32 or int64 classes. Raises `Trouble` where a file cannot be
        read, or has changed.
        """
        values = self.own(wanted)
        return values.astype(np.int64, copy=False) if self.scaler is None else self.scaler.forward(values)

    def own(self, wanted: StillToRead) -> np.ndarray:
        """The same in its own units."""
        if wanted.stamps:
            _require_unchanged(wanted)
        values = encode((self.encoder,), {self.encoder.name: np.asarray(wanted.values)})
        require_legal(self.column, values)
        return values


@frozen(eq=False)
class LateColumn:
    """A column of N samples that are read when they are wanted."""

    decoder: Decoder
    values: LateValues
    stamps: Stamps

    def __len__(self) -> int:
        return len(self.values)

    def scaled(self, scaler: Scaler | None) -> LateColumn:
        """The same, scaled by what its training part shows."""
        return evolve(self, decoder=evolve(self.decoder, scaler=scaler))

    def wanted(self, rows: np.ndarray) -> StillToRead:
        """Of these samples (int64) what is to be read."""
        return StillToRead(self.values[rows], tuple(self.stamps[row] for row in rows) if self.stamps else ())


@frozen(eq=False)
class StreamedDataset:
    """Samples of which some columns are in memory, small ones as classes are, and others stand in files.

    `places` says which sample of the late columns each of its N samples is, `rows` where in the source it
    stands.
    """

    columns: Columns
    late: Mapping[str, LateColumn]
    places: np.ndarray
    rows: np.ndarray
    resident: ClassVar[bool] = False

    def __len__(self) -> int:
        return len(self.rows)

    def batch(self, rows: slice | np.ndarray, names: Collection[str] | None = None) -> Columns:
        """The samples of those numbers, in that order, read now and here. Raises `Trouble`."""
        wanted = {name: one for name, one in self.wanted(rows).items() if names is None or name in names}
        return self.whole(rows, {name: self.late[name].decoder(one) for name, one in wanted.items()}, names)

    def wanted(self, rows: slice | np.ndarray) -> dict[str, StillToRead]:
        """Of those samples what is to be read, by column."""
        return {name: column.wanted(self.places[rows]) for name, column in self.late.items()}

    def whole(self, rows: slice | np.ndarray, read: Columns, names: Collection[str] | None = None) -> Columns:
        """Those samples with what was read of them."""
        there = {
            name: values[rows] for name, values in self.columns.items() if names is None or name in names
        }
        return {**there, **read}


def late_column(column: Column, encoder: Encoder, values: Any) -> LateColumn:
    """What is read later of N files, or of an array in one. What the files are like now is kept."""
    if isinstance(values, MappedArray):
        return LateColumn(Decoder(column, encoder, None), values, ())
    return LateColumn(Decoder(column, encoder, None), values, tuple(stamp(file_of(one)) for one in values))


def all_readable(records: Records, settings: DataSettings, late: Collection[str]) -> Records:
    """The samples whose late columns can be read.

    Where a person wants the others left out, each file is read once now: which they are decides what comes
    into which part, and that must be as it is in memory. Where not, some are tried, evenly over all: a file
    in the middle that cannot be read ends the training when its turn comes, with what was learnt. Raises
    `Trouble` where one of those cannot be.
    """
    for one in settings.columns:
        values: Any = records.columns.get(one.name)
        if one.name not in late or values is None or isinstance(values, MappedArray):
            continue
        if settings.unreadable == "stop":
            tried = np.unique(np.linspace(0, max(0, len(values) - 1), TRIED).astype(np.int64))
            one.type.read(values[tried[: len(values)]]).require_whole()
            continue
        kept, skipped = _read_once(one.type, values)
        records = records.take(kept, *skipped)
    return records


def _read_once(type: ColumnType, values: Values) -> tuple[np.ndarray, list[Skipped]]:
    """Which of N files can be read, int64, and what is said of the others. Nothing of them is kept."""
    starts = range(0, len(values), AT_ONCE)
    with ThreadPoolExecutor(usable_cores()) as pool:  # decoders let other threads work
        found = pool.map(lambda start: _outcome(type, values[start : start + AT_ONCE], start), starts)
        outcomes = list(found)
    rows = [rows for rows, _ in outcomes]
    skipped = [one for _, own in outcomes for one in own]
    return np.concatenate([np.zeros(0, np.int64), *rows]), skipped


def _outcome(type: ColumnType, values: Values, start: int) -> tuple[np.ndarray, tuple[Skipped, ...]]:
    found = type.read(values)
    return found.rows + start, found.skipped


def file_of(value: Any) -> str:
    """The file that a value of a column of files stands for."""
    return value if isinstance(value, str) else str(value.path)


def stamp(path: str) -> Stamp | None:
    """Size and time of change of a file; None where it is not there."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns


def _require_unchanged(wanted: StillToRead) -> None:
    values: Any = wanted.values
    for value, known in zip(values, wanted.stamps, strict=True):
        path = file_of(value)
        now = stamp(path)
        if now is None:
            raise Trouble(
                "{path} is no longer there, and is still needed. Put it back, or read the data anew.",
                path=path,
            )
        if now != known:
            raise changed(path)
