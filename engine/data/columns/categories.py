"""Columns of names: one out of a few, or several at once."""

from __future__ import annotations

import numpy as np

from engine.data.columns.column_type import ColumnType, Fitted, Values, as_text, factorised
from engine.data.schema import Column
from engine.kinds import declare, param
from engine.kinds.types import Texts
from engine.message import Trouble

ONE_HOT, NUMBER, EMBEDDING = "one-hot", "one number", "embedding"
NONE = "none of these"
"""What stands for a category that the training part did not have, and for a missing one."""


@declare(
    title="category",
    family="columns",
    hint="one out of a few names",
    search="class label factor enum boolean",
)
class CategoryColumn(ColumnType):
    """One out of a few names: a species, a colour, yes or no.

    As a target its names are the classes. As an input each name is a number of its own, 0 or 1, unless there
    are so many that an Embedding is better.
    """

    names: tuple[str, ...] = param((), type=Texts(), doc="The names there are, in the order of their numbers")
    encoding: str = param(
        ONE_HOT,
        options=(ONE_HOT, EMBEDDING, NUMBER),
        doc="How an input becomes numbers: one 0 or 1 for each name; the number of the name, for an "
        "Embedding; that number itself, where the names have an order",
    )
    missing: str = param(
        "own category",
        options=("own category", "most frequent", "drop"),
        doc="What stands where a name is missing",
    )

    @property
    def joins(self) -> bool:  # type: ignore[override]  # by its encoding
        """Whether it stands in a row with others: all but what an Embedding takes."""
        return self.encoding != EMBEDDING

    def column(self, name: str, target: bool) -> Column:
        """A class, or the numbers of an input."""
        if target:
            return Column(name, (), "int", self.names)
        if self.encoding == ONE_HOT:
            names = tuple(f"{name} {one}" for one in self.names)
            return Column(
                name, (len(names),), names=names, units=("",) * len(names), scales=("none",) * len(names)
            )
        if self.encoding == NUMBER:
            return Column(name, (1,), names=(name,), units=("",), scales=("auto",))
        return Column(name, (), "int", doc=NONE, lo=0, hi=len(self.names))

    def fit(self, values: Values) -> Fitted:
        """The names that the training part has, and the most frequent of them."""
        different, codes = factorised(values)
        counts = dict(zip(different, np.bincount(codes[codes >= 0], minlength=len(different)), strict=True))
        seen = [name for name in self.names if name in counts]
        most = max(seen, key=lambda name: counts[name], default="")
        return {"seen": seen, "most": most}

    def encode(self, values: Values, fitted: Fitted, target: bool) -> np.ndarray:
        """Classes N int64, or the numbers of an input. A name that the training part did not have is none of
        them: zeros, or the number after the last.
        """
        if target:
            return self._classes(values)
        none = len(self.names)
        seen = set(fitted["seen"])
        places = {name: place for place, name in enumerate(self.names) if name in seen}
        fill = places.get(str(fitted["most"]), none) if self.missing == "most frequent" else none
        different, which = factorised(values)
        codes: np.ndarray = np.array([*(places.get(name, none) for name in different), fill], np.int64)[which]
        if self.encoding == ONE_HOT:
            rows: np.ndarray = np.eye(none + 1, none)[codes]
            return rows
        return codes if self.encoding == EMBEDDING else codes.astype(np.float64)[:, None]

    def _classes(self, values: Values) -> np.ndarray:
        places = {name: place for place, name in enumerate(self.names)}
        different, which = factorised(values)
        unknown = sorted(name for name in different if name not in places)
        unknown += ["None"] if (which < 0).any() else []
        if unknown:
            raise Trouble(
                "Expected one of the classes {names}, received {unknown}. Read the data anew, or correct "
                "the file.",
                names=", ".join(self.names[:8]) + (" …" if len(self.names) > 8 else ""),
                unknown=", ".join(unknown[:5]),
            )
        classes: np.ndarray = np.array([places[name] for name in different], np.int64)[which]
        return classes

    def in_words(self, target: bool) -> str:
        if target:
            return f"{len(self.names)} outputs"
        return f"{self.encoding}, {len(self.names)} numbers" if self.encoding == ONE_HOT else self.encoding


@declare(
    title="labels", family="columns", hint="several names at once", search="multi-label tags keywords genres"
)
class LabelsColumn(ColumnType):
    """Any number of names at once: the genres of a film, the things in a picture.

    As a target every name is a question of its own, yes or no: `Linear` to as many outputs, and the loss
    BinaryCrossEntropy.
    """

    joins = True
    names: tuple[str, ...] = param((), type=Texts(), doc="The names there are, in the order of their numbers")
    separator: str = param("|", doc="What stands between two names")
    missing: str = param(
        "none", options=("none", "drop"), doc="What an empty field means: none of them, or unknown"
    )

    def column(self, name: str, target: bool) -> Column:
        """Yes or no for each name."""
        if target:
            return Column(name, (len(self.names),), "int", ("no", "yes"), names=self.names, kind="table")
        names = tuple(f"{name} {one}" for one in self.names)
        return Column(
            name, (len(names),), names=names, units=("",) * len(names), scales=("none",) * len(names)
        )

    def encode(self, values: Values, fitted: Fitted, target: bool) -> np.ndarray:
        """N×names, 0 or 1: int64 as a target, else float64."""
        places = {name: place for place, name in enumerate(self.names)}
        coded = np.zeros((len(values), len(places)), np.int64 if target else np.float64)
        for row, value in enumerate(values):
            for name in self.split(value):
                if name in places:
                    coded[row, places[name]] = 1
        return coded

    def unusable(self, values: Values, target: bool) -> np.ndarray:
        lost = np.array([as_text(value) is None for value in values], bool)
        return lost & (self.missing == "drop")

    def split(self, value: object) -> list[str]:
        """The names in one field."""
        text = as_text(value) or ""
        return [part for one in text.split(self.separator or "|") if (part := one.strip())]


def yes_or_no(name: str, names: tuple[str, ...]) -> Column:
    """A row of zeros and ones, one for each name, that are not scaled."""
    each = tuple(f"{name} {one}" for one in names)
    return Column(name, (len(each),), names=each, units=("",) * len(each), scales=("none",) * len(each))
