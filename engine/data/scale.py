"""Scaling: the numbers a network sees are `(value - offset) / size`, and back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any, Literal

import numpy as np
from attrs import field, frozen

from engine.message import Illegal

PIECE = 500_000  # values that are in double precision at once
Method = Literal["none", "range", "standardise"]
METHODS: tuple[Method, ...] = ("none", "range", "standardise")


def _nested(value: Any) -> Any:
    """A number, or tuples of numbers, so that scalers compare by value."""
    if isinstance(value, np.ndarray):
        value = value.tolist()
    return tuple(map(_nested, value)) if isinstance(value, list | tuple) else float(value)


@frozen(slots=False)
class Scaler:
    """Scales one column. `offset` and `size` have a shape that broadcasts over a batch of it.

    One value each for every feature of a row, every channel of a picture, every quantity of a series.
    """

    method: Method = "none"
    offset: Any = field(default=0.0, converter=_nested)
    size: Any = field(default=1.0, converter=_nested)

    @cached_property
    def _numbers(self) -> tuple[np.ndarray, np.ndarray]:
        return np.asarray(self.offset, np.float64), np.asarray(self.size, np.float64)

    def forward(self, values: np.ndarray, rows: np.ndarray | None = None) -> np.ndarray:
        """From N×… in the column's own units to what the network sees, float32 of the same shape: all of
        them, or those of these rows.
        """
        offset, size = self._numbers
        count = len(values) if rows is None else len(rows)
        scaled = np.empty((count, *values.shape[1:]), np.float32)
        for piece in pieces(values, count):  # in double precision, which would be a large copy of a large set
            some = values[piece] if rows is None else values[rows[piece]]
            scaled[piece] = (np.asarray(some, np.float64) - offset) / size
        return scaled

    def backward(self, values: np.ndarray) -> np.ndarray:
        """From N×… as the network sees it back to the column's own units, float32 of the same shape."""
        offset, size = self._numbers
        own: np.ndarray = np.asarray(values, np.float64) * size + offset
        return own.astype(np.float32)

    def of(self, feature: int) -> Scaler:
        """How one feature of a row is scaled by it."""
        offset, size = (np.atleast_1d(one)[feature : feature + 1] for one in self._numbers)
        return self if self._numbers[0].size == 1 else Scaler(self.method, offset, size)

    def json(self) -> dict[str, Any]:
        """The scaler as plain JSON, for a file that stands beside an exported model."""
        return {"method": self.method, "offset": _listed(self.offset), "size": _listed(self.size)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Scaler:
        """The scaler that `json` wrote. Raises `Illegal` where something is missing or not a number."""
        try:
            method = data["method"]
            if method not in METHODS:
                raise ValueError(method)
            scaler = cls(method, data["offset"], data["size"])
            offset, size = scaler._numbers
            if not (np.isfinite(offset).all() and np.isfinite(size).all() and size.all()):
                raise ValueError
            np.broadcast_shapes(offset.shape, size.shape)
        except (KeyError, TypeError, ValueError):
            raise Illegal(
                "expected a method ({methods}), an offset and a size other than 0, received {data}",
                methods=", ".join(METHODS),
                data=str(data)[:60],
            ) from None
        return scaler


def pieces(values: np.ndarray, count: int) -> Iterator[slice]:
    """So many rows of values N×…, in pieces of a few megabytes."""
    step = max(1, PIECE // max(1, values[:1].size))
    return (slice(start, min(start + step, count)) for start in range(0, count, step))


def fit_standard(values: np.ndarray) -> Scaler:
    """Mean 0 and standard deviation 1 over N samples N×…, in own units. A constant feature becomes 0."""
    values = np.asarray(values, np.float64)
    axes = _axes(values)
    mean = values.mean(axis=axes, keepdims=True)
    return Scaler("standardise", _sample(mean), _sample(_nonzero(values.std(axis=axes, keepdims=True), mean)))


def fit_range(values: np.ndarray, lo: float | None = None, hi: float | None = None) -> Scaler:
    """From 0 to 1 for values N×… in own units: between the natural limits where both are known, else between
    each feature's extremes.
    """
    if lo is not None and hi is not None:
        return Scaler("range", lo, hi - lo)
    values = np.asarray(values, np.float64)
    axes = _axes(values)
    least, most = values.min(axis=axes, keepdims=True), values.max(axis=axes, keepdims=True)
    return Scaler("range", _sample(least), _sample(_nonzero(most - least, most)))


def fit_in_pieces(method: Method, parts: Iterable[np.ndarray]) -> Scaler:
    """The same as `fit_standard` and `fit_range` of values that are never all in memory: parts M×… of them,
    whose means and spreads are put together.
    """
    count, mean, spread = 0, np.zeros(()), np.zeros(())
    least, most = np.array(np.inf), np.array(-np.inf)
    for part in parts:
        values = np.asarray(part, np.float64)
        axes = _axes(values)
        if method == "range":
            least = np.minimum(least, values.min(axis=axes, keepdims=True))
            most = np.maximum(most, values.max(axis=axes, keepdims=True))
            continue
        own = values.mean(axis=axes, keepdims=True)
        size = values.size // own.size
        away = own - mean
        whole = count + size
        spread = spread + size * values.var(axis=axes, keepdims=True) + away**2 * (count * size / whole)
        mean, count = mean + away * (size / whole), whole
    if method == "range":
        return Scaler("range", _sample(least), _sample(_nonzero(most - least, most)))
    deviation = np.sqrt(spread / count)
    return Scaler("standardise", _sample(mean), _sample(_nonzero(deviation, mean)))


def _axes(values: np.ndarray) -> tuple[int, ...]:
    """The axes of values N×… that share one offset: all but channels (of pictures) or the last one (of rows
    and series).
    """
    own_axis = 1 if values.ndim >= 4 else values.ndim - 1
    return tuple(axis for axis in range(values.ndim) if axis != own_axis or own_axis == 0)


def _sample(statistic: np.ndarray) -> np.ndarray:
    """The statistic without the batch axis, and for rows and series without the axis of time."""
    return statistic[0] if statistic.ndim >= 4 else statistic.reshape(statistic.shape[-1:])


def _nonzero(size: np.ndarray, level: np.ndarray) -> np.ndarray:
    """A spread that is no more than rounding would be divided by, so it is taken as 1."""
    return np.where(size <= 10 * np.finfo(np.float64).eps * np.abs(level), 1.0, size)


def _listed(value: Any) -> Any:
    return [_listed(one) for one in value] if isinstance(value, tuple) else value
