"""One run in the process: who may start another, what reaches whom, and that nothing is lost when it
fails.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from attrs import evolve
from pytestqt.qtbot import QtBot

from engine import edits
from engine.message import Message, Trouble
from engine.training.reports import Changed
from gui.training.trainer import Trainer
from tests.gui.scripted import Stage, evaluated, failed, finished, progress, project, started


@pytest.fixture
def stage(qtbot: QtBot) -> Stage:
    return Stage()


def over(qtbot: QtBot, stage: Stage) -> None:
    qtbot.waitUntil(lambda: not stage.trainer.running)


def test_a_run_tells_and_is_over(qtbot: QtBot, stage: Stage) -> None:
    told: list[object] = []
    stage.trainer.reports.connect(told.extend)
    run = stage.train()
    assert stage.trainer.state == "starting"
    run.told += [progress(1, 10), evaluated(1, 0.5)]
    qtbot.waitUntil(lambda: stage.trainer.state == "running")
    qtbot.waitUntil(lambda: len(told) == 3)
    curves = stage.trainer.curves
    assert curves is not None
    assert (curves.number, len(curves), curves.epoch) == (14, 10, 1.0)
    with qtbot.waitSignal(stage.trainer.finished):
        run.end(finished())
    assert stage.trainer.state == "done"
    assert stage.trainer.last_runs.curves_of(stage.workspace.current) is curves


def test_what_is_told_last_is_heard_although_the_run_is_over(qtbot: QtBot, stage: Stage) -> None:
    run = stage.train()
    run.told += [progress(1, 40), evaluated(4, 0.1)]
    run.end(finished("early", 3.0))
    over(qtbot, stage)
    assert stage.trainer.state == "early"
    assert len(stage.trainer.curves or ()) == 40


def test_pause_resume_and_stop_reach_the_run_once(qtbot: QtBot, stage: Stage) -> None:
    run = stage.train()
    stage.trainer.pause()
    stage.trainer.pause()
    assert stage.trainer.paused
    stage.trainer.resume()
    stage.trainer.resume()
    stage.trainer.stop()
    stage.trainer.stop()
    assert run.asked == ["pause", "resume", "stop"]
    assert stage.trainer.state == "stopping"
    run.end(finished("stopped", 1.0))
    over(qtbot, stage)
    assert stage.trainer.state == "stopped"
    stage.trainer.pause()
    stage.trainer.stop()
    assert run.asked == ["pause", "resume", "stop"], "a run that is over is left alone"


def test_a_second_run_asks_and_cancelling_changes_nothing(qtbot: QtBot, stage: Stage) -> None:
    first = stage.train()
    stage.answers = [""]
    assert not stage.trainer.train(stage.workspace.current)
    assert stage.questions == ["Digits CNN is training"]
    assert stage.runs == [first]
    assert first.asked == []
    first.end(finished())
    over(qtbot, stage)


def test_a_second_run_starts_when_the_first_has_stopped(qtbot: QtBot, stage: Stage) -> None:
    first = stage.train()
    other = stage.workspace.new(project("Wine MLP"))
    stage.answers = ["stop"]
    assert stage.trainer.train(other)
    assert first.asked == ["stop"]
    assert len(stage.runs) == 1, "the first has not stopped yet"
    first.end(finished("stopped"))
    qtbot.waitUntil(lambda: len(stage.runs) == 2)
    assert stage.trainer.run_document is other
    stage.run.end(finished())
    over(qtbot, stage)


def test_a_late_report_of_an_old_run_never_reaches_a_new_one(qtbot: QtBot, stage: Stage) -> None:
    first = stage.train(number=1)
    stage.answers = ["stop"]
    stage.trainer.train(stage.workspace.current)
    first.end(finished("stopped", number=1))
    qtbot.waitUntil(lambda: len(stage.runs) == 2)
    first.told = [progress(1, 40), finished(number=1)]
    stage.run.told = [started(2), progress(1, 10)]
    qtbot.waitUntil(lambda: len(stage.trainer.curves or ()) > 0)
    assert len(stage.trainer.curves or ()) == 10
    assert stage.trainer.curves is not None
    assert stage.trainer.curves.number == 2
    stage.run.end(finished(number=2))
    over(qtbot, stage)


def test_a_failure_selects_the_layer_and_says_why(qtbot: QtBot, stage: Stage) -> None:
    document = stage.workspace.current
    revealed: list[object] = []
    stage.workspace.reveal.connect(revealed.append)
    run = stage.train()
    run.told += [progress(1, 10), evaluated(1, 0.5)]
    other = stage.workspace.new(project("Another"))
    assert stage.workspace.current is other
    run.end(failed("n1"))
    over(qtbot, stage)
    assert stage.trainer.state == "failed"
    assert stage.workspace.current is document
    assert document.selection == {"n1"}
    assert revealed == [frozenset({"n1"})]
    assert stage.notices == ["The loss is no longer finite."]
    curves = stage.trainer.last_runs.curves_of(document)
    assert curves is not None
    assert len(curves) == 10, "what was told before is kept"


def test_a_run_that_ends_without_a_word_is_told(qtbot: QtBot, stage: Stage) -> None:
    stage.train().end()
    over(qtbot, stage)
    assert stage.trainer.state == "failed"
    assert len(stage.notices) == 1


def test_a_run_that_cannot_start_is_a_sentence(qtbot: QtBot, stage: Stage) -> None:
    def refuse(document: object) -> None:
        raise Trouble("There is no Output.")

    trainer = Trainer(stage.workspace, refuse)  # type: ignore[arg-type]  # it never makes a run
    assert not trainer.train(stage.workspace.current)
    assert stage.notices == ["There is no Output."]
    assert trainer.state == "ready"


def test_where_the_weights_lie_is_remembered_for_each_document(
    qtbot: QtBot, stage: Stage, tmp_path: Path
) -> None:
    first = stage.workspace.current
    stage.train().end(finished(run=str(tmp_path), epoch=3.0))
    over(qtbot, stage)
    other = stage.workspace.new(project("Another"))
    kept = stage.trainer.last_runs.weights_of(first)
    assert kept is not None
    assert (kept.folder, kept.number, kept.epoch) == (tmp_path, 14, 3.0)
    assert stage.trainer.last_runs.weights_of(other) is None
    tmp_path.rmdir()
    assert stage.trainer.last_runs.weights_of(first) is None, "a folder that was deleted holds no weights"


def test_closing_a_document_stops_its_run(qtbot: QtBot, stage: Stage) -> None:
    document = stage.workspace.current
    run = stage.train()
    stage.workspace.new(project("Another"))
    stage.workspace.close(document)
    assert run.asked == ["stop"]
    run.end(finished("stopped"))
    over(qtbot, stage)
    assert stage.trainer.last_runs.curves_of(document) is None


def test_a_recipe_is_taken_over_while_it_trains(qtbot: QtBot, stage: Stage) -> None:
    run = stage.train()
    run.told += [progress(1, 10), evaluated(1, 0.5)]
    qtbot.waitUntil(lambda: stage.trainer.state == "running")
    document = stage.workspace.current
    trained = document.in_training
    assert trained is not None
    wanted = evolve(document.project.recipe, batch_size=64, epochs=9)
    document.do(edits.set_recipe, wanted, label=Message("Set"))
    stage.trainer.change(document)
    assert run.asked[-1] == "change"
    before = trained.recipe
    run.told.append(Changed(10, 1.0, {"batch_size": (before.batch_size, 64), "epochs": (before.epochs, 9)}))
    qtbot.waitUntil(lambda: document.in_training is not trained)
    assert document.in_training is not None
    assert document.in_training.recipe == wanted
    curves = stage.trainer.curves
    assert curves is not None
    assert (curves.epochs, len(curves.changes)) == (9, 1)
    run.told += [progress(11, 14), evaluated(2, 0.4)]
    qtbot.waitUntil(lambda: len(curves) == 14)
    assert curves.along("epoch", 10) == pytest.approx(1.0)
    run.end(finished())
    over(qtbot, stage)


def test_another_document_changes_nothing(qtbot: QtBot, stage: Stage) -> None:
    run = stage.train()
    stage.trainer.change(stage.workspace.new(project()))
    assert "change" not in run.asked
    run.end(finished())
    over(qtbot, stage)
