"""A run knows its data by itself: it answers for new files, whatever has become of the old ones."""

from __future__ import annotations

import csv
import json
import runpy
from pathlib import Path

import numpy as np
import pytest

from engine import edits, kinds
from engine.data.columns.categories import EMBEDDING
from engine.data.opening import open_data
from engine.data.settings import DataSettings
from engine.data.table_types import with_column
from engine.exports import export
from engine.message import Trouble
from engine.project.project import Project
from engine.runs.new_data import predict_file
from engine.runs.record import Record
from engine.runs.thread import Run
from engine.templates.suggest import suggest
from tests.engine.data.test_own_tables import animals, changed


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAYERLOOM_DATA", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)


def trained(data: DataSettings, epochs: int = 2) -> Record:
    """A run of what is suggested for the data."""
    project: Project = suggest(data).project
    run = Run(edits.set_recipe(project, kinds.changed(project.recipe, "epochs", epochs)))
    run.start()
    run.wait()
    assert run.saved is not None
    return Record(run.saved)


@pytest.fixture
def record() -> Record:
    """A run that learnt to tell animals apart, by numbers, names, dates and an embedding."""
    data = open_data(animals(), "kind")
    herd = next(one for one in data.columns if one.name == "herd")
    data = with_column(data, herd.with_setting("type", herd.type.with_setting("encoding", EMBEDDING)))
    return trained(data, 20)


def rows_of(path: str) -> list[dict[str, str]]:
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def without_target(path: str = "new.csv") -> Path:
    """The same animals in another order of columns, without what they are, one with a herd nobody knows."""
    rows = rows_of("table.csv")
    rows[0]["herd"] = "herd of nobody"
    rows[1]["weight"] = ""
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, ["length", "herd", "born", "colour", "weight"], extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    return Path(path)


def test_a_run_keeps_what_it_learnt_of_its_data_before_its_first_step(record: Record) -> None:
    data = json.loads((record.folder / "preprocessing.json").read_text(encoding="utf-8"))
    assert data["fingerprint"] == record.project.data.source.fingerprint  # type: ignore[attr-defined]  # a table's
    assert data["encoders"].keys() == {"features", "herd", "kind"}
    assert data["scalers"].keys() == {"features"}


def test_it_answers_for_new_rows_with_names_and_probabilities(record: Record) -> None:
    truth = [row["kind"] for row in rows_of("table.csv")]
    found = predict_file(record.predictor(), without_target())
    assert found.foretold == ("kind predicted", "kind is cat", "kind is cow", "kind is dog")
    said = list(found.columns["kind predicted"])
    assert np.mean([one == other for one, other in zip(said, truth, strict=True)]) > 0.9
    shares = np.array([found.columns[name] for name in found.foretold[1:]])
    assert shares.sum(0) == pytest.approx(1, abs=1e-4)
    found.write(Path("answers.csv"))
    again = rows_of("answers.csv")
    assert [row["kind predicted"] for row in again] == said
    assert again[0]["herd"] == "herd of nobody"


def test_the_answers_are_those_of_the_training_itself(record: Record) -> None:
    """Raw rows through the run's encoders give the very numbers that it was trained on."""
    predictor = record.predictor()
    prepared = predictor.prepared
    raw = prepared.settings.source.read().columns  # type: ignore[attr-defined]  # a file's
    for part in (prepared.train, prepared.validation, prepared.test):
        rows = part.rows  # type: ignore[attr-defined]  # all in memory
        made = prepared.encode_raw({name: values[rows] for name, values in raw.items()})
        for name, values in made.items():
            np.testing.assert_array_equal(values, part.batch(slice(None))[name])


@pytest.mark.parametrize("what", ["gone", "changed"])
def test_a_run_whose_data_is_gone_answers_all_the_same(record: Record, what: str) -> None:
    new = without_target()
    before = predict_file(record.predictor(), new).columns
    if what == "gone":
        Path("table.csv").unlink()
    else:
        animals(90)
    predictor = Record(record.folder).predictor()
    assert predict_file(predictor, new).columns == before
    assert len(predictor.prepared.test) == 0
    wanted = "The data is missing" if what == "gone" else "The data has changed"
    assert str(predictor.prepared.gone).startswith(wanted)


def test_it_is_exported_too_and_says_on_what_it_was_compared(record: Record) -> None:
    Path("table.csv").unlink()
    proof = export(Record(record.folder), Path("a.onnx"))
    assert proof.made_up
    assert "The data is missing" in proof.caution
    assert "compared on random inputs within the range" in proof.caution
    text = json.loads(Path("a.onnx.proof.json").read_text(encoding="utf-8"))
    assert "random inputs" in text["compared_with"]


def test_exported_facts_say_how_a_row_is_made(record: Record) -> None:
    export(record, Path("a.safetensors"))
    facts = json.loads(Path("a.json").read_text(encoding="utf-8"))
    assert [one["name"] for one in facts["encoders"]["features"]] == ["weight", "colour", "born", "length"]


def test_a_run_of_a_former_version_learns_it_anew(record: Record) -> None:
    (record.folder / "preprocessing.json").unlink()
    found = predict_file(Record(record.folder).predictor(), without_target())
    assert len(found) == 200


def test_what_is_damaged_is_said(record: Record) -> None:
    (record.folder / "preprocessing.json").write_text('{"format": 1, "encoders": []}', encoding="utf-8")
    with pytest.raises(Trouble, match="What the run has kept of its data is damaged"):
        Record(record.folder).predictor()


def test_a_column_that_is_missing_is_said(record: Record) -> None:
    Path("new.csv").write_text("weight,colour,born\n1,red,2001-02-03\n2,red,2001-02-04\n", encoding="utf-8")
    with pytest.raises(Trouble, match=r"There is no column length, herd in new\.csv: the network was tr"):
        predict_file(record.predictor(), Path("new.csv"))
    with pytest.raises(Trouble, match=r"There is no file or folder nowhere\.csv"):
        predict_file(record.predictor(), Path("nowhere.csv"))


def test_rows_of_which_nothing_can_be_said_stay_and_are_counted() -> None:
    data = open_data(animals(), "length")
    weight = next(one for one in data.columns if one.name == "weight")
    data = with_column(data, weight.with_setting("type", weight.type.with_setting("missing", "drop")))
    record = trained(changed(data, herd="ignore", kind="ignore"))
    found = predict_file(record.predictor(), without_target())
    assert len(found) == 200
    assert found.columns["length predicted"][1] is None
    assert found.columns["length predicted"][0] is not None
    (left,) = found.skipped
    assert (str(left.reason), left.place, left.count) == ("weight is missing", "new.csv, row 2", 11)


def test_the_exported_python_takes_rows_as_they_stand_in_the_table(record: Record) -> None:
    """With plain Python it makes the very numbers that the engine makes."""
    export(record, Path("animals.py"))
    exported = runpy.run_path("animals.py")
    prepared = record.prepared
    raw = prepared.settings.source.read().columns  # type: ignore[attr-defined]  # a file's
    made = prepared.encode_raw(raw)
    as_read = [dict(zip(raw, one, strict=True)) for one in zip(*raw.values(), strict=True)]
    for rows in (rows_of("table.csv"), as_read):
        features, herd = exported["prepare"](rows)
        np.testing.assert_array_equal(features.numpy(), made["features"])
        np.testing.assert_array_equal(herd.numpy(), made["herd"])
    nobody = {"herd": "herd of nobody", "born": "not known"}
    new = prepared.encode_raw({name: np.array([nobody.get(name)], object) for name in raw})
    features, herd = exported["prepare"](nobody)
    np.testing.assert_array_equal(features.numpy(), new["features"])
    np.testing.assert_array_equal(herd.numpy(), new["herd"])
    said = exported["answer"](exported["load"]()(features, herd))
    assert said[0] in {"cat", "cow", "dog"}
    assert "engine" not in Path("animals.py").read_text(encoding="utf-8")
