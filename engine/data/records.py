"""A person's data as it stands in the files: what columns are made of before anything is learnt from them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from attrs import evolve, frozen

from engine.data.columns.column_type import Values
from engine.data.reading.skipped import Skipped
from engine.message import Message

PARTS = ("train", "validation", "test")


@frozen(eq=False)
class Records:
    """N samples by column, in the order in which they stand. `parts` holds for each the part that its files
    put it in: 0 to train, 1 to validate, 2 to test, -1 for none; or is None. `place` says in words where the
    sample of a number stands: "penguins.csv, row 4". `numbers` are the rows of the source, N int64.
    """

    columns: Mapping[str, Values]
    numbers: np.ndarray
    place: Callable[[int], str]
    parts: np.ndarray | None = None
    skipped: tuple[Skipped, ...] = ()
    noticed: tuple[Message, ...] = ()
    """What a person should know of them, though nothing was left out."""

    def __len__(self) -> int:
        return len(self.numbers)

    def take(self, kept: np.ndarray, *skipped: Skipped) -> Records:
        """Those of these places (int64, or N booleans), with what is said of the others."""
        return evolve(
            self,
            columns={name: values[kept] for name, values in self.columns.items()},
            numbers=self.numbers[kept],
            parts=None if self.parts is None else self.parts[kept],
            skipped=(*self.skipped, *skipped),
        )
