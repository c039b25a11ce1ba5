"""The run in one line: what it says at every stage, and what it drops when there is little room."""

from __future__ import annotations

import pytest
from attrs import evolve
from pytestqt.qtbot import QtBot

from engine.message import Message
from gui.panels.training.runbar import RunBar
from tests.gui.scripted import Stage, evaluated, failed, finished, progress, project


@pytest.fixture
def stage(qtbot: QtBot) -> Stage:
    return Stage(epochs=4)


@pytest.fixture
def bar(qtbot: QtBot, gui: object, stage: Stage) -> RunBar:
    bar = RunBar(stage.workspace, stage.trainer)
    qtbot.addWidget(bar)
    bar.resize(900, 28)
    bar.show()
    return bar


def test_before_a_run_it_shows_what_the_recipe_asks_for(bar: RunBar) -> None:
    assert bar.text() == "Epoch 0 of 4, ready"
    assert bar.segments.total() == 4


def test_while_a_run_goes_on_it_tells_epoch_speed_and_time_left(
    qtbot: QtBot, bar: RunBar, stage: Stage
) -> None:
    run = stage.train()
    run.told += [progress(1, 20), evaluated(2, 0.5)]
    qtbot.waitUntil(lambda: "improving" in bar.text())
    assert bar.text() == "Epoch 2 of 4, Speed 20.0 steps/s, ETA 0:01, run 14, improving"
    assert bar.standing.dot == "success"
    run.told += [progress(21, 30), evaluated(3, 0.9, best=False)]
    qtbot.waitUntil(lambda: "run 14, best at epoch 2" in bar.text())
    assert bar.standing.dot == "warning"
    run.end(finished())
    qtbot.waitUntil(lambda: "done" in bar.text())
    assert bar.text() == "Epoch 3 of 4, run 14 done, weights of epoch 4 kept"


def test_paused_stopping_and_stopped_are_words(qtbot: QtBot, bar: RunBar, stage: Stage) -> None:
    run = stage.train()
    qtbot.waitUntil(lambda: stage.trainer.state == "running")
    stage.trainer.pause()
    assert bar.text().endswith("run 14 paused")
    stage.trainer.resume()
    stage.trainer.stop()
    assert bar.text().endswith("run 14 stopping")
    run.end(finished("stopped"))
    qtbot.waitUntil(lambda: bar.text().endswith("run 14 stopped, everything kept"))


def test_a_failure_stands_there_with_its_reason(qtbot: QtBot, bar: RunBar, stage: Stage) -> None:
    stage.train().end(failed())
    qtbot.waitUntil(lambda: not stage.trainer.running)
    assert bar.standing.words == "run 14 failed: The loss is no longer finite."
    assert bar.standing.dot == "error"
    assert bar.toolTip() == bar.standing.words, "it can be read whole where the bar is narrow"


def test_a_run_that_went_through_oddly_says_so(qtbot: QtBot, bar: RunBar, stage: Stage) -> None:
    warning = Message("The loss grew from 2.3 to 1e+30.")
    stage.train().end(evolve(finished(), warning=warning))
    qtbot.waitUntil(lambda: not stage.trainer.running)
    assert bar.standing.words == f"run 14 done, weights of epoch 4 kept. {warning}"
    assert bar.standing.dot == "warning"


def test_a_run_of_another_network_is_named(qtbot: QtBot, bar: RunBar, stage: Stage) -> None:
    run = stage.train()
    qtbot.waitUntil(lambda: stage.trainer.state == "running")
    stage.workspace.new(project("Wine MLP"))
    assert "run 14 of Digits CNN training" in bar.text()
    run.end(finished())
    qtbot.waitUntil(lambda: not stage.trainer.running)
    assert bar.text() == "Epoch 0 of 4, ready", "the network in front has not been trained"


def test_narrow_it_drops_speed_and_then_the_time_left(qtbot: QtBot, bar: RunBar, stage: Stage) -> None:
    run = stage.train()
    run.told += [progress(1, 20), evaluated(2, 0.5)]
    qtbot.waitUntil(lambda: "improving" in bar.text())
    hidden = []
    for width in (900, 430, 300):
        bar.resize(width, 28)
        hidden.append(set(bar.hidden))
        assert bar.segments.width() >= 40, "the progress itself never goes"
    assert hidden == [set(), {"speed"}, {"speed", "eta"}]
    assert not bar.grab().isNull()
    run.end(finished())
    qtbot.waitUntil(lambda: not stage.trainer.running)
