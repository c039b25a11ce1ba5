"""Samples that are ready to train on: what stands between the data and whatever learns from it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Protocol

import numpy as np
from attrs import frozen

Columns = Mapping[str, np.ndarray]
"""Some samples by column: N× the column's shape, scaled float32 or int64 class numbers. Not to be written
to."""


class Dataset(Protocol):
    """Samples by their numbers, 0 up to its length. Always the same for the same number."""

    @property
    def resident(self) -> bool:
        """Whether all of it stands in memory, so that a device may hold a copy of it as well. Otherwise it is
        read batch by batch.
        """

    @property
    def rows(self) -> np.ndarray:
        """Where in the source each of its N samples stands, int64."""

    def __len__(self) -> int:
        """How many samples there are."""

    def batch(self, rows: slice | np.ndarray) -> Columns:
        """The samples of those numbers, in that order."""


@frozen(eq=False)
class ArrayDataset:
    """A data set in memory: whole arrays. `rows` says where in the source each of its N samples stands."""

    columns: Columns
    rows: np.ndarray
    resident: ClassVar[bool] = True

    def __len__(self) -> int:
        return len(self.rows)

    def batch(self, rows: slice | np.ndarray) -> Columns:
        """The samples of those numbers, in that order. A slice is a view of what is there."""
        return {name: values[rows] for name, values in self.columns.items()}
