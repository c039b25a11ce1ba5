"""What it costs to summarise a table of ten million rows, beside polars that reads and describes it.

Measured in turns, by the clock: both use all cores there are.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from engine.data.reading import summary

ROWS, COLUMNS, ROUNDS = 10_000_000, 10, 3
PART = 500_000


def rows() -> list[dict[str, Any]]:
    """The rows of the table, in seconds."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "large.csv")
        write(path)
        first = timed(lambda: summary.summarise_beginning(path))
        ours, reference = list[float](), list[float]()
        for _ in range(ROUNDS):
            reference.append(timed(lambda: described(path)))
            ours.append(timed(lambda: summary.summarise(path)))
    ratio = median(ours) / median(reference)
    return [
        {
            "row": f"summarising a CSV of {ROWS:,} rows and {COLUMNS} columns (s)",
            "ours": median(ours),
            "reference": median(reference),
            "ratio": ratio,
            "goal": 1.5,
            "met": ratio <= 1.5,
        },
        {
            "row": "the first answer about it (s)",
            "ours": first,
            "reference": None,
            "ratio": None,
            "goal": 1.0,
            "met": first <= 1.0,
        },
    ]


def write(path: Path) -> None:
    """Measurements, whole numbers, a number of each row, and two columns of words."""
    import polars as pl

    random = np.random.default_rng(0)
    colours = np.array(["red", "green", "blue", "black"])
    cities = np.array([f"city {number}" for number in range(500)])
    with open(path, "wb") as file:
        for start in range(0, ROWS, PART):
            part: dict[str, Any] = {f"f{place}": random.normal(size=PART).round(4) for place in range(5)}
            part |= {"few": random.integers(0, 1000, PART), "many": random.integers(0, 10**9, PART)}
            part |= {"id": np.arange(start, start + PART)}
            part |= {"colour": random.choice(colours, PART), "city": random.choice(cities, PART)}
            pl.DataFrame(part).write_csv(file, include_header=not start)


def described(path: Path) -> object:
    """What polars tells of a table."""
    import polars as pl

    return pl.read_csv(path).describe()


def timed(call: Callable[[], object]) -> float:
    """Seconds by the clock."""
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


if __name__ == "__main__":
    for one in rows():
        print(one)
