"""What arrays are taken for when they are opened: pictures, classes, numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.data.columns.arrays import ArrayColumn
from engine.data.columns.categories import EMBEDDING, ONE_HOT, CategoryColumn
from engine.data.columns.column_type import ColumnType, as_text
from engine.data.columns.images import CHANNELS, ImageColumn
from engine.data.columns.numbers import NumberColumn
from engine.data.fingerprint import fingerprint
from engine.data.own.array_file import ArrayFile, read_arrays
from engine.data.reading.walking import natural
from engine.data.settings import ColumnSettings, DataSettings
from engine.message import Trouble

LABELS = ("label", "labels", "target", "targets", "class", "classes", "y", "fine", "fine_label", "coarse")
"""What arrays of answers are called, the likeliest first."""
FEW, MOST, MANY = 20, 1000, 40
"""Whole numbers that are classes: of any array, of one called so; and how many are better embedded."""
LOOKED_AT = 256
"""Samples of a large array that are looked at."""


def open_arrays(source: ArrayFile) -> DataSettings:
    """The columns of a file of arrays, with the likeliest target. Raises `Trouble`."""
    records = read_arrays(source.place, source.late)
    parts = [] if records.parts is None else records.parts.tolist()
    for setting, value in (
        ("samples", len(records)),
        ("own_validation", parts.count(1)),
        ("own_test", parts.count(2)),
        ("fingerprint", fingerprint(source.files())),
    ):
        source = source.with_setting(setting, value)
    if len(records.columns) < 2:
        raise Trouble(
            "{path} holds one array of {n} samples, {name}: expected another of as many, which says what is "
            "to be learnt. Save both into one NPZ, or beside each other in one folder.",
            path=source.path,
            n=f"{len(records):,}",
            name=next(iter(records.columns)),
        )
    columns = [ColumnSettings(name=name, type=_type(name, own)) for name, own in records.columns.items()]
    answers = [one.name for one in columns if one.name.lower() in LABELS]
    answers.sort(key=lambda name: LABELS.index(name.lower()))
    single = [one.name for one in columns if not isinstance(one.type, ArrayColumn | ImageColumn)]
    target = next(iter(answers), (single or [columns[-1].name])[-1])
    return DataSettings(
        source=source, columns=tuple(_with_role(one, target, one.name in answers) for one in columns)
    )


def _with_role(one: ColumnSettings, target: str, answer: bool) -> ColumnSettings:
    role = "target" if one.name == target else "ignore" if answer else "input"  # another answer gives it away
    return one.with_setting("role", role)


def _type(name: str, values: Any) -> ColumnType:
    """What one array is taken for, N×…"""
    sides = values.shape[1:]
    if len(sides) == 3 and sides[0] in CHANNELS.values() and _is_picture(values):
        channels = next(own for own, number in CHANNELS.items() if number == sides[0])
        return ImageColumn(height=sides[1], width=sides[2], channels=channels)
    if sides:
        return ArrayColumn(shape=tuple(sides))
    if values.dtype != object:
        known = values[np.isfinite(values)]
        kinds = len(np.unique(known))
        few = kinds <= (MOST if name.lower() in LABELS else FEW)
        if not few or len(known) <= 2 * kinds or not (known == known.round()).all():
            return NumberColumn()
    names = sorted({text for one in values if (text := as_text(one)) is not None}, key=natural)
    return CategoryColumn(names=tuple(names), encoding=ONE_HOT if len(names) <= MANY else EMBEDDING)


def _is_picture(values: Any) -> bool:
    """Whether arrays are pictures with a natural white: of 8 or 16 bits, or from 0 to 1."""
    if values.dtype.name in {"uint8", "uint16"}:
        return True
    if values.dtype.kind != "f":
        return False
    some = np.asarray(values[:LOOKED_AT])
    return bool(((some >= 0) & (some <= 1)).all())
