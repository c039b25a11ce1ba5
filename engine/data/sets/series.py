"""Series in time that come with the program."""

from __future__ import annotations

import csv

import numpy as np

from engine.data.schema import Column, Raw, Schema
from engine.data.sets import shipped
from engine.data.source import Source
from engine.kinds import declare, param
from engine.message import Message


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
