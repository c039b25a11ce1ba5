"""Arrays that stay in their file: only what is wanted of them is ever read, in whatever process that is."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from attrs import evolve, frozen

from engine.data.fingerprint import Stamp, stamps
from engine.message import Trouble


@frozen(eq=False)
class MappedArray:
    """The rows (int64, or all) of an array in an NPY file, its axes put in another order and lone ones added:
    `order` names for each axis the one of the file, -1 for one of length 1.

    It is taken apart by rows as an array is, and becomes one where NumPy takes it for that.
    """

    path: str
    stamp: Stamp
    order: tuple[int, ...]
    rows: np.ndarray

    @classmethod
    def of(cls, path: Path, order: tuple[int, ...]) -> MappedArray:
        """All of a file. Raises `Trouble`."""
        (stamp,) = stamps([path])
        return cls(str(path), stamp, order, np.arange(len(_opened(str(path), stamp))))

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def dtype(self) -> np.dtype:
        """The type of its numbers."""
        return _opened(self.path, self.stamp).dtype

    @property
    def shape(self) -> tuple[int, ...]:
        """Its sizes, the number of rows first."""
        there = _opened(self.path, self.stamp).shape
        return (len(self.rows), *(1 if axis < 0 else there[axis] for axis in self.order[1:]))

    @property
    def ndim(self) -> int:
        """How many axes it has."""
        return len(self.order)

    def __getitem__(self, rows: Any) -> Any:
        """Those rows, mapped as well; one row is read."""
        if isinstance(rows, int | np.integer):
            return np.asarray(evolve(self, rows=self.rows[[int(rows)]]))[0]
        return evolve(self, rows=self.rows[rows])

    def __array__(self, dtype: np.dtype | None = None, copy: bool | None = None) -> np.ndarray:
        """What stands there, read now. Raises `Trouble` where the file has changed."""
        if stamps([Path(self.path)]) != (self.stamp,):
            raise changed(self.path)
        found = _opened(self.path, self.stamp)[self.rows]
        found = np.transpose(found, [axis for axis in self.order if axis >= 0])
        found = np.expand_dims(found, tuple(place for place, axis in enumerate(self.order) if axis < 0))
        return np.ascontiguousarray(found, dtype)


@lru_cache(maxsize=8)
def _opened(path: str, stamp: Stamp) -> np.ndarray:
    from engine.data.reading.numpy_arrays import read_npy

    (values,) = read_npy(Path(path)).values()
    return values


def changed(path: str) -> Trouble:
    """A file that is not what it was when the training began."""
    return Trouble(
        "{path} has changed since it was opened: expected the file that was split and scaled. Read the data "
        "anew, or put the former file back.",
        path=path,
    )
