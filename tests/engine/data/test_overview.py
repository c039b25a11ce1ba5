"""What a person sees of data before anything is learnt: what stands in it, its parts, what was noticed."""

from __future__ import annotations

from pathlib import Path

import attrs
import numpy as np
import pytest

from engine.data.columns.categories import CategoryColumn
from engine.data.columns.numbers import DateColumn, NumberColumn
from engine.data.findings import findings, input_keys, with_role
from engine.data.opening import open_data
from engine.data.overview import Overview, overview
from engine.data.own.file_source import DataChanged, DataMissing, FileSource
from engine.data.prepare import prepare
from engine.data.reading.listing import Abandoned
from engine.data.rereading import FIRST, first_look, offered, reread, taken_for
from engine.data.sample_looks import looked_at, medium_of_column
from engine.data.sample_order import Wanted, samples_wanted
from engine.data.sets.pictures import Digits
from engine.data.sets.series import Sunspots
from engine.data.sets.tables import Iris
from engine.data.settings import DataSettings
from engine.message import Trouble
from tests.engine.data.test_own_tables import ROWS, animals, changed, written


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def view() -> Overview:
    return overview(open_data(animals(), "kind"))


def test_every_sample_of_every_column_is_in_one_bar_of_its_class(view: Overview) -> None:
    weight, colour, born = view["weight"], view["colour"], view["born"]
    assert [weight.lost, colour.lost, born.lost] == [10, np.sum(colour.values == None), 0]  # noqa: E711
    for one in (weight, colour, born):
        assert one.bars is not None
        assert int(one.bars.counts.sum()) == ROWS - one.lost
        assert np.array_equal(one.bars.of < 0, one.missing)
        for kind in range(3):
            shown = one.bars.of[(view.class_of == kind) & (one.bars.of >= 0)]
            assert np.array_equal(
                one.bars.counts[:, kind], np.bincount(shown, minlength=len(one.bars.counts))
            )
    known = weight.values[~np.isnan(weight.values)]
    assert (weight.lowest, weight.highest) == (known.min(), known.max())
    assert (weight.mean, weight.deviation) == pytest.approx((known.mean(), known.std(ddof=1)))
    assert colour.bars is not None
    assert colour.bars.names == ("green", "red")


def test_parts_and_balance_are_those_that_are_trained_on(view: Overview) -> None:
    prepared = prepare(view.settings)
    parts = (prepared.train, prepared.validation, prepared.test)
    assert view.part_sizes() == tuple(map(len, parts))
    for number, part in enumerate(parts):
        assert np.array_equal(np.flatnonzero(view.parts == number), np.sort(part.rows))
    assert sum(count for _, count in view.balance()) == ROWS
    assert [view.classes[number] for number, _ in view.balance()] == ["cat", "dog", "cow"]


def test_what_cannot_be_learnt_from_is_still_seen(view: Overview) -> None:
    seen = overview(changed(view.settings, kind="ignore"))
    assert seen.trouble is not None
    assert "no column that is a target" in str(seen.trouble)
    assert len(seen.columns) == 6
    assert seen.part_sizes() == (0, 0, 0)


@pytest.mark.parametrize(
    ("data", "medium", "names"),
    [
        (
            DataSettings(source=Iris()),
            "table",
            ["sepal length", "sepal width", "petal length", "petal width"],
        ),
        (DataSettings(source=Digits()), "image", ["image"]),
        (DataSettings(source=Sunspots()), "series", ["window"]),
    ],
)
def test_a_set_that_comes_with_the_program_is_seen_alike(
    data: DataSettings, medium: str, names: list[str]
) -> None:
    seen = overview(data)
    assert medium_of_column(looked_at(seen)) == medium
    assert [one.name for one in seen.columns if one.role == "input"] == names
    assert sum(seen.part_sizes()) == seen.samples


def test_each_finding_has_its_way_out(view: Overview) -> None:
    found = {str(one.message): one for one in findings(view)}
    gap = found["10 rows do not say weight"]
    assert gap.rows is not None
    assert np.array_equal(gap.rows, np.flatnonzero(view["weight"].missing))
    assert found["No sample stands in two parts"].level == "success"


def test_rows_that_lack_several_columns_can_be_left_out() -> None:
    rows = [["a", "b", "y"], *([one, one * 2, one % 2] for one in range(60))]
    rows[5][:2] = ["", ""]
    data = open_data(written(rows), "y")
    (gap,) = (one for one in findings(overview(data)) if "lacks 2 columns: a, b" in str(one.message))
    assert gap.change is not None
    after = prepare(gap.change)
    assert after.schema.samples == 59
    assert [one.count for one in after.skipped] == [1]


def test_the_same_sample_on_both_sides_is_told() -> None:
    rows = [["a", "b", "y"], *([one // 6, one % 2, one % 2] for one in range(120))]
    data = changed(open_data(written(rows), "y"), a=NumberColumn(), b=NumberColumn())
    seen = overview(data)
    (twice,) = (
        one for one in findings(seen) if one.rows is not None and "in training, too" in str(one.message)
    )
    train = {tuple(row) for row in np.array(rows[1:])[seen.parts == 0][:, :2]}
    expected = [
        row for row in range(120) if seen.parts[row] > 0 and tuple(np.array(rows[row + 1][:2])) in train
    ]
    assert twice.rows is not None
    assert twice.rows.tolist() == expected


def test_keys_tell_different_inputs_apart() -> None:
    prepared = prepare(DataSettings())
    keys = input_keys(prepared, "train")
    pictures = prepared.train.batch(slice(None))["image"].reshape(len(keys), -1)
    assert len(np.unique(keys)) == len(np.unique(pictures, axis=0))


def test_an_identifier_and_a_constant_can_be_ignored() -> None:
    rows = [["id", "same", "x", "y"], *([1000 + one, 4, one % 7, one % 2] for one in range(60))]
    data = changed(open_data(written(rows), "y"), id="input", same="input")
    found = {str(one.message).partition(":")[0]: one for one in findings(overview(data)) if one.change}
    assert {"id", "same"} <= found.keys()
    for name in ("id", "same"):
        change = found[name].change
        assert change is not None
        assert next(one.role for one in change.columns if one.name == name) == "ignore"


# ---------------------------------------------------------------------- which samples


def test_samples_are_wanted_by_part_bar_and_text_and_sorted(view: Overview) -> None:
    assert view["kind"].bars is not None
    cows = samples_wanted(view, Wanted(bar=("kind", view["kind"].bars.names.index("cow"))))
    assert {view["kind"].values[row] for row in cows} == {"cow"}
    train = samples_wanted(view, Wanted(part=0, sort="weight", falling=True))
    assert np.array_equal(np.sort(train), np.flatnonzero(view.parts == 0))
    values = view["weight"].values[train]
    known = values[~np.isnan(values)]
    assert np.array_equal(known, np.sort(known)[::-1])
    assert np.isnan(values[len(known) :]).all()
    red = samples_wanted(view, Wanted(text="RED", sort="herd"))
    assert {view["colour"].values[row] for row in red} == {"red"}
    herds = [view["herd"].values[row] for row in red]
    assert herds == sorted(herds)
    shuffled = samples_wanted(view, Wanted(shuffled=True))
    assert np.array_equal(np.sort(shuffled), np.arange(ROWS))


# ---------------------------------------------------------------------- other types, read anew


def test_only_types_that_fit_are_offered(view: Overview) -> None:
    assert {NumberColumn, CategoryColumn} <= set(offered(view["weight"].values))
    assert NumberColumn not in offered(view["colour"].values)
    assert DateColumn in offered(view["born"].values)
    category = taken_for(CategoryColumn, np.array([10.0, 9.0, np.nan, 9.0]))
    assert isinstance(category, CategoryColumn)
    assert category.names == ("9", "10")


def test_what_a_person_chose_stays_when_data_is_read_anew(view: Overview) -> None:
    chosen = changed(view.settings, colour=CategoryColumn(names=("green", "red"), encoding="one number"))
    chosen = changed(chosen, herd="group", weight=NumberColumn(missing="median"))
    chosen = attrs.evolve(with_role(chosen, "length", "ignore"), seed=5)
    with open("table.csv", "a", encoding="utf-8") as file:
        file.write("1.5,blue,2001-01-01,herd 1,4.5,cat\n")
    with pytest.raises(DataChanged):
        chosen.source.require_present()  # type: ignore[attr-defined]  # of a person's own files
    again = reread(chosen)
    known = {one.name: one for one in again.columns}
    assert {name: one.role for name, one in known.items()} == {
        **{one.name: one.role for one in view.settings.columns},
        "herd": "group",
        "length": "ignore",
    }
    assert known["weight"].type == NumberColumn(missing="median")
    assert known["colour"].type == CategoryColumn(names=("blue", "green", "red"), encoding="one number")
    assert again.seed == 5
    assert overview(again).samples == ROWS + 1


def test_data_that_was_moved_is_read_from_its_new_place(view: Overview, tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    Path("table.csv").rename("there/other.csv")
    source = view.settings.source
    assert isinstance(source, FileSource)
    with pytest.raises(DataMissing):
        source.require_present()
    moved = source.with_setting("path", str(tmp_path / "there" / "other.csv"))
    assert isinstance(moved, FileSource)
    assert reread(view.settings, moved).columns == view.settings.columns


def test_a_target_that_is_gone_is_guessed_anew() -> None:
    data = open_data(written([["a", "b", "y"], *([one * one, one % 3, one % 2] for one in range(60))]), "y")
    written([["a", "b"], *([one * one, one % 3] for one in range(60))])
    assert [(one.name, one.role) for one in reread(data).columns] == [("a", "input"), ("b", "target")]


def test_of_a_large_file_the_first_rows_are_there_at_once() -> None:
    path = written([["a", "y"], *([one, one % 2] for one in range(FIRST + 10))])
    seen = first_look(path)
    assert seen is not None
    assert (seen.samples, seen.whole) == (FIRST, False)
    assert first_look(written([["a", "y"], [1, 2]], "small.csv")) is None
    done: list[int] = []
    open_data(path, progress=done.append)
    assert done
    with pytest.raises(Abandoned):
        open_data(written([["a", "b"], [1, 2]], "other.csv"), cancelled=lambda: True)
    with pytest.raises(Trouble, match="no file or folder"):
        first_look(Path("gone.csv"))
