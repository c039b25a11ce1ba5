"""What a folder of samples holds: a row a sample, and what was left out of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from attrs import frozen

from engine.data.reading.skipped import Skipped
from engine.message import Message, Trouble

MOST_NAMED = 100  # files left out for one reason that are named one by one; more are counted

Progress = Callable[[int], None]
"""Is told how many files, rows or bytes are done."""
Cancelled = Callable[[], bool]
"""Whether a person no longer wants it."""


class Abandoned(Trouble):
    """What was being read is no longer wanted."""


def go_on(cancelled: Cancelled | None, path: Path) -> None:
    """Raise `Abandoned` where a person no longer wants what is read from a path."""
    if cancelled is not None and cancelled():
        raise Abandoned("Reading {path} was cancelled.", path=str(path))


class Skips:
    """Gathers what is left out: the first of each reason by name, the rest as a count."""

    def __init__(self) -> None:
        self._named: list[Skipped] = []
        self._reasons: Counter[str] = Counter()
        self._counts: Counter[tuple[str, str]] = Counter()

    def file(self, path: str, template: str, **values: Any) -> None:
        """One file is left out."""
        self._reasons[template] += 1
        if self._reasons[template] <= MOST_NAMED:
            self._named.append(Skipped(path, Message(template, **values)))

    def count(self, template: str, number: int = 1, of: str = "") -> None:
        """So many files are left out; the template says `{n}` and perhaps `{of}`."""
        if number:
            self._counts[template, of] += number

    def add(self, *skipped: Skipped) -> None:
        """What another reader left out."""
        self._named += skipped

    def all(self) -> tuple[Skipped, ...]:
        """Everything that was left out."""
        counted = [
            Skipped("", Message(template, n=number, of=of), number)
            for (template, of), number in self._counts.items()
        ]
        more = [
            Skipped("", Message("{n} more file{n:|s} left out for the same reason", n=rest), rest)
            for number in self._reasons.values()
            if (rest := number - MOST_NAMED) > 0
        ]
        return (*self._named, *more, *counted)


@frozen(eq=False)
class Listing:
    """The samples of a folder, a row each, in a natural order (`x2` before `x10`), the same everywhere.

    `columns` holds "file", paths relative to `root` with slashes, and what the convention says besides:
    "class" (texts), "mask" (paths), "boxes" (`annotations.Boxes` each), "classes" (tuples of the names of
    what is seen on the picture), "box" (left, top, right, bottom as shares of the picture), and the columns
    of the metadata. `parts` says "train", "validation" or "test" where the folder does. `classes` are the
    names that annotations declare, in their order, also those that no row has.
    """

    root: Path
    media: str
    convention: str
    columns: Mapping[str, Sequence[Any]]
    parts: np.ndarray | None = None
    skipped: tuple[Skipped, ...] = ()
    classes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.columns["file"])

    @property
    def paths(self) -> list[Path]:
        """Where each sample stands."""
        return [self.root / file for file in self.columns["file"]]

    @property
    def left_out(self) -> int:
        """How many files or rows became no sample."""
        return sum(one.count for one in self.skipped)
