"""How the type of a column is declared: what such a column holds, and what a network gets of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
from attrs import frozen

from engine.data.reading.skipped import Skipped
from engine.data.schema import Column
from engine.data.transforms.transform import Transform, brought
from engine.kinds.declaring import Kind, from_json, role, to_json
from engine.message import Illegal, Trouble

if TYPE_CHECKING:
    from engine.data.reading.listing import Progress

Role = Literal["input", "target", "weight", "group", "time", "ignore"]
ROLES: tuple[Role, ...] = ("input", "target", "weight", "group", "time", "ignore")
"""What a column is for: what the network sees, what it shall say, how much a sample counts, what must stay
together in one part, by what a series is ordered; or nothing."""

AT_ONCE = 1024
"""Samples of an array that are looked at together."""

Values = np.ndarray
"""A column as its source gives it, N long: float64 with NaN where a number is missing; objects, which are
texts, the paths of files or parts of files, and None where one is missing; or an array N×… of numbers."""

Fitted = Mapping[str, Any]
"""What a column's training part taught its type, as plain JSON: means, categories, a vocabulary."""


class UnreadableFiles(Trouble):
    """Some of the files of samples cannot be read; they could be left out."""


@role
class ColumnType(Kind):
    """What a column of the data holds, and how it becomes numbers."""

    title: ClassVar[str] = ""
    joins: ClassVar[bool] = False
    """Whether it is a few numbers that stand in a row with those of other columns."""
    from_files: ClassVar[bool] = False
    """Whether its values are files, read when a sample is wanted."""

    @classmethod
    def label(cls) -> str:
        """The name a person reads."""
        return cls.title or cls.__name__.lower()

    def column(self, name: str, target: bool) -> Column:
        """What a network gets of it, as an input or as a target."""
        raise NotImplementedError(type(self).__name__)  # every type says it

    def named(self, column: Column, fitted: Fitted) -> Column:
        """What a network gets of it, with what is known once it has learnt from the training part."""
        return column

    def fit(self, values: Values) -> Fitted:
        """What there is to learn from the training part alone, N values of which some may be missing."""
        return {}

    def encode(self, values: Values, fitted: Fitted, target: bool) -> np.ndarray:
        """N values as numbers in their own units, N× the shape of `column`: float64, float32 or int64.
        Raises `Trouble` where one cannot be.
        """
        raise NotImplementedError(type(self).__name__)  # every type makes its own

    def read(self, values: Values, progress: Progress | None = None) -> FilesRead:
        """What stands in the files that N values name; those that cannot be read are left out, and said."""
        raise NotImplementedError(type(self).__name__)  # every type of files reads its own

    def read_whole(self, values: Values) -> Values:
        """The same where every file can be read; values that are read already stay as they are. Raises
        `Trouble` with the first that cannot be.
        """
        if values.dtype != object:
            return values
        found = self.read(values)
        found.require_whole()
        return found.values

    def unusable(self, values: Values, target: bool) -> np.ndarray:
        """Which of N values leave nothing to learn from, so that their samples are left out: N booleans."""
        return missing(values) if target or self.drops_missing else np.zeros(len(values), bool)

    @property
    def drops_missing(self) -> bool:
        """Whether a sample is left out where this input is missing."""
        return bool(getattr(self, "missing", "drop") == "drop")

    def in_words(self, target: bool) -> str:
        """What the network gets, in a few words: "one-hot, 3 numbers"."""
        return str(self.column("x", target).shaped)


@frozen(eq=False)
class FilesRead:
    """What stood in files: an array M×…, which of the N values each is (int64), and what was left out."""

    values: np.ndarray
    rows: np.ndarray
    skipped: tuple[Skipped, ...] = ()

    def require_whole(self) -> None:
        """Raise `Trouble` where something was left out."""
        if not self.skipped:
            return
        count, first = sum(one.count for one in self.skipped), self.skipped[0]
        raise UnreadableFiles(
            "{count} file{count:|s} cannot be read; the first is {place}: {reason} Take {count:it|them} out "
            "of the data, or let what is unreadable be skipped.",
            count=count,
            place=first.place,
            reason=first.reason,
        )


@frozen(eq=False)
class Encoder:
    """A column's type together with what its training part taught it: the one way from a value as it stands
    in a file to numbers, in training, in what is tried and in what is exported.
    """

    name: str
    type: ColumnType
    target: bool
    fitted: Fitted
    steps: tuple[Transform, ...] = ()
    """What every sample goes through once it is numbers."""

    def __call__(self, values: Values) -> np.ndarray:
        """N values as numbers in their own units, N× the column's shape. Raises `Trouble`."""
        encoded = self.type.encode(values, self.fitted, self.target)
        return (
            brought(encoded, self.type.column(self.name, self.target), self.steps) if self.steps else encoded
        )

    def json(self) -> dict[str, Any]:
        """The encoder as plain JSON, to stay with a run and stand beside an exported model."""
        return {
            "name": self.name,
            "type": to_json(self.type),
            "target": self.target,
            "fitted": dict(self.fitted),
            **({"steps": [to_json(step) for step in self.steps]} if self.steps else {}),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Encoder:
        """The encoder that `json` wrote. Raises `Illegal`."""
        try:
            return cls(
                str(data["name"]),
                from_json(data["type"], ColumnType),
                bool(data["target"]),
                dict(data["fitted"]),
                tuple(from_json(step, Transform) for step in data.get("steps", ())),
            )
        except (KeyError, TypeError, ValueError):
            raise Illegal(
                "expected a column's type and what it learnt, received {data}", data=str(data)[:60]
            ) from None


def missing(values: Values) -> np.ndarray:
    """Which of N values are missing: N booleans."""
    if values.dtype == object:
        return np.array([value is None for value in values], bool)
    if values.dtype.kind != "f":
        return np.zeros(len(values), bool)
    lost: np.ndarray = np.isnan(values) if values.ndim == 1 else np.zeros(len(values), bool)
    if values.ndim == 1:
        return lost
    for start in range(0, len(values), AT_ONCE):  # an array may be larger than the memory
        some = np.asarray(values[start : start + AT_ONCE])
        lost[start : start + AT_ONCE] = np.isnan(some).reshape(len(some), -1).any(1)
    return lost


def as_text(value: Any) -> str | None:
    """A value as a category is named: a whole number without its decimals, None where it is missing."""
    if value is None or isinstance(value, str):
        return value
    number = float(value)
    if number != number:
        return None
    return str(int(number)) if number.is_integer() else repr(number)


def factorised(values: Values) -> tuple[list[str], np.ndarray]:
    """The different values of a column as they are named, and of which of them each of N samples is, int64;
    -1 where it is missing.
    """
    if values.dtype != object:
        found, codes = np.unique(values, return_inverse=True)
        names = [as_text(value) for value in found.tolist()]
    else:
        quick = _factorised_texts(values)
        if quick is not None:
            return quick
        places: dict[object, int] = {}
        codes = np.fromiter((places.setdefault(one, len(places)) for one in values), np.int64, len(values))
        names = [one if one is None or isinstance(one, str) else _worded(one) for one in places]
    kept = [name for name in names if name is not None]
    number = dict(zip(kept, range(len(kept)), strict=True))
    by_code = np.array([-1 if name is None else number[name] for name in names] or [-1], np.int64)
    return kept, by_code[codes]


def _factorised_texts(values: Values) -> tuple[list[str], np.ndarray] | None:
    """The same of texts alone, ten times as fast; None where some values are no texts."""
    import polars as pl

    if len(values) < MANY_VALUES:
        return None  # not worth an import
    try:
        texts = pl.Series(values.tolist(), dtype=pl.String, strict=True)
    except (TypeError, pl.exceptions.PolarsError):
        return None
    different = texts.drop_nulls().unique(maintain_order=True)
    codes = texts.cast(pl.Enum(different)).to_physical().cast(pl.Int64).fill_null(-1)
    return different.to_list(), codes.to_numpy()


MANY_VALUES = 20_000
"""Values from which on the quick way to count them is worth what it needs."""


def _worded(value: object) -> str | None:
    """A value of a table as it is named: a number as a category is, a date in ISO's form."""
    return as_text(value) if isinstance(value, int | float | np.number) else str(value)
