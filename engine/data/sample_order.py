"""Which samples a person looks at, and in which order: those of one part, of one bar, with certain words."""

from __future__ import annotations

import numpy as np
from attrs import frozen

from engine.data.columns.column_type import factorised
from engine.data.overview import ColumnOverview, Overview


@frozen(eq=False)
class Wanted:
    """What is to be seen: the samples of a `part` (None for all), of a bar of a column, of certain `rows`,
    those with a text in them; sorted by a column, or shuffled.
    """

    part: int | None = None
    bar: tuple[str, int] | None = None
    rows: np.ndarray | None = None
    text: str = ""
    sort: str = ""
    falling: bool = False
    shuffled: bool = False


def samples_wanted(view: Overview, wanted: Wanted) -> np.ndarray:
    """The numbers of the samples that are wanted, int64, in the order in which they are."""
    kept = np.ones(view.samples, bool)
    if wanted.rows is not None:
        kept[:] = False
        kept[wanted.rows] = True
    if wanted.part is not None:
        kept &= view.parts == wanted.part
    if wanted.bar is not None:
        bars = view[wanted.bar[0]].bars
        if bars is not None:
            kept &= bars.of == wanted.bar[1]
    if wanted.text.strip():
        kept &= _with_text(view, wanted.text.strip())
    rows = np.flatnonzero(kept)
    if wanted.shuffled:
        return np.random.default_rng(0).permutation(rows)
    return rows[sorting(view[wanted.sort], rows, wanted.falling)] if wanted.sort else rows


def sorting(one: ColumnOverview, rows: np.ndarray, falling: bool = False) -> np.ndarray:
    """The places of these rows, int64, by the values of a column; what is missing comes last either way."""
    values = one.values[rows]
    if values.ndim > 1:
        return np.arange(len(rows))
    if values.dtype == object:
        names, codes = factorised(values)
        ranks = np.empty(len(names) + 1, np.float64)
        ranks[np.argsort(np.array(names, object), kind="stable")] = np.arange(len(names))
        ranks[-1] = np.nan
        values = ranks[codes]
    keys = values.astype(np.float64)
    return np.argsort(-keys if falling else keys, kind="stable")


def _with_text(view: Overview, text: str) -> np.ndarray:
    """Which samples have a text in them, in any case; a number has to be that very number."""
    found, wanted = np.zeros(view.samples, bool), text.casefold()
    try:
        number = float(text)
    except ValueError:
        number = None
    for one in view.columns:
        if one.column is not None and one.column.classes and one.values.ndim == 1:
            names = np.array([wanted in name.casefold() for name in one.column.classes], bool)
            found |= names[one.values.astype(np.int64)]
        elif one.values.dtype == object and one.values.ndim == 1:
            names_of, codes = factorised(one.values)
            hits = np.array([wanted in name.casefold() for name in names_of] + [False], bool)
            found |= hits[codes]
        elif one.values.ndim == 1 and number is not None:
            found |= one.values == number
    return found
