"""Trying a network on a row of a person's own table, in its own terms, and on a whole file."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from attrs import evolve
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine.data.opening import open_data
from engine.project.project import Project
from engine.runs.record import Record
from engine.runs.shelf import Shelf
from engine.runs.thread import Run
from engine.templates.suggest import suggest
from gui import settings
from gui.controls import ChoiceField, NumberField, TextField
from gui.document.workspace import Workspace
from gui.panels.predict.panel import TryPanel
from gui.training.trainer import Trainer
from tests.engine.data.test_own_tables import animals


@pytest.fixture
def project(own_folders: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A network that has learnt to tell animals apart."""
    monkeypatch.chdir(tmp_path)
    settings.prefer(runs=str(tmp_path / "runs"))
    made = suggest(open_data(animals(), "kind")).project
    made = evolve(made, recipe=made.recipe.with_setting("epochs", 15).with_setting("threads", 1))
    run = Run(made, shelf=Shelf(tmp_path / "runs"))
    run.start()
    assert run.wait(60)
    return made


def opened(qtbot: QtBot, project: Project) -> TryPanel:
    work = Workspace(project)
    panel = TryPanel(work, Trainer(work))
    for widget in (panel, panel.corner):
        qtbot.addWidget(widget)
        widget.show()
    panel.resize(1200, 300)
    qtbot.waitUntil(lambda: bool(panel.answers) and panel.answers[0].answer is not None, timeout=20_000)
    return panel


def test_a_row_stands_in_a_form_in_the_terms_of_the_table(
    qtbot: QtBot, gui: QApplication, project: Project
) -> None:
    panel = opened(qtbot, project)
    assert panel.record is not None
    fields = panel.record.fields
    assert {name: type(field) for name, field in fields.items()} == {
        "weight": NumberField,
        "colour": ChoiceField,
        "born": TextField,
        "herd": ChoiceField,
        "length": NumberField,
    }
    with open("table.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    network = panel.network
    assert network is not None
    test = network.predictor.prepared.test.rows
    shown = rows[int(test[panel.index])]
    assert fields["herd"].value() == shown["herd"]
    assert fields["length"].value() == pytest.approx(float(shown["length"]))
    assert panel.answers[0].answer is not None
    assert panel.answers[0].answer.truth is not None


def test_what_is_typed_is_answered_at_once(qtbot: QtBot, gui: QApplication, project: Project) -> None:
    panel = opened(qtbot, project)
    assert panel.record is not None
    for weight, kind in ((0.0, "cat"), (20.0, "cow")):
        field = panel.record.fields["weight"]
        field.set_value(weight)
        field.value_changed.emit(weight)
        qtbot.waitUntil(lambda kind=kind: f"says {kind}" in panel.answers[0].headline(), timeout=10_000)
    assert panel.own
    assert panel.corner.position.text() == "Your own sample"


def test_a_whole_file_is_answered(qtbot: QtBot, gui: QApplication, project: Project) -> None:
    panel = opened(qtbot, project)
    assert panel.corner.file.isVisible()
    panel.predict_file(Path("table.csv"), Path("answers.csv"))
    qtbot.waitUntil(lambda: Path("answers.csv").exists() and panel.banner.isVisible(), timeout=10_000)
    assert "answers.csv holds the answers for 200 rows." in panel.banner.text.text()
    with open("answers.csv", newline="", encoding="utf-8") as file:
        assert next(iter(csv.DictReader(file)))["kind predicted"] in {"cat", "cow", "dog"}


def test_where_the_data_is_gone_a_usual_row_is_tried(
    qtbot: QtBot, gui: QApplication, project: Project, tmp_path: Path
) -> None:
    Path("table.csv").unlink()
    panel = opened(qtbot, project)
    assert panel.record is not None
    fill = Record(next((tmp_path / "runs").glob("0001-*"))).prepared.encoders["features"][0].fitted["fill"]
    assert panel.record.fields["weight"].value() == pytest.approx(fill)
    assert panel.answers[0].answer is not None
    assert panel.answers[0].answer.truth is None
