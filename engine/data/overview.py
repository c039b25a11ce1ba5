"""What a person looks at before a network learns from data: every sample, what stands in each column, and
into which part each sample comes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from attrs import field, frozen

from engine.data.columns.categories import CategoryColumn, LabelsColumn
from engine.data.columns.column_type import ColumnType, Values, as_text, factorised, missing
from engine.data.columns.numbers import DateColumn, NumberColumn, days_of
from engine.data.own.file_source import FileSource
from engine.data.prepare import Prepared, prepare, schema
from engine.data.records import PARTS
from engine.data.schema import Column
from engine.data.settings import ColumnSettings, DataSettings
from engine.message import Message, Trouble

BARS = 20
"""Bars of a histogram."""
MOST_NAMES = 60
"""Values of a column that have a bar of their own; the rarer ones share the last."""
LEFT_OUT = -1
"""What `parts` says of a sample that comes into no part."""


@frozen(eq=False)
class Bars:
    """How the values of a column are spread: `counts` bars×(classes + 1), of each class of the target and,
    last, of no class. `of` says for each of N samples in which bar it is, -1 for none. A bar of numbers goes
    from one of the `edges` to the next; else it is for one of the `names`.
    """

    counts: np.ndarray
    of: np.ndarray
    edges: tuple[float, ...] = ()
    names: tuple[str, ...] = ()
    others: bool = False
    """Whether the last bar holds all values that are too rare for one of their own."""


@frozen(eq=False)
class ColumnOverview:
    """One column: its N `values` as they stand in the data, what it is taken for, and what stands in it.

    `settings` is the name of the column whose settings decide over it: of a set that comes with the program
    several features may stand in one. `lowest` and `highest` are numbers, or days since 1970.
    """

    name: str
    settings: str
    role: str
    kind: str
    values: Values
    type: ColumnType | None = None
    unit: str = ""
    missing: np.ndarray | None = None
    distinct: int = 0
    bars: Bars | None = None
    lowest: float | None = None
    highest: float | None = None
    mean: float | None = None
    deviation: float | None = None
    column: Column | None = None
    """What a network gets of it; None where it gets nothing, or that is told by the `type`."""

    @property
    def lost(self) -> int:
        """How many values are missing."""
        return 0 if self.missing is None else int(np.count_nonzero(self.missing))


@frozen(eq=False)
class Overview:
    """All N samples of some data. `parts` says for each into which part it comes (0 to train, 1 to validate,
    2 to test, -1 to none), `class_of` its class by the first target (-1 for none). `trouble` is why nothing
    can be learnt from it as it is.
    """

    settings: DataSettings
    columns: tuple[ColumnOverview, ...]
    samples: int
    parts: np.ndarray
    class_of: np.ndarray
    classes: tuple[str, ...] = ()
    target: str = ""
    prepared: Prepared | None = None
    trouble: Trouble | None = None
    whole: bool = True
    """Whether these are all samples, not the first ones of a large file that is still being read."""
    notes: tuple[Message, ...] = field(factory=tuple)

    def __getitem__(self, name: str) -> ColumnOverview:
        return next(one for one in self.columns if one.name == name)

    def balance(self) -> tuple[tuple[int, int], ...]:
        """Each class that there is with the number of its samples, the most frequent first."""
        counts = np.bincount(self.class_of[self.class_of >= 0], minlength=len(self.classes))
        return tuple((int(one), int(counts[one])) for one in np.argsort(-counts, kind="stable"))

    def part_sizes(self) -> tuple[int, ...]:
        """How many samples train, validate and test."""
        return tuple(int(np.count_nonzero(self.parts == part)) for part in range(len(PARTS)))


def overview(settings: DataSettings) -> Overview:
    """Everything there is to see of some data. Reads it. Raises `Trouble` where it cannot be read at all;
    what only keeps a network from learning is the overview's `trouble`.
    """
    prepared, trouble = _prepared(settings)
    if isinstance(settings.source, FileSource):
        records = settings.source.read()
        return overview_of(settings, records.columns, len(records), prepared, trouble)
    raw = settings.source.load()
    known = schema(settings) if trouble is None else settings.source.schema()
    target = known.columns[known.target]
    classes = target.classes if not target.shape and target.dtype == "int" else ()
    class_of = raw.columns[known.target].astype(np.int64) if classes else np.full(known.samples, -1)
    columns: list[ColumnOverview] = []
    for name, column in known.columns.items():
        role = "target" if name in known.targets else "input" if name in known.inputs else "ignore"
        columns += _of_set(column, raw.columns[name], role, class_of, len(classes))
    return Overview(
        settings,
        tuple(columns),
        known.samples,
        _parts(prepared, known.samples),
        class_of,
        classes,
        known.target,
        prepared,
        trouble,
    )


def overview_of(
    settings: DataSettings,
    columns: Mapping[str, Values],
    samples: int,
    prepared: Prepared | None = None,
    trouble: Trouble | None = None,
    whole: bool = True,
) -> Overview:
    """The same of N samples as they stand in a person's files, by column."""
    target = next((one for one in settings.of_role("target") if one.name in columns), None)
    classes, class_of = _classes(target, columns, samples)
    known = {one.name: one for one in settings.columns}
    shown = [
        _of_file(known.get(name) or ColumnSettings(name=name, role="ignore"), own, class_of, len(classes))
        for name, own in columns.items()
    ]
    return Overview(
        settings,
        tuple(shown),
        samples,
        _parts(prepared, samples),
        class_of,
        classes,
        target.name if target is not None else "",
        prepared,
        trouble,
        whole,
    )


def _prepared(settings: DataSettings) -> tuple[Prepared | None, Trouble | None]:
    try:
        return prepare(settings), None
    except Trouble as trouble:
        return None, trouble


def _parts(prepared: Prepared | None, samples: int) -> np.ndarray:
    """The part of each of N samples, int8."""
    parts = np.full(samples, LEFT_OUT, np.int8)
    if prepared is not None:
        for number, part in enumerate((prepared.train, prepared.validation, prepared.test)):
            parts[part.rows] = number
    return parts


def _classes(
    target: ColumnSettings | None, columns: Mapping[str, Values], samples: int
) -> tuple[tuple[str, ...], np.ndarray]:
    """The names of the target's classes, and the class of each of N samples, -1 for none."""
    if target is None or not isinstance(target.type, CategoryColumn):
        return (), np.full(samples, -1)
    distinct, codes = factorised(columns[target.name])
    places = {name: place for place, name in enumerate(target.type.names)}
    by_code = np.array([places.get(name, -1) for name in distinct] + [-1], np.int64)
    return target.type.names, by_code[codes]


# ---------------------------------------------------------------------- one column


def _of_file(one: ColumnSettings, values: Values, class_of: np.ndarray, classes: int) -> ColumnOverview:
    kind, lost = one.type, missing(values)
    named: dict[str, Any] = {"name": one.name, "settings": one.name, "role": one.role, "values": values}
    named |= {"type": kind, "kind": kind.label(), "missing": lost}
    if values.ndim > 1 or kind.from_files:
        return ColumnOverview(**named)
    if isinstance(kind, NumberColumn) and values.dtype.kind == "f":
        return ColumnOverview(**named, **_spread(values, class_of, classes), unit=kind.unit)
    if isinstance(kind, DateColumn):
        return ColumnOverview(**named, **_spread(_days(values), class_of, classes))
    distinct, codes = factorised(values)
    named["distinct"] = len(distinct)
    if isinstance(kind, CategoryColumn | LabelsColumn):
        return ColumnOverview(**named, bars=_named_bars(distinct, codes, class_of, classes, kind.names))
    return ColumnOverview(**named)


def _of_set(
    column: Column, values: Values, role: str, class_of: np.ndarray, classes: int
) -> list[ColumnOverview]:
    """A column of a set that comes with the program: of a row each feature by itself."""
    named: dict[str, Any] = {"settings": column.name, "role": role}
    if column.classes and not column.shape:
        names = [as_text(name) or "" for name in column.classes]
        bars = _named_bars(names, values.astype(np.int64), class_of, classes, column.classes)
        known: dict[str, Any] = {"kind": "category", "distinct": len(np.unique(values)), "column": column}
        return [ColumnOverview(column.name, values=values, bars=bars, **named, **known)]
    if column.kind != "table" or column.dtype == "int":
        return [ColumnOverview(column.name, values=values, kind=column.kind, column=column, **named)]
    flat = values.reshape(len(values), -1)
    features = column.names or tuple(
        f"{column.name} {number + 1}" if flat.shape[1] > 1 else column.name for number in range(flat.shape[1])
    )
    units = column.units or (column.unit,) * len(features)
    return [
        ColumnOverview(
            name,
            values=flat[:, place],
            kind="number",
            unit=unit,
            column=column,
            **named,
            **_spread(flat[:, place].astype(np.float64), class_of, classes),
        )
        for place, (name, unit) in enumerate(zip(features, units, strict=True))
    ]


def _days(values: Values) -> np.ndarray:
    """Moments in days since 1970, N float64 with NaN where one is missing."""
    if values.dtype != object:
        return values.astype(np.float64)
    known: dict[object, float] = {}
    for one in values:
        if one not in known:
            days = days_of(one)
            known[one] = np.nan if days is None else days
    return np.array([known[one] for one in values], np.float64)


def _spread(numbers: np.ndarray, class_of: np.ndarray, classes: int) -> dict[str, Any]:
    """Range, mean and histogram of N numbers, of which some may be NaN or infinite."""
    finite = np.isfinite(numbers)
    known = numbers[finite]
    if not len(known):
        return {}
    lowest, highest = float(known.min()), float(known.max())
    distinct = len(np.unique(known))
    bins = min(BARS, max(1, distinct)) if (known == known.round()).all() else BARS
    edges = np.linspace(lowest, highest, bins + 1)
    of = np.full(len(numbers), -1, np.int16)
    width = (highest - lowest) or 1.0
    of[finite] = np.clip((known - lowest) / width * bins, 0, bins - 1).astype(np.int16)
    with np.errstate(over="ignore", invalid="ignore"):
        mean, deviation = float(known.mean()), float(known.std(ddof=1)) if len(known) > 1 else 0.0
    return {
        "lowest": lowest,
        "highest": highest,
        "mean": mean,
        "deviation": deviation,
        "distinct": distinct,
        "bars": Bars(_counts(of, bins, class_of, classes), of, tuple(map(float, edges))),
    }


def _named_bars(
    distinct: Sequence[str],
    codes: np.ndarray,
    class_of: np.ndarray,
    classes: int,
    names: Sequence[str] = (),
) -> Bars:
    """A bar for each name, in the order of the column's own `names`; the rare ones of many share the last."""
    known = {name: place for place, name in enumerate(distinct)}
    order = [known[name] for name in names if name in known]
    order += sorted(set(known.values()) - set(order))
    others = len(order) > MOST_NAMES
    if others:
        sizes = np.bincount(codes[codes >= 0], minlength=len(distinct))
        frequent = set(np.argsort(-sizes, kind="stable")[: MOST_NAMES - 1].tolist())
        order = [place for place in order if place in frequent]
    bar_of = np.full(len(distinct) + 1, len(order) if others else -1, np.int64)
    bar_of[order] = np.arange(len(order))
    bar_of[-1] = -1
    of, bars = bar_of[codes], len(order) + others
    shown = tuple(distinct[place] for place in order)
    return Bars(_counts(of, bars, class_of, classes), of, names=shown, others=others)


def _counts(of: np.ndarray, bars: int, class_of: np.ndarray, classes: int) -> np.ndarray:
    """How many samples of each class are in each bar, bars×(classes + 1), the last of no class."""
    inside = of >= 0
    ours = np.where(class_of[inside] < 0, classes, class_of[inside])
    places = of[inside].astype(np.int64) * (classes + 1) + ours
    return np.bincount(places, minlength=bars * (classes + 1)).reshape(bars, classes + 1)
