"""One sample as a person looks at it: a picture, a few frames, a wave with its spectrum, a curve, a text."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from attrs import frozen

from engine.data.columns.images import ImageColumn, PictureCutting
from engine.data.columns.sounds import SoundColumn
from engine.data.columns.text import TextColumn
from engine.data.columns.videos import VideoColumn
from engine.data.overview import ColumnOverview, Overview
from engine.data.signs import Signs
from engine.message import Trouble

FRAMES = 5
"""Frames of a video that are shown."""
HEARD = 11_025
"""Samples of a second of sound that are shown, and can be heard."""
LONGEST = 10.0
"""Seconds of a sound that are shown."""
LETTERS = 400
"""Letters of a text that are shown."""


@frozen(eq=False)
class SampleLook:
    """What there is to see of a sample; exactly one of it is there, but a spectrum stands beside its wave.

    `frames` are height×width×(1 or 3) each, 0 to 1; `curve` is steps×features in their own units, `wave`
    samples from −1 to 1 at a `rate`, `spectrum` bands×frames, 0 to 1.
    """

    frames: tuple[np.ndarray, ...] = ()
    curve: np.ndarray | None = None
    wave: np.ndarray | None = None
    rate: int = 0
    spectrum: np.ndarray | None = None
    text: str | None = None


def looked_at(view: Overview) -> ColumnOverview:
    """The column as which samples are looked at: the first input that is more than a number or a name."""
    inputs = [one for one in view.columns if one.role == "input"] or list(view.columns)
    return next((one for one in inputs if medium_of_column(one) != "table"), inputs[0])


def medium_of_column(one: ColumnOverview) -> str:
    """As what the values of a column are looked at: as a `ColumnKind` says."""
    for kind, medium in (
        (ImageColumn, "image"),
        (VideoColumn, "video"),
        (SoundColumn, "audio"),
        (TextColumn, "text"),
    ):
        if isinstance(one.type, kind):
            return medium
    return one.column.kind if one.column is not None else "table"


def from_file(one: ColumnOverview) -> bool:
    """Whether a file has to be read to see a value."""
    return one.type is not None and one.type.from_files and one.values.dtype == object


def sample_look(one: ColumnOverview, row: int, side: int, signs: Signs | None = None) -> SampleLook:
    """The value of a column at a row, pictures about `side` pixels large. Raises `Trouble` where its file
    cannot be read. May run in a thread.
    """
    value, medium = one.values[row], medium_of_column(one)
    if isinstance(one.type, TextColumn):
        return SampleLook(text=str(value or "")[:LETTERS])
    if from_file(one):
        return _of_file(one, value, medium, side)
    if medium == "image":
        return SampleLook(frames=(_picture(one, value),))
    if medium == "video":
        steps = np.linspace(0, len(value) - 1, min(FRAMES, len(value))).round().astype(int)
        return SampleLook(frames=tuple(_picture(one, value[step]) for step in steps))
    if medium == "audio":
        return _sound(one, np.asarray(value))
    if medium == "text":
        words = signs.decode(value.tolist()) if signs is not None else " ".join(map(str, value.tolist()))
        return SampleLook(text=words[:LETTERS])
    return SampleLook(curve=np.asarray(value, np.float64).reshape(len(np.atleast_1d(value)), -1))


def _picture(one: ColumnOverview, value: np.ndarray) -> np.ndarray:
    """Channels first, in the column's units, as height×width×(1 or 3) from 0 to 1."""
    column = one.column
    lo = column.lo if column is not None and column.lo is not None else float(value.min())
    hi = column.hi if column is not None and column.hi is not None else float(value.max())
    scaled = np.clip((value.astype(np.float32) - lo) / ((hi - lo) or 1.0), 0, 1)
    if len(scaled) not in {1, 3}:
        scaled = scaled.mean(0, keepdims=True)
    return np.moveaxis(scaled, 0, -1)


def _sound(one: ColumnOverview, value: np.ndarray) -> SampleLook:
    """A wave channels×samples, or a spectrum channels×bands×frames."""
    if value.ndim == 3:
        return SampleLook(spectrum=_unit(value.mean(0)))
    wave = value.reshape(-1, value.shape[-1]).mean(0)
    rate = getattr(one.column, "rate", 0)
    return SampleLook(wave=wave, rate=rate, spectrum=spectrum(wave))


def _unit(values: np.ndarray) -> np.ndarray:
    lo, hi = float(values.min()), float(values.max())
    return (values - lo) / ((hi - lo) or 1.0)


def spectrum(wave: np.ndarray, bands: int = 40, frames: int = 120) -> np.ndarray:
    """How loud which pitch is when: bands×frames, 0 to 1, from low to high; of a wave of n samples."""
    size = 256
    if len(wave) < size:
        wave = np.pad(wave, (0, size - len(wave)))
    starts = np.linspace(0, len(wave) - size, frames).astype(int)
    pieces = wave[starts[:, None] + np.arange(size)] * np.hanning(size)
    loud = np.log1p(100 * np.abs(np.fft.rfft(pieces)))  # frames × (size / 2 + 1)
    edges = np.unique(np.geomspace(1, size // 2, bands + 1).round().astype(int))
    return _unit(np.add.reduceat(loud, edges[:-1], 1).T / np.diff(edges)[:, None])


def _of_file(one: ColumnOverview, value: Any, medium: str, side: int) -> SampleLook:
    if value is None:
        raise Trouble("The file of this sample is missing: {column} is empty.", column=one.name)
    if medium == "image":
        return SampleLook(frames=(_file_picture(value, side),))
    path = Path(str(value))
    if medium == "video":
        from engine.data.reading.videos import read_video

        found = read_video(path, frames=FRAMES, height=side, width=side)
        return SampleLook(frames=tuple(np.moveaxis(frame, 0, -1) / np.float32(255) for frame in found))
    from engine.data.reading import sounds

    seconds = min(LONGEST, max(0.05, sounds.facts(path).seconds))
    wave = sounds.read_sound(path, rate=HEARD, seconds=seconds)[0]
    return SampleLook(wave=wave, rate=HEARD, spectrum=spectrum(wave))


def _file_picture(value: object, side: int) -> np.ndarray:
    """A picture of a file, whole, in its own size where it is smaller than asked for."""
    from engine.data.reading import decoding
    from engine.data.reading.pictures import read_picture

    name, box = (value.path, value.box) if isinstance(value, PictureCutting) else (str(value), None)
    path = Path(name)
    large = box is not None or max(decoding.opened(path).size) > side
    found = read_picture(path, channels=3, size=(side, side) if large else None, fit="pad", box=box)
    most = np.iinfo(found.dtype).max if found.dtype.kind == "u" else 1.0
    return np.clip(np.moveaxis(found, 0, -1) / np.float32(most), 0, 1)
