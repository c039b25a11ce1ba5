"""Samples that are ready to train on: what stands between the data and whatever learns from it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import ClassVar, Protocol

import numpy as np
from attrs import frozen

Columns = Mapping[str, np.ndarray]
"""Some samples by column: N× the column's shape, scaled float32 or int64 class numbers. Not to be written
to."""
AT_ONCE = 256
"""Samples that are read at once where all of them are gone through and none is kept."""


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

    def batch(self, rows: slice | np.ndarray, names: Collection[str] | None = None) -> Columns:
        """The samples of those numbers, in that order: all columns, or those of these names. Raises `Trouble`
        where they are read and cannot be.
        """


def batches(dataset: Dataset, names: Collection[str] | None = None, size: int = AT_ONCE) -> Iterator[Columns]:
    """All samples in their order: at once where they are in memory anyway, else so many at a time."""
    step = max(1, len(dataset) if dataset.resident else size)
    return (dataset.batch(slice(start, start + step), names) for start in range(0, len(dataset), step))


@frozen(eq=False)
class ArrayDataset:
    """A data set in memory: whole arrays. `rows` says where in the source each of its N samples stands."""

    columns: Columns
    rows: np.ndarray
    resident: ClassVar[bool] = True

    def __len__(self) -> int:
        return len(self.rows)

    def batch(self, rows: slice | np.ndarray, names: Collection[str] | None = None) -> Columns:
        """The samples of those numbers, in that order. A slice is a view of what is there."""
        return {name: values[rows] for name, values in self.columns.items() if names is None or name in names}
