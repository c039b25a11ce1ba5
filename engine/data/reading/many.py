"""Many files of one sort as one array: what cannot be read is left out, and said."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from attrs import frozen

from engine.data.reading.listing import Cancelled, Progress, go_on
from engine.data.reading.skipped import Skipped
from engine.message import Trouble


@frozen(eq=False)
class ManyFiles:
    """What stood in files, an array N×…, which of the paths they are (N int64), and those left out."""

    values: np.ndarray
    rows: np.ndarray
    skipped: tuple[Skipped, ...]


def read_many(
    paths: Sequence[Path],
    read: Callable[[Path], np.ndarray],
    shape: tuple[int, ...],
    dtype: type[np.generic],
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
) -> ManyFiles:
    """What `read` gives of each file, an array of that shape and type. A file of which it raises `Trouble` is
    left out. `progress` is told how many are done. Raises `Abandoned` where a person no longer wants it.
    """
    values = np.empty((len(paths), *shape), dtype)
    rows: list[int] = []
    skipped: list[Skipped] = []
    for row, path in enumerate(paths):
        go_on(cancelled, path)
        if progress is not None:
            progress(row)
        try:
            values[len(rows)] = read(path)
        except Trouble as trouble:
            skipped.append(Skipped(str(path), trouble.message))
            continue
        rows.append(row)
    if progress is not None:
        progress(len(paths))
    return ManyFiles(values[: len(rows)], np.array(rows, np.int64), tuple(skipped))
