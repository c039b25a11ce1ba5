"""Runs from the shelf: the last one of a file that is opened again, an interrupted one that goes on, and one
that could not be saved.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from attrs import evolve
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine import edits
from engine.message import Trouble
from engine.project.project import Project
from engine.project.recipe import Recipe
from engine.runs import recording
from engine.runs.record import Record
from engine.runs.shelf import Shelf
from engine.runs.thread import Run
from engine.store import project_file
from engine.templates import template
from engine.training.reports import Finished, Started
from gui import settings
from gui.dialogs.go_on import GoOnDialog
from gui.document.workspace import Workspace
from gui.panels.runs.runs import RunsPanel
from gui.panels.training.standing import standing
from gui.panels.training.training import TrainingPanel
from gui.plots.run_curves import RunCurves
from gui.training import past_runs
from gui.training.recall import drawn, evaluations, recalled
from gui.training.trainer import Trainer
from gui.window.window import Window
from tests.gui.scripted import Stage, failed, finished, progress


def wine(epochs: int) -> Project:
    project = template("wine-mlp").project()
    return edits.set_recipe(project, evolve(project.recipe, epochs=epochs, threads=1, patience=None))


@pytest.fixture
def shelf(own_folders: Path) -> Shelf:
    settings.prefer(runs=str(own_folders / "runs"))
    return Shelf(own_folders / "runs")


def test_a_project_that_is_opened_again_shows_its_last_run(
    qtbot: QtBot, gui: QApplication, shelf: Shelf, tmp_path: Path
) -> None:
    file = tmp_path / "wine.loom"
    project_file.save(wine(3), file)
    run = Run(wine(3), shelf=shelf, path=file)
    run.start()
    assert run.wait(60)
    work = Workspace()
    trainer = Trainer(work)
    panel = TrainingPanel(work, trainer)
    qtbot.addWidget(panel)
    panel.resize(1200, 240)
    panel.show()
    with qtbot.waitSignal(trainer.last_runs.recalled, timeout=20_000):
        document = work.open(file)
    curves = trainer.last_runs.curves_of(document)
    assert curves is not None
    assert (curves.lines["loss"].raw.values == run.curves.arrays()["loss"]).all()
    assert len(curves.points["loss"]) == 3
    assert panel.run is curves
    assert not panel.live
    assert panel.charts[0].trace is not None, "the curves are drawn"
    assert "Run 1" in panel.figures.text()
    kept = trainer.last_runs.weights_of(document)
    assert kept is not None
    assert kept.folder == run.saved


def test_what_a_run_told_comes_out_of_the_shelf_as_it_went_in(shelf: Shelf) -> None:
    run = Run(wine(4), shelf=shelf)
    run.start()
    assert run.wait(60)
    live = RunCurves(run.curves)
    live.update(run.poll())
    again = recalled(shelf.runs()[0], 0.94).curves
    assert again.names == live.names
    for name, line in live.lines.items():
        assert (again.lines[name].raw.values == line.raw.values).all()
    for name, points in live.points.items():
        assert (again.points[name].values.values == points.values.values).all()
        assert (again.points[name].steps.values == points.steps.values).all()
    assert (again.epochs, again.epoch, again.best) == (live.epochs, live.epoch, live.best)
    assert isinstance(again.end, Finished)
    assert isinstance(live.end, Finished)
    assert evolve(again.end, seconds=0.0) == evolve(live.end, seconds=0.0), "the shelf keeps milliseconds"


def test_a_run_of_many_reports_loses_no_step() -> None:
    steps = np.arange(10, 100_001, 10, dtype=np.float64)
    seconds = np.concatenate((steps[:5000], steps[:5000])) / 1000
    arrays = {
        "loss": np.linspace(2, 1, 100_000, dtype=np.float32),
        "step": steps,
        "rate": np.ones(10_000),
        "gradient_norm": np.full(10_000, np.nan),
        "seconds": seconds,
        "evaluated": np.array([50_000.0, 100_000.0]),
        "epoch": np.array([1.0, 2.0]),
        "validation.loss": np.array([0.5, 0.7]),
    }
    run = drawn(arrays, Started(1, 50_000, 100_000, 2, "cpu", 1, "eager", {}, ()), 0.9)
    assert len(run) == 100_000
    assert run.lines["loss"].raw.values.tolist() == arrays["loss"].tolist()
    assert np.all(np.diff(run.along("time", steps)) > 0), "time goes on after an interruption"
    assert run.last is not None
    assert (run.last.step, run.last.epoch, run.last.gradient_norm) == (100_000, 2.0, None)
    assert run.last.seconds == pytest.approx(100.0)
    assert [report.best for report in evaluations(arrays, Recipe())] == [True, False]
    assert [report.step for report in evaluations(arrays, Recipe(), until=60_000)] == [50_000]
    watching = evaluations(arrays | {"validation.accuracy": np.array([0.5, 0.75])}, Recipe(watch="accuracy"))
    assert [report.best for report in watching] == [True, True], "more of an accuracy is better"


def test_an_interrupted_run_goes_on_from_the_list(
    qtbot: QtBot, gui: QApplication, shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recording, "WRITTEN", 0.0)
    other = Shelf(tmp_path / "elsewhere")
    run = Run(wine(300), shelf=other)
    run.start()
    part = other.folder / "0001.part"
    qtbot.waitUntil(lambda: len(Record(part).curves().get("loss", ())) > 15, timeout=30_000)
    qtbot.waitUntil(lambda: Record(part).checkpoint().step > 15, timeout=30_000)
    # as it would lie there if the process were killed now
    shutil.copytree(part, shelf.folder / "0001.part", ignore=shutil.ignore_patterns("lock*", ".*"))
    run.stop()
    assert run.wait(60)
    work = Workspace()
    trainer = Trainer(work)
    panel = RunsPanel(work, trainer)
    qtbot.addWidget(panel)
    qtbot.addWidget(panel.corner)
    panel.show()
    qtbot.waitUntil(lambda: len(panel.model.rows) == 1, timeout=20_000)
    panel.choose(1)
    step = shelf.runs()[0].checkpoint().step
    (row,) = panel.model.rows
    assert row.epochs is not None
    assert row.epochs * shelf.runs()[0].data["steps_per_epoch"] >= step
    metrics = panel.table.fontMetrics()
    for place, name in enumerate(panel.model.COLUMNS[:-1]):
        text = panel.model.text(row, name)
        assert panel.table.columnWidth(place) >= min(320, metrics.horizontalAdvance(text) + 16), name
    assert panel.model.text(row, "epochs").endswith(" of 300")
    past_runs.open_run(work, trainer, shelf.runs()[0])
    qtbot.waitUntil(lambda: trainer.last_runs.curves_of(work.current) is not None, timeout=20_000)
    past = trainer.last_runs.curves_of(work.current)
    assert past is not None
    assert len(past) >= step, "what it learnt before is drawn"
    stands = standing(trainer, work.current, past, False)
    assert stands.words.startswith("run 1 interrupted, weights of epoch ")
    training = TrainingPanel(work, trainer)
    qtbot.addWidget(training)
    qtbot.addWidget(training.corner)
    assert panel.buttons["go_on"].isEnabled()
    assert training.go_on.isEnabled()
    training.go_on_wanted.connect(lambda record: past_runs.go_on(work, trainer, record, 300))
    with qtbot.waitSignal(trainer.finished, timeout=60_000):
        training.go_on.click()
        qtbot.waitUntil(lambda: not training.go_on.isEnabled(), timeout=20_000)
        qtbot.waitUntil(lambda: len(trainer.last_runs.curves_of(work.current) or ()) > step, timeout=20_000)
        trainer.stop()
    assert work.current.project == wine(300)
    curves = trainer.last_runs.curves_of(work.current)
    assert curves is not None
    record = shelf.runs()[0]
    assert record.data["resumed"] == 1
    assert (curves.lines["loss"].raw.values == record.curves()["loss"]).all(), "also the steps before"
    assert len(curves) > step
    places = curves.along("time", np.arange(1, len(curves) + 1))
    assert np.all(np.diff(places) >= 0)


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two runs of one network: of three epochs, and of two."""
    folder = tmp_path_factory.mktemp("trained")
    for epochs in (3, 2):
        run = Run(wine(epochs), shelf=Shelf(folder))
        run.start()
        assert run.wait(60)
    return folder


@pytest.fixture
def two_runs(shelf: Shelf, trained: Path) -> Shelf:
    """Two runs of one network on the shelf: of three epochs, and of two."""
    shutil.copytree(trained, shelf.folder)
    return shelf


@pytest.fixture
def window(qtbot: QtBot, gui: QApplication, two_runs: Shelf) -> Window:
    window = Window()
    qtbot.addWidget(window, before_close_func=give_up)
    window.resize(1500, 900)
    with qtbot.waitExposed(window):
        window.show()
    window.new()
    return window


def give_up(window: Window) -> None:
    """Close everything without a question."""
    for document in window.session.workspace.documents:
        window.session.workspace.close(document)


def chosen(qtbot: QtBot, window: Window, number: int) -> RunsPanel:
    """The list of runs, with that one chosen."""
    docks = window.editor.docks
    docks.show_panel("runs")
    panel = docks.panel("runs")
    assert isinstance(panel, RunsPanel)
    qtbot.waitUntil(lambda: any(row.number == number for row in panel.model.rows), timeout=20_000)
    panel.choose(number)
    return panel


def test_past_runs_are_opened_with_their_curves_under_names_that_tell_them_apart(
    qtbot: QtBot, window: Window
) -> None:
    work, last_runs = window.session.workspace, window.session.trainer.last_runs
    for number in (1, 2):
        chosen(qtbot, window, number).buttons["open"].click()
    tabs = window.editor.tabs
    assert [tabs.tabText(place) for place in range(tabs.count())] == ["Wine MLP, run 1", "Wine MLP, run 2"]
    assert window.windowTitle() == "Wine MLP, run 2[*] – Layerloom"
    qtbot.waitUntil(lambda: all(last_runs.curves_of(one) for one in work.documents), timeout=20_000)
    window.editor.docks.show_panel("training")
    training = window.editor.docks.panel("training")
    assert isinstance(training, TrainingPanel)
    for document, epochs in zip(work.documents, (3, 2), strict=True):
        work.switch(document)
        assert training.run is not None
        assert len(training.run.points["loss"]) == epochs
        assert training.charts[0].trace is not None, "the curves are drawn"
        assert f"Run {document.run_number}" in training.figures.text()
        assert "weights of epoch" in window.tool_bar.run_bar.standing.words
        assert last_runs.weights_of(document) is not None, "Try and export have its weights"
    chosen(qtbot, window, 1).buttons["open"].click()
    assert work.current is work.documents[0], "what is open comes to the front"
    assert len(work.documents) == 2


def test_a_finished_run_goes_on_to_more_epochs(
    qtbot: QtBot, window: Window, two_runs: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = window.session

    def answer(dialog: GoOnDialog) -> int:
        assert dialog.epochs.value() == 4, "as many again as it had"
        assert dialog.epochs.lo == 3, "more than it had"
        dialog.epochs.set_value(5)
        return 1

    monkeypatch.setattr(GoOnDialog, "exec", answer)
    panel = chosen(qtbot, window, 2)
    with qtbot.waitSignal(session.trainer.finished, timeout=60_000):
        panel.buttons["go_on"].click()
    assert session.workspace.current.tab_title == "Wine MLP, run 3"
    record = two_runs.run(3)
    assert (record.data["resumed"], record.project.recipe.epochs) == (2, 5)
    assert len(record.curves()["evaluated"]) == 5
    curves = session.trainer.last_runs.curves_of(session.workspace.current)
    assert curves is not None
    assert len(curves.points["loss"]) == 5, "those before as well"
    monkeypatch.setattr(GoOnDialog, "exec", lambda dialog: 0)
    session.commands["go_on"].trigger()
    assert not session.trainer.running, "nothing goes on that a person does not want"
    document = session.workspace.current
    past_runs.go_on(session.workspace, session.trainer, record, 6)
    assert session.workspace.current is document, "the network is there already"
    assert document.project.recipe.epochs == 6
    with qtbot.waitSignal(session.trainer.finished, timeout=60_000):
        pass
    assert two_runs.run(4).data["resumed"] == 3


def test_the_run_that_goes_on_is_shown_where_it_is_trained(
    qtbot: QtBot, window: Window, two_runs: Shelf
) -> None:
    session = window.session
    document = session.workspace.new(wine(100_000))
    assert session.trainer.train(document)
    qtbot.waitUntil(
        lambda: session.trainer.run is not None and session.trainer.run.number == 3, timeout=20_000
    )
    panel = chosen(qtbot, window, 3)
    session.workspace.new(wine(1))
    panel.buttons["open"].click()
    assert session.workspace.current is document
    session.trainer.stop()
    qtbot.waitUntil(lambda: not session.trainer.running, timeout=20_000)


def test_why_a_run_cannot_go_on_is_said_at_the_button(qtbot: QtBot, window: Window, two_runs: Shelf) -> None:
    (two_runs.run(1).folder / "checkpoint.pt").unlink()  # as earlier versions left it
    panel = chosen(qtbot, window, 1)
    assert not panel.buttons["go_on"].isEnabled()
    assert "no checkpoint" in panel.buttons["go_on"].toolTip()
    assert panel.buttons["open"].isEnabled()
    panel.choose(2)
    assert panel.buttons["go_on"].isEnabled()


def test_a_run_that_could_not_be_saved_can_be_saved_again(qtbot: QtBot, tmp_path: Path) -> None:
    stage = Stage()
    document = stage.workspace.current
    run = stage.train()
    answers: list[object] = [Trouble("the disk is full"), tmp_path]

    def save() -> Path:
        answer = answers.pop(0)
        if isinstance(answer, Trouble):
            raise answer
        assert isinstance(answer, Path)
        return answer

    run.unsaved, run.save = True, save  # type: ignore[attr-defined]
    run.told.append(progress(1, 10))
    with qtbot.waitSignal(stage.trainer.unsaved.waiting):
        run.end(failed(text="The run could not be saved."))
    assert stage.trainer.last_runs.weights_of(document) is None
    with qtbot.waitSignal(stage.trainer.unsaved.waiting):
        stage.trainer.unsaved.save()
    assert "the disk is full" in stage.notices
    with qtbot.waitSignal(stage.trainer.unsaved.saved):
        stage.trainer.unsaved.save()
    kept = stage.trainer.last_runs.weights_of(document)
    assert kept is not None
    assert kept.folder == tmp_path
    stage.trainer.unsaved.save()
    assert answers == [], "what is saved is not saved again"


def test_a_run_that_was_saved_offers_nothing(qtbot: QtBot) -> None:
    stage = Stage()
    offered: list[object] = []
    stage.trainer.unsaved.waiting.connect(offered.append)
    stage.train().end(finished())
    qtbot.waitUntil(lambda: not stage.trainer.running)
    assert offered == []
