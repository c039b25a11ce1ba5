"""What is counted of a column while its rows come, batch by batch and within bounded memory."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.data.reading.histograms import RunningHistogram

if TYPE_CHECKING:
    import polars as pl

MOST_DISTINCT = 10_000
"""Different values of a column that are told apart; of more it is only known that there are more."""
EXAMPLES = 5
_NEARLY_ALL = 0.8
_LONGEST_VALUE = 200  # characters of a value that is kept: one may be a whole book


class ColumnTally:
    """What is known of a column so far.

    `odd` are the first values that are no numbers in a column that otherwise has numbers, each with its line.
    """

    def __init__(self, name: str, missing: int = 0) -> None:
        self.name = name
        self.rows, self.missing = missing, missing
        self.types: set[str] = set()
        self.counts: Counter[Any] = Counter()
        self.overflowed = False
        self.all_different = True
        self.examples: list[str] = []
        self.numbers = self.infinite = 0
        self.mean = self.squares = 0.0
        self.lowest: Any = None
        self.highest: Any = None
        self.whole = True
        self.histogram = RunningHistogram()
        self.odd: list[tuple[int, str]] = []
        self.odd_count = 0
        self.first_words: pl.Series | None = None

    def add(self, column: pl.Series, line_of: Callable[[int], int]) -> None:
        """Some further rows of the column."""
        import polars as pl

        self.rows += column.len()
        missing = column.null_count()
        self.missing += missing
        known = column.drop_nulls() if missing else column
        if not known.len():
            return
        self.types.add("date" if column.dtype.is_temporal() else str(column.dtype))
        self._take_examples(known)
        self._count_values(known)
        if known.dtype.is_numeric():
            self._add_numbers(known)
        elif known.dtype == pl.String:
            self._add_words(column, known, line_of)
        elif known.dtype.is_temporal():
            self._widen(known.min(), known.max())

    @property
    def known(self) -> int:
        """How many values are not missing."""
        return self.rows - self.missing

    @property
    def numeric(self) -> bool:
        """Whether all values are numbers."""
        return bool(self.types) and self.types <= {"Int64", "Float64"}

    @property
    def mixed(self) -> bool:
        """Whether nearly all values are numbers, but not all."""
        return bool(self.odd_count) and self.numbers + self.infinite > _NEARLY_ALL * self.known

    @property
    def deviation(self) -> float | None:
        """The standard deviation of the numbers, as of a sample."""
        if self.numbers < 2 or not math.isfinite(self.squares):
            return None
        return math.sqrt(max(self.squares, 0.0) / (self.numbers - 1))

    def _take_examples(self, known: pl.Series) -> None:
        if len(self.examples) < EXAMPLES:
            for value in known.head(4 * EXAMPLES).to_list():
                word = str(value)[:_LONGEST_VALUE]
                if word not in self.examples and len(self.examples) < EXAMPLES:
                    self.examples.append(word)

    def _count_values(self, known: pl.Series) -> None:
        import polars as pl

        if self.overflowed:
            return
        if known.dtype == pl.String and (known.str.len_bytes() > 4 * _LONGEST_VALUE).any():
            self.overflowed = True  # whole texts are no classes, and would fill the memory
            return
        found = known.rename("value").value_counts()
        self.all_different &= found.height == known.len()
        if found.height > MOST_DISTINCT:
            self.overflowed = True
            return
        for value, count in found.iter_rows():
            self.counts[value] += count
        self.all_different &= len(self.counts) == self.known
        self.overflowed = len(self.counts) > MOST_DISTINCT

    def _add_numbers(self, known: pl.Series) -> None:
        values = known.to_numpy()
        lowest, highest = float(values.min()), float(values.max())
        if not (math.isfinite(lowest) and math.isfinite(highest)):
            finite = np.isfinite(values)
            self.infinite += int(values.size - finite.sum())
            values = values[finite]
            if not values.size:
                return
            lowest, highest = float(values.min()), float(values.max())
        self._widen(lowest, highest)
        if self.whole and values.dtype.kind == "f":
            self.whole = bool((values == np.floor(values)).all())
        with np.errstate(all="ignore"):
            n, mean = values.size, float(values.mean(dtype=np.float64))
            squares = float(np.square(values - mean).sum())
            total, apart = self.numbers + n, mean - self.mean
            self.squares += squares + apart * apart * self.numbers * n / total
            self.mean += apart * n / total
        self.numbers = total
        self.histogram.add(values, lowest, highest)

    def _add_words(self, column: pl.Series, known: pl.Series, line_of: Callable[[int], int]) -> None:
        import polars as pl

        if self.first_words is None:
            self.first_words = known.head(10_000)
        likely = self.numbers or _share_of_numbers(known.head(200)) > 0.5
        if not likely:
            return
        values = column.str.strip_chars().cast(pl.Float64, strict=False)
        numbers = values.drop_nulls()
        odd = (values.is_null() & column.is_not_null()).arg_true()
        self.odd_count += odd.len()
        for place in odd.head(EXAMPLES - len(self.odd)).to_list():
            self.odd.append((line_of(place), column[place][:_LONGEST_VALUE]))
        if numbers.len():
            self._add_numbers(numbers)

    def _widen(self, lowest: Any, highest: Any) -> None:
        if isinstance(lowest, date) != isinstance(self.lowest, date):
            self.lowest = self.highest = None
        self.lowest = lowest if self.lowest is None else min(self.lowest, lowest)
        self.highest = highest if self.highest is None else max(self.highest, highest)


def _share_of_numbers(words: pl.Series) -> float:
    import polars as pl

    return 1 - words.str.strip_chars().cast(pl.Float64, strict=False).null_count() / max(words.len(), 1)
