"""A person's own table, from the file to what a network takes: types, roles, parts, what is learnt."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import attrs
import numpy as np
import pytest

from engine.data.columns.categories import EMBEDDING, CategoryColumn, LabelsColumn
from engine.data.columns.column_type import Encoder
from engine.data.columns.numbers import DateColumn, NumberColumn
from engine.data.opening import open_data, with_target
from engine.data.prepare import Prepared, prepare, schema
from engine.data.settings import ColumnSettings, DataSettings
from engine.message import Trouble
from engine.project.graph import Graph
from engine.project.project import Project
from engine.project.recipe import Recipe
from engine.store import project_file

ROWS = 200


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def written(rows: Sequence[Sequence[Any]], path: str = "table.csv") -> Path:
    with open(path, "w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
    return Path(path)


def animals(rows: int = ROWS) -> Path:
    """A table with all that a table can have: numbers, gaps, names, dates, groups."""
    chance = np.random.default_rng(0)
    lines: list[list[Any]] = [["weight", "colour", "born", "herd", "length", "kind"]]
    for row in range(rows):
        kind = row % 3
        lines.append(
            [
                "" if row % 20 == 7 else round(float(chance.normal(10 * kind, 1)), 2),
                ["red", "green", ""][row % 3 if row % 7 else 2],
                f"20{row % 20:02}-0{1 + row % 9}-11",
                f"herd {row // 5}",
                round(float(chance.normal(5, 2)), 2),
                ["cat", "dog", "cow"][kind],
            ]
        )
    return written(lines)


def changed(data: DataSettings, **columns: Any) -> DataSettings:
    """The same data with another type or role for some columns."""

    def one(column: ColumnSettings) -> ColumnSettings:
        value = columns.get(column.name)
        if value is None:
            return column
        return attrs.evolve(column, **({"role": value} if isinstance(value, str) else {"type": value}))

    return attrs.evolve(data, columns=tuple(map(one, data.columns)))


def everything(prepared: Prepared, column: str) -> np.ndarray:
    """All samples of a column in the order of the file, in its own units."""
    parts = (prepared.train, prepared.validation, prepared.test)
    values = np.concatenate([prepared.decode(column, part.batch(slice(None))[column]) for part in parts])
    return values[np.argsort(np.concatenate([part.rows for part in parts]))]  # type: ignore[attr-defined]  # all in memory


def test_types_roles_and_the_target_are_guessed() -> None:
    data = open_data(animals())
    assert [(one.name, type(one.type), one.role) for one in data.columns] == [
        ("weight", NumberColumn, "input"),
        ("colour", CategoryColumn, "input"),
        ("born", DateColumn, "input"),
        ("herd", CategoryColumn, "input"),
        ("length", NumberColumn, "input"),
        ("kind", CategoryColumn, "target"),
    ]
    assert schema(data).classes == ("cat", "cow", "dog")


def test_what_the_network_gets_is_known_without_reading() -> None:
    data = changed(open_data(animals()), herd="ignore")
    known = schema(data)
    Path("table.csv").unlink()
    assert schema(attrs.evolve(data, seed=3)).columns == known.columns
    assert known.columns["features"].names == (
        "weight",
        "colour green",
        "colour red",
        "born days",
        "born year sin",
        "born year cos",
        "length",
    )


def test_the_numbers_are_those_of_the_file() -> None:
    data = changed(open_data(animals()), herd="ignore", born="ignore")
    prepared = prepare(data)
    features, kinds = everything(prepared, "features"), everything(prepared, "kind")
    with open("table.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for row, made, kind in zip(rows, features, kinds, strict=True):
        assert prepared.schema.classes[kind] == row["kind"]
        assert made[-1] == pytest.approx(float(row["length"]), abs=1e-5)
        assert made[1:3].tolist() == [row["colour"] == "green", row["colour"] == "red"]
        if row["weight"]:
            assert made[0] == pytest.approx(float(row["weight"]), abs=1e-5)


@pytest.mark.parametrize("missing", ["mean", "median", "most frequent"])
def test_what_fills_gaps_is_found_in_the_training_part_alone(missing: str) -> None:
    data = changed(open_data(animals()), weight=NumberColumn(missing=missing))
    prepared = prepare(data)
    with open("table.csv", newline="", encoding="utf-8") as file:
        weights = [float(row["weight"] or "nan") for row in csv.DictReader(file)]
    train = np.array(weights)[prepared.train.rows]  # type: ignore[attr-defined]  # all in memory
    known = train[~np.isnan(train)]
    numbers, counts = np.unique(known, return_counts=True)
    expected = {"mean": known.mean(), "median": np.median(known), "most frequent": numbers[counts.argmax()]}
    filled = everything(prepared, "features")[np.isnan(weights), 0]
    assert filled == pytest.approx(expected[missing], abs=1e-4)


def test_numbers_are_scaled_by_the_training_part_and_yes_or_no_is_not() -> None:
    prepared = prepare(changed(open_data(animals()), herd="ignore"))
    train = prepared.train.batch(slice(None))["features"]
    names = prepared.schema.columns["features"].names
    for place, name in enumerate(names):
        if name in {"weight", "length", "born days"}:
            assert train[:, place].mean() == pytest.approx(0, abs=1e-5)
            assert train[:, place].std() == pytest.approx(1, abs=1e-4)
        elif name.startswith("colour"):
            assert set(np.unique(train[:, place])) == {0, 1}


def test_samples_without_a_target_are_left_out_and_counted() -> None:
    rows = [["a", "y"], *([row, "" if row in {3, 8} else "yes" if row % 2 else "no"] for row in range(60))]
    prepared = prepare(open_data(written(rows), "y"))
    assert prepared.schema.samples == 58
    (left,) = prepared.skipped
    assert (left.count, left.place) == (2, "table.csv, row 4")
    assert "y is missing" in str(left.reason)


def test_samples_with_a_gap_are_left_out_where_a_person_wants_that() -> None:
    data = changed(open_data(animals()), weight=NumberColumn(missing="drop"))
    assert prepare(data).schema.samples == ROWS - 10


def test_a_group_is_in_one_part() -> None:
    data = changed(open_data(animals()), herd="group")
    prepared = prepare(data)
    groups = [set(part.rows // 5) for part in (prepared.train, prepared.validation, prepared.test)]  # type: ignore[attr-defined]  # all in memory
    assert not groups[0] & groups[1]
    assert not groups[0] & groups[2]
    assert not groups[1] & groups[2]
    assert sum(map(len, groups)) == ROWS // 5


def test_by_time_the_first_train_and_the_last_test() -> None:
    rows = [["when", "a", "y"], *([f"2020-01-{1 + row % 31:02}", row, row % 2] for row in range(124))]
    data = changed(open_data(written(rows), "y"), when="time", a="input")
    prepared = prepare(data)
    days = [part.rows % 31 for part in (prepared.train, prepared.validation, prepared.test)]  # type: ignore[attr-defined]  # all in memory
    assert days[0].max() <= days[1].min()
    assert days[1].max() <= days[2].min()


def test_a_name_that_the_training_part_did_not_have_is_none_of_them() -> None:
    column = CategoryColumn(names=("a", "b", "c"))
    fitted = column.fit(np.array(["a", "b", "b"], object))
    assert column.encode(np.array(["c", "a", None, "z"], object), fitted, False).tolist() == [
        [0, 0, 0],
        [1, 0, 0],
        [0, 0, 0],
        [0, 0, 0],
    ]
    embedded = attrs.evolve(column, encoding=EMBEDDING)
    assert embedded.encode(np.array(["c", "a", None], object), fitted, False).tolist() == [3, 0, 3]
    most = attrs.evolve(embedded, missing="most frequent")
    assert most.encode(np.array([None], object), fitted, False).tolist() == [1]


def test_several_names_at_once_are_as_many_questions() -> None:
    rows = [["a", "tags"], *([row, "|".join(["sad", "long"][: row % 3])] for row in range(60))]
    data = changed(open_data(written(rows), "tags"), tags=LabelsColumn(names=("sad", "long")))
    prepared = prepare(data)
    assert everything(prepared, "tags")[:3].tolist() == [[0, 0], [1, 0], [1, 1]]
    assert prepared.schema.columns["tags"].classes == ("no", "yes")


def test_several_targets_and_rows_of_inputs() -> None:
    data = open_data(animals(), "kind")
    data = changed(data, length="target", herd="ignore")
    data = attrs.evolve(
        data,
        columns=tuple(attrs.evolve(one, row="days") if one.name == "born" else one for one in data.columns),
    )
    known = schema(data)
    assert known.targets == ("length", "kind")
    assert known.inputs == ("features", "days")
    assert prepare(data).train.batch(slice(0, 1))["days"].shape == (1, 3)


def test_encoders_travel_as_plain_json() -> None:
    prepared = prepare(open_data(animals()))
    raw = {
        "weight": np.array([np.nan, 3.0]),
        "colour": np.array(["red", "blue"], object),
        "born": np.array(["2003-02-11", None], object),
        "herd": np.array(["herd 1", "herd 99"], object),
        "length": np.array([1.0, 2.0]),
    }
    again = json.loads(json.dumps({k: [one.json() for one in v] for k, v in prepared.encoders.items()}))
    read = attrs.evolve(
        prepared,
        encoders={name: tuple(map(Encoder.from_json, one)) for name, one in again.items()},
    )
    np.testing.assert_array_equal(prepared.encode_raw(raw)["features"], read.encode_raw(raw)["features"])


# --------------------------------------------------------------------------- where it is


def test_a_project_finds_its_data_where_both_are_moved() -> None:
    animals()
    Path("here").mkdir()
    shutil.move("table.csv", "here/table.csv")
    project = Project(Graph("a"), open_data(Path("here/table.csv")), Recipe())
    project_file.save(project, Path("here/a.loom"))
    assert (
        json.loads(Path("here/a.loom").read_text(encoding="utf-8"))["data"]["source"]["path"] == "table.csv"
    )
    shutil.move("here", "elsewhere")
    moved = project_file.load(Path("elsewhere/a.loom"))
    assert len(prepare(moved.data).train)
    assert moved.data.source.path == str(Path("elsewhere/table.csv").absolute())  # type: ignore[attr-defined]  # a table's


def test_missing_data_is_said() -> None:
    data = open_data(animals())
    Path("table.csv").unlink()
    with pytest.raises(Trouble, match=r"The data is missing: expected .*table\.csv\. Put it back, or"):
        prepare(data)


def test_changed_data_is_said_and_never_taken_for_the_former() -> None:
    data = open_data(animals())
    prepare(data)
    animals(150)
    with pytest.raises(Trouble, match="has changed since it was opened"):
        prepare(data)
    animals()  # the same again
    prepare(data)


@pytest.mark.parametrize("target", ["", "kind"])
def test_a_column_that_is_not_there_is_said(target: str) -> None:
    data = open_data(animals(), target)
    lost = attrs.evolve(data, columns=(*data.columns, ColumnSettings(name="height", type=NumberColumn())))
    with pytest.raises(Trouble, match=r"There is no column height in .*: it has weight, colour"):
        prepare(lost)
    with pytest.raises(Trouble, match="There is no column price: expected one of weight, colour"):
        open_data(Path("table.csv"), "price")


def test_without_a_target_or_an_input_it_is_said() -> None:
    data = open_data(animals())
    none = attrs.evolve(data, columns=tuple(attrs.evolve(one, role="input") for one in data.columns))
    with pytest.raises(Trouble, match="no column that is a target"):
        schema(none)
    with pytest.raises(Trouble, match="no column that is an input"):
        schema(attrs.evolve(data, columns=with_target(data.columns[-1:], "kind")))
