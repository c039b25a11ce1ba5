"""What is changed while it trains: it counts from that step on, is told, written down, and gone on with."""

from __future__ import annotations

import json
import shutil
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
import torch

from engine.kinds import registry
from engine.optim.optimiser import Optimiser
from engine.project.project import Project
from engine.project.recipe import Recipe
from engine.runs import reached
from engine.runs.record import Record
from engine.runs.recording import Recording
from engine.runs.resuming import continued
from engine.runs.shelf import Shelf
from engine.training.changes import RATE, adopted, changes
from engine.training.checkpoint import Checkpoint
from engine.training.control import Control
from engine.training.reports import Changed, Evaluated, Finished, Progress, Report
from engine.training.train import Trained, train
from tests.engine.projects import table, with_recipe

SGD = registry(Optimiser)["SGD"]
STEPS = 6  # an epoch


@pytest.fixture(autouse=True)
def _every_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.training.recorder.EVERY", 0.0)
    monkeypatch.setattr("engine.training.rollback.SHARE", 0)


def net(**recipe: Any) -> Project:
    settings = {"epochs": 4, "batch_size": 16, "keep_best": False, "optimiser": SGD(rate=0.1), **recipe}
    return table(**settings)


def trained(project: Project, at: int, wanted: Recipe, **options: Any) -> tuple[list[Report], Trained]:
    """A training in which a person changes the recipe after so many steps."""
    control, reports = Control(), []
    training = train(project, control=control, **options)
    while True:
        try:
            reports.append(next(training))
        except StopIteration as end:
            return reports, end.value
        if isinstance(reports[-1], Progress) and reports[-1].step == at:
            control.change(wanted)


def ended(training: Generator[Report, None, Trained]) -> Trained:
    while True:
        try:
            next(training)
        except StopIteration as end:
            result: Trained = end.value
            return result


def losses(reports: list[Report]) -> list[float]:
    return [loss for one in reports if isinstance(one, Progress) for loss in one.losses]


def same(one: Trained, two: Trained) -> bool:
    first, second = one.built.module.state_dict(), two.built.module.state_dict()
    return all(torch.equal(first[name], second[name]) for name in first)


def test_only_what_can_change_is_taken_over() -> None:
    now = Recipe(optimiser=SGD(rate=0.1), clip=1.0)
    wanted = Recipe(optimiser=SGD(rate=0.2, momentum=0.1), batch_size=64, patience=3, seed=9, clip=None)
    found = {one.setting: (one.before, one.after) for one in changes(now, wanted)}
    assert found == {RATE: (0.1, 0.2), "batch_size": (32, 64), "patience": (None, 3)}
    after = adopted(now, {name: value for name, (_, value) in found.items()})
    assert after == Recipe(optimiser=SGD(rate=0.2), batch_size=64, patience=3, clip=1.0)
    assert changes(now, Recipe(clip=1.0)) == (), "another optimiser is no other rate"
    assert changes(now, now) == ()


def test_a_rate_counts_from_the_next_step_on() -> None:
    project = net()
    wanted = with_recipe(project, optimiser=SGD(rate=0.01)).recipe
    reports, _ = trained(project, 8, wanted)
    usual = losses(list(train(project)))
    assert losses(reports)[:9] == usual[:9], "the ninth step begins with the same weights"
    assert losses(reports)[9:] != usual[9:]
    (told,) = [one for one in reports if isinstance(one, Changed)]
    assert (told.step, told.settings) == (8, {RATE: (0.1, 0.01)})
    assert told.epoch == pytest.approx(8 / STEPS)
    assert {one.rate for one in reports if isinstance(one, Progress) and one.step > 8} == {0.01}


def test_a_batch_size_counts_from_the_next_epoch_on() -> None:
    project = net()
    reports, result = trained(project, 8, with_recipe(project, batch_size=48).recipe)
    ends = [one.step for one in reports if isinstance(one, Evaluated)]
    assert ends == [STEPS, 2 * STEPS, 2 * STEPS + 2, 2 * STEPS + 4]
    assert result.epochs == 4


def test_when_to_stop_can_be_changed_both_ways() -> None:
    project = net(epochs=50)
    _, early = trained(project, 3, with_recipe(project, epochs=2).recipe)
    assert (early.reason, early.step) == ("done", 2 * STEPS)
    _, goal = trained(project, 3, with_recipe(project, goal=100.0).recipe)
    assert (goal.reason, goal.step) == ("goal", STEPS)
    _, patient = trained(project, 3, with_recipe(project, patience=1, least_change=9.0).recipe)
    assert (patient.reason, patient.step) == ("early", 2 * STEPS)


@pytest.mark.parametrize("position", [9, 11, 13])
def test_what_was_changed_goes_on_from_a_checkpoint_without_another_bit(position: int) -> None:
    """In the epoch of the change, whose batches are the old ones, and after it."""
    project, after = net(), {"optimiser": SGD(rate=0.02), "batch_size": 40}
    wanted = with_recipe(project, **after).recipe
    kept: list[Checkpoint] = []
    _, whole = trained(project, 8, wanted, on_checkpoint=kept.append)
    middle = next(one for one in kept if one.step == position)
    (first,) = [one for one in kept if one.step == 8 and one.samples_a_step == 16][-1:]
    for checkpoint in (middle, first):
        assert same(ended(train(with_recipe(project, **after), checkpoint=checkpoint)), whole)


def test_a_run_remembers_what_was_changed_and_when(tmp_path: Path) -> None:
    project, control = net(), Control()
    wanted = with_recipe(project, optimiser=SGD(rate=0.02), batch_size=40, epochs=5).recipe
    for report in Recording(project, Shelf(tmp_path)).train(control):
        if isinstance(report, Progress) and report.step == 8:
            control.change(wanted)
        last = report
    assert isinstance(last, Finished)
    record = Record(last.run)
    assert record.problem is None
    (change,) = record.changes
    assert (change["step"], change["settings"]) == (
        8,
        {RATE: [0.1, 0.02], "epochs": [4, 5], "batch_size": [16, 40]},
    )
    assert record.project == project, "it was begun so"
    assert reached.epochs(record) == 5
    ends = {"reason", "steps", "epochs", "kept_epoch"}
    facts = {key: value for key, value in record.data.items() if key not in ends}
    killed = Path(shutil.copytree(last.run, tmp_path / "killed"))
    (killed / "run.json").write_text(json.dumps({**facts, "reason": None}))
    assert Record(killed).state == "interrupted"
    assert reached.epochs(Record(killed)) == 5, "as its curves tell"
    on = continued(record, 6)
    assert on.recipe == with_recipe(project, optimiser=SGD(rate=0.02), batch_size=40, epochs=6).recipe
    for report in Recording(on, Shelf(tmp_path), resumed=record).train(Control()):
        last = report
    assert Record(last.run).changes == record.changes, "the history goes with it"
    assert reached.epochs(Record(last.run)) == 6
