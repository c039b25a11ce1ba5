"""Series in time that come with the program."""

from __future__ import annotations

import csv
from datetime import date, datetime, timedelta

import numpy as np

from engine.data.schema import Column, Raw, Schema
from engine.data.sets import shipped
from engine.data.source import Source
from engine.kinds import declare, param
from engine.message import Message

LAST_VALUE, LINE, LEFT_OUT = "last value", "line", "left out"


@declare(
    title="Sunspots",
    family="series",
    hint="309 years of sunspot numbers, 1700 to 2008",
    search="time series forecast regression sun",
)
class Sunspots(Source):
    """The mean number of sunspots in each year since 1700. How many will there be next?

    For forecasts: whether a network that remembers beats the guess that next year is like this one.

    A sample is a window of consecutive years and the value `horizon` years after the last of them. Parts
    follow each other in time by the year of the target: no target of a later part, and no later year, is ever
    seen in an earlier one. A later window does reach back into earlier years, as any forecast does.

    Source: Royal Observatory of Belgium (SIDC) and NOAA, as in statsmodels.

    Licence: public domain.
    """

    window: int = param(24, lo=2, hi=120, doc="How many years the network sees", unit="years")
    horizon: int = param(
        1, lo=1, hi=30, doc="How far ahead of the last year seen the target lies", unit="years"
    )

    FIRST, LAST = 1700, 2008

    def schema(self) -> Schema:
        """A window of years and a number."""
        columns = (
            Column("window", (self.window, 1), unit="sunspots", doc="yearly means, oldest first", lo=0),
            Column("next", (1,), unit="sunspots", doc="the yearly mean to foretell", lo=0),
        )
        return Schema(
            {column.name: column for column in columns},
            ("window",),
            "next",
            samples=self.LAST - self.FIRST + 1 - self.window - self.horizon + 1,
            series=True,
            gap=self.horizon - 1,
        )

    def year(self, row: int) -> int:
        """The year of a sample's target."""
        return self.FIRST + row + self.window + self.horizon - 1

    def load(self) -> Raw:
        """Every window whose target is known, oldest first."""
        values = self._values()
        ahead = self.window + self.horizon - 1
        windows = np.lib.stride_tricks.sliding_window_view(values, self.window)[: len(values) - ahead]
        return Raw({"window": windows[..., None], "next": values[ahead:, None]})

    def _values(self) -> np.ndarray:
        """The mean number of each year, oldest first, a vector."""
        path = shipped.FOLDER / "sunspots.csv"
        shipped.present(path)
        expected = Message(
            "a header and a line for each year from {first} to {last}", first=self.FIRST, last=self.LAST
        )
        try:
            with path.open(newline="", encoding="utf-8") as file:
                rows = list(csv.reader(file))[1:]
            years = [int(year) for year, _ in rows]
            values = np.array([float(value) for _, value in rows])
        except (OSError, ValueError, csv.Error) as error:
            raise shipped.broken(path, expected, shipped.reason(error)) from None
        if years != list(range(self.FIRST, self.LAST + 1)):
            raise shipped.broken(
                path, expected, Message("{count} years that are not these", count=len(years))
            )
        return values


@declare(
    title="Weekly CO₂",
    family="series",
    hint="2,284 weeks of carbon dioxide in the air, 1958 to 2001",
    search="time series forecast regression climate carbon dioxide co2 keeling mauna loa season trend",
)
class CarbonDioxide(Source):
    """Carbon dioxide in the air above Mauna Loa, week by week from 1958 to 2001. How much will there be next?

    For a trend with seasons: every later value lies above all that the network has learnt from, so a network
    that foretells the change beats one that foretells the value.

    A sample is a window of consecutive weeks and the value `horizon` weeks after the last of them. Parts
    follow each other in time, as for Sunspots. 59 weeks were not measured, at most 18 in a row. No such week
    is ever a target; in a window it is filled in as `gaps` says, and never by a value that comes after that
    window.

    Source: C. D. Keeling and T. P. Whorf, Scripps Institution of Oceanography, as in statsmodels.

    Licence: public domain.
    """

    window: int = param(52, lo=2, hi=260, doc="How many weeks the network sees", unit="weeks")
    horizon: int = param(
        1, lo=1, hi=104, doc="How far ahead of the last week seen the target lies", unit="weeks"
    )
    gaps: str = param(
        LAST_VALUE,
        options=(LAST_VALUE, LINE, LEFT_OUT),
        doc="What stands in a window for a week that was not measured: the value before it; the line between "
        "the measured weeks of that window; or nothing, as windows with such weeks are left out",
    )

    WEEKS = 2284
    FIRST = date(1958, 3, 29)
    MISSING = (
        *((6, 1), (9, 5), (21, 1), (24, 8), (45, 1), (50, 1), (61, 1), (72, 1), (230, 3), (248, 1), (255, 1)),
        *((266, 1), (295, 1), (304, 18), (324, 2), (332, 1), (433, 3), (449, 1), (460, 2), (952, 1)),
        *((1357, 4), (1427, 1)),
    )
    """Where weeks were not measured, and how many in a row."""

    def schema(self) -> Schema:
        """A window of weeks and a number."""
        columns = (
            Column("window", (self.window, 1), unit="ppm", doc="weekly means, oldest first", lo=0),
            Column("next", (1,), unit="ppm", doc="the weekly mean to foretell", lo=0),
        )
        return Schema(
            {column.name: column for column in columns},
            ("window",),
            "next",
            samples=len(self._targets()),
            series=True,
            gap=self.horizon - 1,
        )

    def week(self, row: int) -> date:
        """The last day of the week of a sample's target."""
        return self.FIRST + timedelta(weeks=int(self._targets()[row]))

    def load(self) -> Raw:
        """Every window whose target was measured, oldest first."""
        values = self._values()
        targets = self._targets()
        starts = targets - self.horizon - self.window + 1
        seen = _last_values(values) if self.gaps == LAST_VALUE else values
        windows = np.lib.stride_tricks.sliding_window_view(seen, self.window)[starts]
        if self.gaps == LINE:
            windows = np.stack([_along_lines(window) for window in windows])
        return Raw({"window": windows[..., None], "next": values[targets, None]})

    def _targets(self) -> np.ndarray:
        """The week of each sample's target, counted from the first, a vector."""
        measured = np.ones(self.WEEKS, bool)
        for start, count in self.MISSING:
            measured[start : start + count] = False
        seen = np.lib.stride_tricks.sliding_window_view(measured, self.window)
        usable = {LAST_VALUE: np.ones(len(seen), bool), LINE: seen.any(1), LEFT_OUT: seen.all(1)}[self.gaps]
        targets = np.flatnonzero(usable) + self.window - 1 + self.horizon
        targets = targets[targets < self.WEEKS]
        return targets[measured[targets]]

    def _values(self) -> np.ndarray:
        """The value of each week, oldest first, NaN where it was not measured, a vector."""
        path = shipped.FOLDER / "co2.csv"
        shipped.present(path)
        expected = Message(
            "a header and a line for each of {count} weeks from {first}, {missing} of them without a value",
            count=f"{self.WEEKS:,}",
            first=self.FIRST.isoformat(),
            missing=sum(count for _, count in self.MISSING),
        )
        try:
            with path.open(newline="", encoding="utf-8") as file:
                rows = list(csv.reader(file))[1:]
            weeks = [datetime.strptime(day, "%Y%m%d").date() for day, _ in rows]
            values = np.array([float(value) if value else np.nan for _, value in rows])
        except (OSError, ValueError, csv.Error) as error:
            raise shipped.broken(path, expected, shipped.reason(error)) from None
        missing = {start + i for start, count in self.MISSING for i in range(count)}
        if weeks != [self.FIRST + timedelta(weeks=i) for i in range(self.WEEKS)]:
            raise shipped.broken(
                path, expected, Message("{count} weeks that are not these", count=len(weeks))
            )
        if set(np.flatnonzero(np.isnan(values)).tolist()) != missing:
            raise shipped.broken(path, expected, Message("other weeks without a value"))
        return values


def _last_values(values: np.ndarray) -> np.ndarray:
    """A vector with the last number before it in place of each NaN; the first is a number."""
    known = np.where(np.isnan(values), 0, np.arange(len(values)))
    filled: np.ndarray = values[np.maximum.accumulate(known)]
    return filled


def _along_lines(values: np.ndarray) -> np.ndarray:
    """A vector with each NaN on the line between its neighbours, beyond the ends as they are."""
    known = np.flatnonzero(~np.isnan(values))
    filled: np.ndarray = np.interp(np.arange(len(values)), known, values[known])
    return filled
