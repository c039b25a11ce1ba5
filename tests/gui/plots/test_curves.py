"""The history of a run: exact, smoothed as promised, and thinned without losing an extreme."""

from __future__ import annotations

import math
import tracemalloc
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytestqt.qtbot import QtBot

from engine.training.curves import Curves
from engine.training.growing_array import GrowingArray
from engine.training.reports import Changed, Evaluated, Progress, Started
from gui.plots import ticks
from gui.plots.changes import change_words
from gui.plots.chart import Chart
from gui.plots.lines import BLOCK, Line, Points
from gui.plots.run_curves import RunCurves
from gui.plots.saving import table
from gui.plots.trace import Trace, limits
from tests.gui.scripted import evaluated, finished, progress, started, tell


def noise(count: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(5, 1, count).astype(np.float32)


def by_hand(values: np.ndarray, smoothing: float) -> np.ndarray:
    mean, found = 0.0, []
    for step, value in enumerate(values.tolist(), start=1):
        mean = smoothing * mean + (1 - smoothing) * value
        found.append(mean / (1 - smoothing**step))
    return np.array(found)


def run_of(epochs: int = 3) -> RunCurves:
    run = RunCurves(Curves(), 0.5)
    tell(run, started(7, 4))
    for epoch in range(1, epochs + 1):
        tell(run, progress(epoch * 10 - 9, epoch * 10), evaluated(epoch, 1 / epoch))
    return run


def line_of(values: Sequence[float] | np.ndarray, smoothing: float) -> Line:
    raw = GrowingArray()
    raw.extend(values)
    line = Line(raw, smoothing)
    line.show(len(values))
    return line


@pytest.mark.parametrize("smoothing", [0.0, 0.5, 0.94, 0.99])
def test_the_running_mean_is_the_recursion_corrected_for_its_start(smoothing: float) -> None:
    values = noise(1000)
    line = Line(GrowingArray(), smoothing)
    for first in range(0, 1000, 7):
        line.raw.extend(values[first : first + 7])
        line.show(first + 7)
    expected = values if smoothing == 0 else by_hand(values, smoothing)
    np.testing.assert_allclose(line.means(0, 1000), expected, rtol=2e-6)
    np.testing.assert_allclose(line.means(501, 777), expected[501:777], rtol=2e-6)
    np.testing.assert_allclose(line.means(999, 1000), expected[999:], rtol=2e-6)


def test_another_smoothing_gives_what_it_had_given_from_the_start() -> None:
    values = noise(500)
    line, fresh = line_of(values, 0.94), line_of(values, 0.3)
    line.smooth(0.3)
    np.testing.assert_array_equal(line.means(0, 500), fresh.means(0, 500))
    np.testing.assert_array_equal(line.thinned(0, 500, 3, True)[1], fresh.thinned(0, 500, 3, True)[1])


@given(st.integers(1, 3000), st.integers(0, 3000), st.integers(2, 60), st.booleans())
def test_a_thinned_stretch_keeps_its_extremes(count: int, first: int, columns: int, smoothed: bool) -> None:
    values = noise(count, seed=count)
    line = line_of(values, 0.9)
    indices, thin = line.thinned(first, count, columns, smoothed)
    exact = line.means(first, count) if smoothed else values[first:count]
    if first >= count:
        assert len(thin) == 0
        return
    assert thin.min() == pytest.approx(exact.min(), rel=1e-6)
    assert thin.max() == pytest.approx(exact.max(), rel=1e-6)
    assert len(thin) <= max(2 * columns, 4 * BLOCK) + 4 * BLOCK
    assert indices[0] >= first
    assert indices[-1] < count
    assert (np.diff(indices) > 0).all()


def test_a_gap_is_drawn_as_a_gap_and_the_mean_goes_on_after_it() -> None:
    line = line_of([1.0, math.nan, 3.0], 0.5)
    means = line.means(0, 3)
    assert math.isnan(means[1])
    assert math.isfinite(means[2])
    assert line.extent() == (1.0, 3.0)


def test_a_mean_begins_at_the_first_number_however_late_it_comes() -> None:
    for before in (2, BLOCK - 1, BLOCK, 3 * BLOCK + 5):
        numbers = noise(4 * BLOCK)
        line = line_of([*[math.nan] * before, *numbers], 0.94)
        means = line.means(0, len(line))
        assert np.isnan(means[:before]).all()
        np.testing.assert_allclose(means[before:], by_hand(numbers, 0.94), rtol=1e-4)
    grown = Line(GrowingArray(), 0.94)
    for value in (math.nan, math.nan, 3.0):  # shown one by one, as they come
        grown.raw.extend([value])
        grown.show(len(grown.raw))
    assert grown.means(0, 3)[2] == pytest.approx(3.0)


def test_many_points_of_validation_are_thinned_to_their_extremes() -> None:
    points = Points()
    values = noise(5000).astype(float)
    for step, value in enumerate(values, start=1):
        points.add(step, step / 10, value)
    steps, thin = points.thinned(100)
    assert len(thin) <= 200
    assert (thin.min(), thin.max()) == (values.min(), values.max())
    np.testing.assert_array_equal(values[steps - 1], thin)


def test_a_run_tells_where_its_steps_stand_on_every_axis() -> None:
    run = run_of()
    assert run.number == 7
    assert len(run) == 30
    assert run.along("step", 15) == 15
    assert run.along("epoch", 15) == 1.5
    assert run.along("time", 20) == pytest.approx(1.0)
    for axis in ("step", "epoch", "time"):
        assert run.step_at(axis, float(run.along(axis, 12))) == pytest.approx(12)


def test_the_best_epoch_is_the_last_that_was_called_best() -> None:
    run = run_of()
    tell(run, progress(31, 40), evaluated(4, 2.0, best=False), finished())
    assert run.best is not None
    assert run.best.epoch == 3
    assert run.best.validation["loss"] == pytest.approx(1 / 3)
    assert run.end == finished()
    assert run.names == ("loss", "accuracy")


def test_the_view_holds_every_validation_and_every_smoothed_value() -> None:
    run = run_of()
    low, high = limits([Trace(run, "loss")], "step", 0.0, 30.0, log=True)
    line = run.lines["loss"]
    assert low <= min(line.means(0, 30).min(), 1 / 3)
    assert high >= max(line.means(0, 30).max(), 1.0)
    low, high = limits([Trace(RunCurves(Curves()), "loss")], "step", 0.0, 30.0, log=False)
    assert low < high, "a run without values still has a view"


def test_the_table_holds_every_step_exactly() -> None:
    run = run_of()
    text = "".join(table(Trace(run, "loss")))
    head, *rows = text.strip().split("\n")
    assert head == "step,epoch,seconds,train,smoothed,validation"
    assert len(rows) == 30
    cells = rows[19].split(",")
    assert cells[0] == "20"
    assert np.float32(cells[3]) == run.lines["loss"].raw.values[19]
    assert float(cells[5]) == 0.5
    assert rows[18].endswith(","), "no validation was measured at step 19"


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0.0, 12.0, [0, 2.5, 5, 7.5, 10]),
        (0.7, 1.0, [0.7, 0.8, 0.9, 1.0]),
        (-1.0, 1.0, [-1, -0.5, 0, 0.5, 1]),
        (5.0, 5.0, [5.0]),
    ],
)
def test_even_marks_are_round(low: float, high: float, expected: list[float]) -> None:
    assert ticks.even(low, high) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0.01, 2.5, [0.01, 0.03, 0.1, 0.3, 1.0]),
        (1e-6, 1e3, [1e-6, 1e-4, 1e-2, 1.0, 100.0]),
        (0.0, 1.0, []),
    ],
)
def test_logarithmic_marks_are_decades_or_finer(low: float, high: float, expected: list[float]) -> None:
    assert ticks.logarithmic(low, high) == pytest.approx(expected)


def test_marks_are_written_alike_and_short() -> None:
    assert ticks.written([0.7, 0.75, 0.8]) == ["0.70", "0.75", "0.80"]
    assert ticks.written([-1.0, 0.0, 1.0]) == ["−1", "0", "1"]
    assert ticks.written_each([0.03, 1.0, 1e-7]) == ["0.03", "1", "1e-7"]
    assert ticks.written_clock(ticks.clock(0, 90)) == ["0:00", "0:15", "0:30", "0:45", "1:00", "1:15", "1:30"]


def test_a_million_steps_take_few_bytes_each() -> None:
    run = RunCurves(Curves())
    values = np.random.default_rng(0).random(1000, np.float32)
    tracemalloc.start()
    try:
        tell(run, Started(1, 1000, 1_000_000, 1000, "cpu", 1, "eager", {}, ("accuracy",)))
        for step in range(1000, 1_000_001, 1000):
            told = tuple(values.tolist())
            tell(run, Progress(step, step / 1000, told, {"accuracy": told}, 0.1, 1.0, 2000.0, step / 2000))
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(run) == 1_000_000
    assert held <= 2 * 5_000_000, "two curves"


def test_epochs_of_unequal_length_stand_where_they_ended() -> None:
    run = run_of(2)
    tell(run, Changed(20, 2.0, {"batch_size": (32, 64)}), progress(21, 25))
    tell(run, Evaluated(3.0, 25, {}, {"loss": 0.2}, True, 1.0))
    assert run.along("epoch", np.array([10, 20, 22.5, 25])).tolist() == pytest.approx([1, 2, 2.5, 3])
    assert run.step_at("epoch", 2.5) == pytest.approx(22.5)


def test_a_change_is_told_in_a_few_words() -> None:
    change = Changed(20, 2.0, {"optimiser.rate": (0.1, 0.0005), "batch_size": (32, "all"), "goal": (1, None)})
    assert change_words(change) == "rate 0.0005, batch size all, goal none"


def test_a_change_is_marked_on_the_curve(qtbot: QtBot, gui: object) -> None:
    pictures = []
    for changes in ((), (Changed(15, 1.5, {"optimiser.rate": (0.1, 0.01)}),)):
        run = run_of(3)
        tell(run, *changes)
        chart = Chart()
        qtbot.addWidget(chart)
        chart.resize(500, 240)
        chart.show()
        chart.show_run(run)
        pictures.append(chart.picture())
    assert pictures[0] != pictures[1]
