"""What a run keeps of its data: how raw values become numbers, and by what the data is known again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from attrs import evolve

from engine.data.columns.column_type import Encoder
from engine.data.dataset import ArrayDataset
from engine.data.encoding import named
from engine.data.own.file_source import FileSource
from engine.data.prepare import Prepared, prepare, schema
from engine.data.scale import Scaler
from engine.data.schema import Column, Schema
from engine.data.settings import DataSettings
from engine.message import Illegal, Message, Trouble

FORMAT = 1


def kept(prepared: Prepared) -> dict[str, Any]:
    """What the training part taught, as plain JSON: encoders, scalers, the range of what the network sees,
    and the fingerprint of a person's own files.
    """
    source = prepared.settings.source
    columns = prepared.train.batch(slice(None)) if prepared.train.resident else {}
    return {
        "format": FORMAT,
        "fingerprint": source.fingerprint if isinstance(source, FileSource) else None,
        "encoders": {name: [one.json() for one in several] for name, several in prepared.encoders.items()},
        "scalers": prepared.preprocessing(),
        "ranges": {
            name: [float(values.min()), float(values.max())]
            for name, values in columns.items()
            if values.size and values.dtype.kind in "fiu"
        },
    }


def remembered(settings: DataSettings, data: Mapping[str, Any]) -> Prepared:
    """The data as a run knows it, that `kept` wrote: its own encoders and scalers, never a fresh fit. Where
    the files have vanished, changed or cannot be read, its parts are empty and it says why (`gone`). Raises
    `Trouble` where that is not what `kept` writes.
    """
    known = schema(settings)
    try:
        if data["format"] != FORMAT:
            raise ValueError
        encoders = {
            str(name): tuple(map(Encoder.from_json, several)) for name, several in data["encoders"].items()
        }
        scalers = {str(name): Scaler.from_json(one) for name, one in data["scalers"].items()}
        ranges = {str(name): (float(lo), float(hi)) for name, (lo, hi) in data["ranges"].items()}
        floats = {name for name, column in known.columns.items() if column.dtype == "float"}
        if not floats <= scalers.keys():
            raise ValueError
    except (KeyError, TypeError, ValueError, AttributeError, Illegal):
        raise Trouble(
            "What the run has kept of its data is damaged: expected encoders and scalers of {columns}. Train "
            "the network again.",
            columns=", ".join(known.columns),
        ) from None
    try:
        prepared = prepare(settings)
    except Trouble as trouble:
        known = named(known, encoders)
        nothing = ArrayDataset(
            {name: _none_of(column) for name, column in known.columns.items()}, np.zeros(0, np.int64)
        )
        prepared = Prepared(
            settings, known, nothing, nothing, nothing, scalers, encoders, gone=trouble.message
        )
    return evolve(prepared, encoders=encoders, scalers=scalers, ranges=ranges)


def _none_of(column: Column) -> np.ndarray:
    return np.zeros((0, *column.shape), np.float32 if column.dtype == "float" else np.int64)


def made_up(prepared: Prepared, count: int) -> dict[str, np.ndarray]:
    """So many samples of each input as the network takes them, N×…, drawn at random within the range of what
    it was trained on. The same ones every time.
    """
    chance = np.random.default_rng(0)
    return {
        name: _drawn(prepared.schema, prepared.ranges, name, count, chance) for name in prepared.schema.inputs
    }


def _drawn(
    known: Schema,
    ranges: Mapping[str, tuple[float, float]],
    name: str,
    count: int,
    chance: np.random.Generator,
) -> np.ndarray:
    column = known.columns[name]
    if column.dtype == "int":
        most = column.most if column.most is not None else int(ranges.get(name, (0, 0))[1])
        return chance.integers(0, most + 1, (count, *column.shape))
    lo, hi = ranges.get(name, (-1.0, 1.0))
    drawn: np.ndarray = chance.uniform(lo, hi, (count, *column.shape)).astype(np.float32)
    return drawn


def about_gone(prepared: Prepared) -> Message | None:
    """That the samples are not there to be compared with; None where they are."""
    if prepared.gone is None:
        return None
    return Message(
        "{reason} So it was compared on random inputs within the range that it was trained on.",
        reason=prepared.gone,
    )
