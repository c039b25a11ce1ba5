"""Runs that go on: what comes out is what one training of that many epochs would have given."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.message import Trouble
from engine.project.project import Project
from engine.runs import reached
from engine.runs.record import Record
from engine.runs.resuming import continued, obstacle
from engine.runs.shelf import Shelf
from engine.runs.thread import Run
from engine.training.checkpoint import Checkpoint
from engine.training.reports import Evaluated, Progress
from tests.engine.projects import chain, layer, table, with_recipe


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "runs")


def trained(project: Project, shelf: Shelf, resumed: Record | None = None) -> Run:
    run = Run(project, shelf=shelf, resumed=resumed)
    run.start()
    assert run.wait(60)
    assert run.state == "finished"
    return run


def stopped(project: Project, shelf: Shelf, enough: Callable[[Run], bool]) -> Record:
    """A run that a person stopped as soon as enough was learnt."""
    run = Run(project, shelf=shelf)
    run.start()
    end = time.monotonic() + 30
    while not enough(run):
        assert time.monotonic() < end
        time.sleep(0.002)
    run.stop()
    assert run.wait(30)
    return shelf.run(run.number)


def same(one: Run, other: Run) -> bool:
    """Whether two runs ended with the same weights, bit for bit, after the same losses."""
    first, second = one.module().state_dict(), other.module().state_dict()
    return (
        all(first[name].equal(second[name]) for name in first)
        and (one.curves.arrays()["loss"] == other.curves.arrays()["loss"]).all()
    )


@pytest.mark.parametrize("keep_best", [True, False])
def test_a_finished_run_goes_on_as_if_it_had_been_asked_for_more(shelf: Shelf, keep_best: bool) -> None:
    short = table(epochs=3, batch_size=16, keep_best=keep_best)
    first = trained(short, shelf)
    record = shelf.run(first.number)
    assert reached.epochs(record) == 3
    project = continued(record, 6)
    assert project == with_recipe(short, epochs=6)
    on = trained(project, shelf, record)
    whole = trained(project, shelf)
    assert same(on, whole)
    assert shelf.run(on.number).data["resumed"] == first.number
    assert shelf.run(first.number).metrics == record.metrics, "the first run stays as it is"


def test_a_stopped_run_goes_on_in_the_midst_of_its_epoch(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.training.recorder.EVERY", 0.0)
    project = table(epochs=100_000, batch_size=16, keep_best=False)
    record = stopped(project, shelf, lambda run: any(isinstance(one, Progress) for one in run.poll()))
    epochs = int(reached.epochs(record) or 0) + 2
    project = continued(record, epochs)
    on, whole = trained(project, shelf, record), trained(project, shelf)
    assert same(on, whole)
    means = [[one.train for one in run.poll() if isinstance(one, Evaluated)] for run in (on, whole)]
    assert means[0] == [pytest.approx(one) for one in means[1][-len(means[0]) :]], "of the whole epoch"


def test_a_run_that_stopped_early_gets_its_patience_again(shelf: Shelf) -> None:
    project = table(epochs=200, patience=1, batch_size=16)
    record = shelf.run(trained(project, shelf).number)
    assert record.state == "early"
    on = trained(continued(record), shelf, record)
    before, after = reached.epochs(record), reached.epochs(shelf.run(on.number))
    assert before is not None
    assert after is not None
    assert after > before


def test_why_a_run_cannot_go_on_is_said(shelf: Shelf) -> None:
    record = shelf.run(trained(table(epochs=2), shelf).number)
    assert obstacle(record) is None
    with pytest.raises(Trouble, match=r"gone through 2 epochs, and 2 in all are asked for\. Ask for more"):
        continued(record)
    (record.folder / "checkpoint.pt").unlink()  # as earlier versions left it
    with pytest.raises(Trouble, match="no checkpoint in its folder, only its weights"):
        continued(record, 4)
    two = layer("Linear", out_features=8), layer("Linear", out_features=3)
    diverging = chain(*two, layer("Output"), optimiser={"kind": "SGD", "rate": 1e30})
    run = Run(diverging, shelf=shelf)
    run.start()
    assert run.wait(30)
    failed = shelf.run(run.number)
    assert failed.state == "failed"
    with pytest.raises(Trouble, match="failed and would fail again"):
        continued(failed, 40)


@pytest.mark.parametrize("error", [Trouble("the disk is full"), MemoryError()], ids=["disk", "memory"])
def test_a_full_disk_costs_no_more_than_what_going_on_needs(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def full(*_: object) -> None:
        raise error

    monkeypatch.setattr(Checkpoint, "write", full)
    record = shelf.run(trained(table(epochs=2), shelf).number)
    assert record.state == "done"
    assert record.weights()
    assert obstacle(record) is not None
