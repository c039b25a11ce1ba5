"""Windows of a person's own series: what the network sees, what it foretells, and nothing of the future."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import attrs
import numpy as np
import pytest

import assets
from engine.data.columns.numbers import NumberColumn
from engine.data.opening import open_data
from engine.data.prepare import Prepared, persistence, prepare, schema
from engine.data.sampling import EVERY, LEAVE_OUT, SeriesWindows
from engine.data.sets.series import Sunspots
from engine.data.settings import DataSettings
from engine.message import Trouble

DAYS = 120


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def written(rows: Sequence[Sequence[Any]]) -> Path:
    with open("series.csv", "w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
    return Path("series.csv")


def weather(days: Sequence[int] = range(DAYS), missing: frozenset[int] = frozenset()) -> Path:
    """The days of two places: each number says of which day it is."""
    rows: list[list[Any]] = [["day", "place", "heat", "rain", "holiday"]]
    for number in days:
        when = date(2024, 1, 1) + timedelta(number)
        for place in range(2):
            heat = "" if number in missing else number + 1000 * place
            rows.append([when.isoformat(), "AB"[place], heat, number / 10, number % 7 == 0])
    return written(rows)


def series(path: Path, windows: SeriesWindows, **roles: str) -> DataSettings:
    """The data of that file as windows, not scaled."""
    data = open_data(path, "heat")
    columns = tuple(one.with_setting("role", roles.get(one.name, one.role)) for one in data.columns)
    columns = tuple(
        one.with_setting("type", NumberColumn()) if one.name in {"heat", "rain"} else one for one in columns
    )
    return attrs.evolve(data, columns=columns, sampling=windows, scale="none")


def parts(prepared: Prepared) -> list[dict[str, np.ndarray]]:
    return [dict(part.batch(slice(None))) for part in (prepared.train, prepared.validation, prepared.test)]


def test_a_file_of_sunspots_gives_what_the_set_gives() -> None:
    """The same windows, parts, scale and persistence as the set that comes with the program."""
    path = Path(assets.__file__).parent / "data" / "sunspots.csv"
    data = open_data(path)
    year, spots = data.columns
    data = attrs.evolve(
        data,
        columns=(
            year.with_setting("role", "time"),
            spots.with_setting("type", NumberColumn()).with_setting("role", "target"),
        ),
        sampling=SeriesWindows(window=12, horizon=3),
    )
    # two inputs fewer than columns: what is foretold is seen as well
    own = prepare(data)
    ours = prepare(DataSettings(source=Sunspots(window=12, horizon=3)))
    for mine, theirs in zip(parts(own), parts(ours), strict=True):
        np.testing.assert_array_equal(mine["features"], theirs["window"])
        np.testing.assert_array_equal(mine[spots.name], theirs["next"])
    assert persistence(own, own.test) == persistence(ours, ours.test)


def test_a_window_ends_before_what_it_foretells() -> None:
    data = series(weather(), SeriesWindows(window=5, horizon=3), day="time", place="group", holiday="ignore")
    assert schema(data).columns["features"].names == ("heat", "rain")
    for part in parts(prepare(data)):
        heat, rain = part["features"][..., 0], part["features"][..., 1]
        assert (np.diff(heat, axis=1) == 1).all()  # no window reaches from one place into the other
        np.testing.assert_array_equal(part["heat"][:, 0], heat[:, -1] + 3)
        np.testing.assert_allclose(heat % 1000 / 10, rain, atol=1e-5)


def test_parts_follow_each_other_in_time_with_the_horizon_between() -> None:
    data = series(weather(), SeriesWindows(window=5, horizon=3), day="time", place="group", holiday="ignore")
    days = [part["heat"][:, 0] % 1000 for part in parts(prepare(data))]
    assert days[0].max() < days[1].min()
    assert days[1].max() < days[2].min()


def test_every_step_up_to_the_horizon() -> None:
    windows = SeriesWindows(window=4, horizon=6, foretells=EVERY)
    data = series(weather(), windows, day="time", place="group", holiday="ignore")
    assert schema(data).columns["heat"].shape == (6,)
    train = parts(prepare(data))[0]
    np.testing.assert_array_equal(
        train["heat"] - train["features"][:, -1, :1], np.tile(np.arange(1, 7), (len(train["heat"]), 1))
    )


def test_what_is_known_ahead_is_that_of_the_days_foretold() -> None:
    data = series(weather(), SeriesWindows(window=5, horizon=2), day="time", place="group")
    data = attrs.evolve(
        data,
        columns=tuple(
            one.with_setting("known_ahead", True) if one.name == "holiday" else one for one in data.columns
        ),
    )
    known = schema(data)
    assert known.inputs == ("features", "known ahead")
    assert known.columns["known ahead"].shape == (2, 2)
    train = parts(prepare(data))[0]
    holiday = (train["features"][:, -1, :1] % 1000 + [1, 2]) % 7 == 0
    np.testing.assert_array_equal(train["known ahead"][..., 1], holiday)


def test_without_its_past_only_the_rest_is_seen() -> None:
    data = series(weather(), SeriesWindows(window=5, past=False), day="time", place="group", holiday="ignore")
    assert schema(data).columns["features"].names == ("rain",)
    assert not schema(data).series


def test_a_row_without_a_value_is_in_no_window_and_that_is_counted() -> None:
    data = series(
        weather(missing=frozenset({50})),
        SeriesWindows(window=5),
        day="time",
        place="group",
        holiday="ignore",
    )
    prepared = prepare(data)
    (left,) = prepared.skipped
    assert left.count == 2 * 6  # five places in the window and one as the target, in two places
    assert str(left.reason) == "heat is missing within the window"
    assert len(prepared.train) + len(prepared.validation) + len(prepared.test) <= 2 * (DAYS - 5) - 12


@pytest.mark.parametrize("leave_out", [False, True])
def test_missing_days_are_said_and_left_out_where_a_person_wants_that(leave_out: bool) -> None:
    days = [day for day in range(DAYS) if day not in {60, 61}]
    windows = SeriesWindows(window=5, **({"gaps": LEAVE_OUT} if leave_out else {}))  # type: ignore[arg-type]  # by name
    prepared = prepare(series(weather(days), windows, day="time", place="group", holiday="ignore"))
    assert "missing from the series in 2 places" in str(prepared.noticed[0])
    counts = [one.count for one in prepared.skipped if "steps are missing" in str(one.reason)]
    assert counts == ([2 * 5] if leave_out else [])
    jumping = [(np.diff(part["features"][..., 0], axis=1) > 1).any() for part in parts(prepared)]
    assert any(jumping) != leave_out


def test_times_that_come_twice_are_said() -> None:
    prepared = prepare(series(weather(), SeriesWindows(window=5), day="time", holiday="ignore"))
    assert "120 rows have the time of the one before" in str(prepared.noticed[0])


def test_what_fills_gaps_and_scales_is_found_in_the_training_part() -> None:
    data = series(weather(), SeriesWindows(window=5), day="time", place="group", holiday="ignore")
    prepared = prepare(attrs.evolve(data, scale="standardise"))
    last = len(prepared.train) // 2 + 5  # days that the windows of the training part reach
    seen = [number + 1000 * place for number in range(last) for place in range(2)]
    scaler = prepared.scalers["heat"]
    assert float(np.ravel(scaler.offset)[0]) == pytest.approx(np.mean(seen), rel=0.02)


def test_a_series_that_is_too_short_is_said() -> None:
    data = series(weather(range(8)), SeriesWindows(window=9), day="time", place="group", holiday="ignore")
    with pytest.raises(Trouble, match=r"too short: expected at least 10 rows .* received 8"):
        prepare(data)
