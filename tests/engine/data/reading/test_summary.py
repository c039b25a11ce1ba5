"""What a table is said to hold, and what a person is warned of."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from engine.data.reading import summary, tables, text_blocks
from engine.data.reading.histograms import RunningHistogram
from engine.data.reading.summary import ColumnSummary, summarise, summary_of


def of(values: Any, name: str = "x") -> ColumnSummary:
    return summary_of(pl.DataFrame([pl.Series(name, values)]))[0]


def about(column: ColumnSummary) -> dict[str, str]:
    return {note.about: note.suggests for note in column.notes}


@pytest.mark.parametrize(
    ("values", "guess", "notes"),
    [
        ([0.5, 1.5, None, 2.5], "number", {"missing": ""}),
        ([0, 1, 1, 0] * 9, "category", {"truth": ""}),
        ([1.0, 0.0] * 9, "category", {"truth": ""}),
        ([True, False] * 9, "category", {}),
        ([*range(7)] * 9, "number", {"few": "category"}),
        ([*range(1000, 1040)], "number", {"identifier": "ignore"}),
        ([f"A-{n}" for n in range(40)], "text", {"identifier": "ignore"}),
        (["01234", "45678"] * 20, "category", {"postcode": "ignore"}),
        ([7] * 9, "number", {"constant": "ignore"}),
        ([None] * 9, "category", {"missing": "ignore"}),
        ([1.5, math.inf, -math.inf, 2.5], "number", {"infinite": ""}),
        ([math.inf, -math.inf], "number", {"infinite": ""}),
        ([0.5, 2**24 + 2.5], "number", {}),
        ([3, 2**24 + 2, 3], "number", {"large": ""}),
        ([20240131, 19991231, 20240131], "number", {"date": "date"}),
        ([20240131, 20249931, 20240131], "number", {"large": ""}),
        ([1958.2, 1958.3, 1958.3], "number", {"date": "date"}),
        (["a", "b"] * 20 + ["c"], "category", {"rare": ""}),
        (["1", "2.5"] * 20 + ["n.a."], "category", {"mixed": "number"}),
        ([date(2024, 1, 2), date(2023, 1, 2)], "date", {}),
        (["a/1.png", "a/2.JPG"], "image", {}),
        (["a/1.wav", "2.flac"], "sound", {}),
        (["1.mp4"], "video", {}),
        ([f"word {n} and others" for n in range(3000)], "text", {}),
        (["红", "绿"] * 20, "category", {}),
    ],
    ids=str,
)
def test_a_column_is_taken_for_something_and_warned_of(
    values: list[Any], guess: str, notes: dict[str, str]
) -> None:
    column = of(values)
    assert column.guess == guess
    assert about(column) == notes


def test_days_and_years_are_known_by_the_name() -> None:
    assert about(of([45292, 45293, 45293], "Datum")) == {"date": "date"}
    assert about(of([45292, 45293, 45293], "price")) == {}
    assert about(of([*range(1700, 1740)], "YEAR")) == {"date": "date"}


def test_what_is_counted_is_what_polars_and_numpy_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In blocks as small as can be, so that everything is joined from many parts."""
    monkeypatch.setattr(text_blocks, "BLOCK", 4096)
    random = np.random.default_rng(0)
    n = 5000
    frame = pl.DataFrame(
        {
            "n": pl.Series(random.normal(3, 100, n)).set(pl.Series(random.random(n) < 0.1), None),
            "w": random.integers(0, 50, n),
            "c": random.choice(["rot", "grün", "blau"], n),
            "d": [datetime(2024, 1, 1 + int(one)) for one in random.integers(0, 28, n)],
        }
    )
    path = tmp_path / "t.csv"
    frame.write_csv(path)
    found = summarise(path)
    assert found.whole
    assert found.rows == n
    for name in "nw":
        column, values = found[name], frame[name]
        assert column.missing == values.null_count()
        assert column.mean == pytest.approx(values.mean())
        assert column.deviation == pytest.approx(values.std())
        assert (column.lowest, column.highest) == (values.min(), values.max())
        assert column.histogram is not None
        edges, counts = column.histogram.edges, column.histogram.counts
        assert sum(counts) == n - column.missing
        expected, _ = np.histogram(values.drop_nulls().to_numpy(), edges)
        assert np.abs(expected - counts).sum() <= 0.02 * n  # a number on an edge may be on either side
    assert dict(found["c"].frequent) == dict(frame["c"].value_counts().iter_rows())
    assert (found["w"].distinct, found["w"].more) == (50, False)
    assert (found["d"].lowest, found["d"].highest) == ("2024-01-01 00:00:00", "2024-01-28 00:00:00")


def test_a_histogram_holds_whatever_comes() -> None:
    running = RunningHistogram()
    for part in ([5.0], [5.0, 6.0], [-1e12], [1e300, -1e308], [1e-300]):
        running.add(np.array(part), min(part), max(part))
    histogram = running.result()
    assert histogram is not None
    assert sum(histogram.counts) == 7
    assert len(histogram.counts) <= 31
    assert list(histogram.edges) == sorted(histogram.edges)


def test_what_does_not_belong_is_named_with_its_row(tmp_path: Path) -> None:
    """Wherever it stands: numbers until then, words behind."""
    path = tmp_path / "t.csv"
    path.write_text("a,b\n" + "1.5,x\n" * 300_000 + "n.a.,x\n" + "2.5,x\n" * 300_000)
    column = summarise(path)["a"]
    assert about(column) == {"mixed": "number"}
    assert "n.a. (300002)" in str(column.notes[0].message)
    assert (column.lowest, column.highest) == (1.5, 2.5)
    assert sum(column.histogram.counts if column.histogram else ()) == 600_000


def test_the_first_answer_comes_of_the_first_rows(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("a,b\n" + "1.5,x\n" * 4_000_000)
    began = time.monotonic()
    first = summary.summarise_beginning(path)
    assert time.monotonic() - began < 3  # a second where nothing else runs
    assert first.rows > 1000
    assert first["a"].mean == 1.5


def test_it_stops_at_once_and_tells_how_far_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_blocks, "BLOCK", 2**16)
    path = tmp_path / "t.csv"
    path.write_text("a,b\n" + "1.5,x\n" * 100_000)
    done: list[int] = []
    with pytest.raises(tables.Abandoned):
        summarise(path, progress=done.append, cancelled=lambda: len(done) == 3)
    assert len(done) == 3
    done.clear()
    summarise(path, progress=done.append)
    assert done == sorted(done)
    assert done[-1] == path.stat().st_size


def test_many_columns_are_summarised(tmp_path: Path) -> None:
    path = tmp_path / "wide.csv"
    path.write_text(",".join(f"c{n}" for n in range(2000)) + "\n" + (",".join(["1.5"] * 2000) + "\n") * 3)
    began = time.process_time()
    found = summary.summarise_beginning(path)
    assert time.process_time() - began < 2  # a third of a second where nothing else runs
    assert [column.mean for column in found.columns] == [1.5] * 2000


def test_counting_costs_little_beside_reading(tmp_path: Path) -> None:
    """In processor time, so that what else runs does not count: the tenth of a benchmark."""
    path = tmp_path / "t.csv"
    random, n = np.random.default_rng(0), 150_000
    numbers = {f"f{place}": random.normal(size=n).round(4) for place in range(8)}
    pl.DataFrame({**numbers, "c": random.choice(["red", "blue"], n)}).write_csv(path)
    ours = processor_time(lambda: summarise(path))
    assert ours < 2.5 * processor_time(lambda: pl.read_csv(path).describe())


def processor_time(call: Callable[[], object]) -> float:
    spent = []
    for _ in range(3):
        began = time.process_time()
        call()
        spent.append(time.process_time() - began)
    return min(spent)
