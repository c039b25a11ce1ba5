"""Whether a set stands in memory or is read when it is wanted, by what it would take."""

from __future__ import annotations

from math import prod

from engine.data.columns.arrays import ArrayColumn
from engine.data.columns.column_type import ColumnType
from engine.data.own.file_source import FileSource
from engine.data.sampling import EachRow
from engine.data.scale import Method
from engine.data.schema import Column, Schema
from engine.data.settings import ColumnSettings, DataSettings
from engine.data.split import sizes
from engine.hardware import memory
from engine.hardware.device import usable_cores
from engine.message import Trouble

SHARE = 0.5
"""Of the memory that is free, what a set may take before it is streamed."""
MOST = 16
"""Processes that read, where a person names no number."""


def late_columns(settings: DataSettings) -> tuple[ColumnSettings, ...]:
    """The columns whose samples can be read one by one when they are wanted: their type has nothing to learn
    from the whole of them.
    """
    source = settings.source
    if not isinstance(source, FileSource) or not source.late or not isinstance(settings.sampling, EachRow):
        return ()
    return tuple(
        one
        for one in settings.columns
        if one.role in {"input", "target"}
        and (one.type.from_files or isinstance(one.type, ArrayColumn))
        and type(one.type).fit is ColumnType.fit
    )


def streams(settings: DataSettings, schema: Schema) -> bool:
    """Whether its samples are read when they are wanted: where a person wants that, or where all of them
    would take too much of the memory that is free.
    """
    if settings.loading == "memory" or not late_columns(settings):
        return False
    if settings.loading == "stream":
        return True
    free = memory.available()
    return free is not None and max(resident_bytes(schema, settings)) > SHARE * free


def workers(settings: DataSettings) -> int:
    """How many processes read its samples ahead: each takes memory of its own, so not more than keep one
    network busy.
    """
    return settings.workers or min(usable_cores(), MOST)


def resident_bytes(schema: Schema, settings: DataSettings) -> tuple[int, int]:
    """What a set takes in memory while a network is trained, and while it is read, in bytes. Numbers are
    taken to arrive in single precision.
    """
    sample = sum(map(column_bytes, schema.columns.values()))
    try:
        parts = sizes(schema, settings)
    except Trouble:
        return 0, 0
    scaled = sample * (parts.train + parts.validation + parts.test)
    # mean and deviation are found in double precision, one column after the other, before anything is scaled
    late = {one.name for one in late_columns(settings)}
    fitted = [
        2 * 2 * column_bytes(column) * parts.train
        for name, column in schema.columns.items()
        if name not in late and column.dtype == "float" and scaling(column, settings.scale) == "standardise"
    ]
    return scaled + on_device(sample, schema, settings), sample * schema.samples + max([scaled, *fitted])


def on_device(sample: int, schema: Schema, settings: DataSettings) -> int:
    """What the parts that train and validate take on the device, of samples of so many bytes."""
    parts = sizes(schema, settings)
    return sample * (parts.train + max(parts.validation, parts.test))


def column_bytes(column: Column) -> int:
    """What a sample of a column takes."""
    return (8 if column.dtype == "int" else 4) * prod(column.shape)


def scaling(column: Column, scale: str) -> Method:
    """By which method a column of numbers is scaled. A wave is left alone: it lies from −1 to 1 around
    silence already.
    """
    if scale == "auto":
        if column.kind == "audio" and len(column.shape) == 2:
            return "none"
        seen = column.picture or column.kind == "video"
        return "range" if seen and column.hi is not None else "standardise"
    return scale  # type: ignore[return-value]  # an option of the settings
