"""Columns of single numbers, and of points in time."""

from __future__ import annotations

from datetime import date, datetime, time

import numpy as np

from engine.data.columns.column_type import ColumnType, Fitted, Values
from engine.data.schema import Column
from engine.kinds import declare, param
from engine.message import Trouble

SCALES = ("auto", "standardise", "range", "none")
LENGTHS = {"year": 365.2425, "week": 7.0, "day": 1.0}
"""How many days it takes until each part of a date comes round again."""
FILLS = ("mean", "median", "most frequent", "constant", "drop")


@declare(title="number", family="columns", hint="a measurement", search="numeric float integer real count")
class NumberColumn(ColumnType):
    """One number: a measurement, a count, a price.

    For what can be compared and added up; numbers of several input columns stand together in one row.
    """

    joins = True
    missing: str = param(
        "mean",
        options=FILLS,
        doc="What stands where a number is missing, found in the training part alone; drop leaves such "
        "samples out",
    )
    fill: float = param(0.0, doc="The constant that stands where a number is missing", advanced=True)
    scale: str = param(
        "auto", options=SCALES, doc="How it is scaled; auto does as the data does", advanced=True
    )
    unit: str = param("", doc="In what it is measured", advanced=True)

    def column(self, name: str, target: bool) -> Column:
        """One number for each sample."""
        return Column(name, (1,), unit=self.unit, names=(name,), units=(self.unit,), scales=(self.scale,))

    def fit(self, values: Values) -> Fitted:
        """The number that fills gaps: NaN where the training part has none to find it from."""
        numbers = _as_numbers(values)
        known = numbers[np.isfinite(numbers)]
        if self.missing in {"constant", "drop"} or not len(known):
            return {"fill": self.fill}
        if self.missing == "mean":
            return {"fill": float(known.mean())}
        if self.missing == "median":
            return {"fill": float(np.median(known))}
        different, counts = np.unique(known, return_counts=True)
        return {"fill": float(different[counts.argmax()])}

    def encode(self, values: Values, fitted: Fitted, target: bool) -> np.ndarray:
        """N×1, gaps filled. Raises `Trouble` for what is no number."""
        numbers = _as_numbers(values).reshape(len(values), 1)
        return np.where(np.isnan(numbers), float(fitted["fill"]), numbers)

    def in_words(self, target: bool) -> str:
        return self.scale if target else f"fill with {self.missing}, {self.scale}"


@declare(title="date", family="columns", hint="a day or a moment", search="time datetime calendar timestamp")
class DateColumn(ColumnType):
    """A day or a moment, as numbers that a network can use.

    Where the time of year or of the week matters: both stand on a circle, so that December is next to
    January.

    Formula: (sin 2πt, cos 2πt), t the share of the year, week or day that has gone by
    """

    joins = True
    parts: tuple[str, ...] = param(
        ("days", "year"),
        options=("days", "year", "week", "day"),
        several=True,
        doc="What is taken of it: days since 1970, and where in the year, the week and the day it lies",
    )
    missing: str = param("mean", options=("mean", "drop"), doc="What stands where a date is missing")

    def column(self, name: str, target: bool) -> Column:
        """One number for the days, two for each circle."""
        names: list[str] = []
        for part in self.parts:
            names += [f"{name} days"] if part == "days" else [f"{name} {part} sin", f"{name} {part} cos"]
        scales = tuple("auto" if one.endswith("days") else "none" for one in names)
        return Column(name, (len(names),), names=tuple(names), units=("",) * len(names), scales=scales)

    def fit(self, values: Values) -> Fitted:
        """The mean moment, in days since 1970."""
        known = [days for value in values if (days := days_of(value)) is not None]
        return {"fill": float(np.mean(known)) if known else 0.0}

    def encode(self, values: Values, fitted: Fitted, target: bool) -> np.ndarray:
        """N× the numbers of its parts."""
        moments = (days_of(value) for value in values)
        days = np.array([float(fitted["fill"]) if one is None else one for one in moments], np.float64)
        columns = []
        for part in self.parts:
            if part == "days":
                columns.append(days)
            else:
                turns = days / LENGTHS[part] + (3 / 7 if part == "week" else 0)  # 1970 began on a Thursday
                columns += [np.sin(2 * np.pi * turns), np.cos(2 * np.pi * turns)]
        return np.stack(columns, 1) if columns else np.zeros((len(days), 0))

    def in_words(self, target: bool) -> str:
        return ", ".join("days" if part == "days" else f"place in the {part}" for part in self.parts)

    def unusable(self, values: Values, target: bool) -> np.ndarray:
        if not (target or self.drops_missing):
            return np.zeros(len(values), bool)
        return np.array([days_of(value) is None for value in values], bool)


EPOCH = datetime(1970, 1, 1)


def days_of(value: object) -> float | None:
    """A moment in days since 1970: of a date, of a text in ISO's form, of a number of days. None where it is
    missing or no moment.
    """
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value.strip().replace("/", "-"))
        except ValueError:
            return None
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime.combine(value, time())
    if isinstance(value, datetime):
        return (value.replace(tzinfo=None) - EPOCH).total_seconds() / 86400
    if isinstance(value, int | float | np.number) and np.isfinite(float(value)):
        return float(value)
    return None


def _as_numbers(values: Values) -> np.ndarray:
    """N values as float64, NaN where one is missing. Raises `Trouble` for what is no number."""
    try:
        return np.array(values, np.float64)
    except (TypeError, ValueError):
        raise Trouble(
            "Expected numbers, received {value}. Choose another type for this column, or correct the file.",
            value=repr(next((one for one in values if not (one is None or _number(one))), None)),
        ) from None


def _number(value: object) -> bool:
    try:
        float(value)  # type: ignore[arg-type]  # asked of anything
    except (TypeError, ValueError):
        return False
    return True
