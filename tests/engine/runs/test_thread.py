from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.data.prepare import prepare
from engine.kinds import registry
from engine.losses.loss import Loss
from engine.message import Trouble
from engine.project.project import Project
from engine.runs.recording import Recording
from engine.runs.shelf import Shelf
from engine.runs.thread import Run
from engine.store import project_file
from engine.training.control import Control
from engine.training.reports import Evaluated, Failed, Finished, Progress, Report, Started
from tests.engine.projects import chain, layer, node, table, with_recipe

ENDLESS = 100_000


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "runs")


def until(run: Run, wanted: Callable[[list[Report]], bool], seconds: float = 30) -> list[Report]:
    """Poll until the reports so far are what is wanted."""
    found: list[Report] = []
    end = time.monotonic() + seconds
    while not wanted(found):
        assert time.monotonic() < end, f"{run.state}, {found[-1:]}"
        found += run.poll()
        time.sleep(0.005)
    return found


def ended(run: Run) -> list[Report]:
    assert run.wait(30)
    return run.poll()


def begun(reports: list[Report]) -> bool:
    return any(isinstance(report, Progress) for report in reports)


def test_a_run_trains_in_the_background_and_is_kept(shelf: Shelf) -> None:
    project = table(epochs=3)
    run = Run(project, shelf=shelf, path="/somewhere/net.loom")
    assert (run.state, run.active, run.poll()) == ("ready", False, [])
    run.start()
    reports = ended(run)
    assert [type(report) for report in (reports[0], reports[-1])] == [Started, Finished]
    assert (run.state, run.active, run.number) == ("finished", False, 1)
    last = reports[-1]
    assert isinstance(last, Finished)
    assert Path(last.run) == run.saved == shelf.folder / "0001-net"
    kept = [
        "checkpoint.pt",
        "curves.npz",
        "model.py",
        "preprocessing.json",
        "run.json",
        "weights.safetensors",
    ]
    assert sorted(os.listdir(last.run)) == kept
    facts = json.loads((Path(last.run) / "run.json").read_text())
    assert facts["reason"] == "done"
    assert facts["threads"] == 1
    assert facts["seed"] == 0
    assert facts["versions"].keys() >= {"torch", "python", "layerloom"}
    assert facts["metrics"] == last.metrics


def test_a_metric_that_raises_is_named_and_the_run_is_kept(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(scores: object, yes: object) -> float:
        raise RuntimeError("no room for that many pairs")

    monkeypatch.setattr("engine.metrics.classification.auroc", broken)
    output = layer("Output", metrics=("accuracy", "AUROC"))
    *_, last = Recording(chain(layer("Linear", out_features=3), output, epochs=1), shelf).train(Control())
    assert isinstance(last, Finished)
    sentence = "Could not be computed and so left out: auroc (no room for that many pairs). What was learnt"
    assert str(last.warning).startswith(sentence)
    assert shelf.runs()[0].state == "done"
    assert str(shelf.runs()[0].caution) == str(last.warning)


def test_what_writes_the_folder_needs_no_thread(shelf: Shelf) -> None:
    recording = Recording(table(epochs=2), shelf)
    *_, last = recording.train(Control())
    assert isinstance(last, Finished)
    assert recording.saved == Path(last.run) == shelf.runs()[0].folder
    assert recording.curves.arrays()["loss"].shape == (last.step,)


def test_pause_resume_and_stop_are_obeyed_at_once(shelf: Shelf) -> None:
    run = Run(table(epochs=ENDLESS, batch_size=16), shelf=shelf)
    run.start()
    until(run, begun)
    run.pause()
    assert run.state == "paused"
    time.sleep(0.1)
    run.poll()
    time.sleep(0.15)
    assert run.poll() == []
    run.resume()
    assert run.state == "training"
    until(run, begun)
    run.stop()
    assert run.state in {"stopping", "finished"}
    reports = ended(run)
    assert isinstance(reports[-1], Finished)
    assert reports[-1].reason == "stopped"
    assert shelf.runs()[0].state == "stopped"
    assert run.curves.arrays()["loss"].shape == (reports[-1].step,)


def test_a_paused_run_can_be_stopped(shelf: Shelf) -> None:
    run = Run(table(epochs=ENDLESS), shelf=shelf)
    run.start()
    until(run, begun)
    run.pause()
    run.stop()
    assert isinstance(ended(run)[-1], Finished)


def test_late_reports_of_an_old_run_do_not_reach_a_new_one(shelf: Shelf) -> None:
    old = Run(table(epochs=ENDLESS), shelf=shelf)
    old.start()
    until(old, begun)
    old.stop()
    new = Run(with_recipe(old.project, epochs=2), shelf=shelf)
    assert old.wait(30)
    new.start()
    reports = ended(new)
    assert {report.number for report in reports if isinstance(report, Started | Finished)} == {2}
    assert isinstance(old.poll()[-1], Finished), "they wait where they belong"


def test_a_project_that_cannot_be_trained_fails_with_a_sentence_and_leaves_nothing(shelf: Shelf) -> None:
    run = Run(chain(layer("Linear", out_features=3)), shelf=shelf)
    run.start()
    (failure,) = ended(run)
    assert isinstance(failure, Failed)
    assert "Output" in str(failure.message)
    assert run.state == "failed"
    assert shelf.runs() == []
    with pytest.raises(Trouble, match="no trained network yet"):
        run.module()


def test_an_unexpected_error_is_told_and_its_trace_is_kept(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise KeyError("surprise")

    monkeypatch.setattr("engine.training.train.TrainingState", broken)
    run = Run(table(), shelf=shelf)
    run.start()
    failure = ended(run)[-1]
    assert isinstance(failure, Failed)
    assert "surprise" in str(failure.message)
    assert "Traceback" not in str(failure.message)
    assert "Traceback" in (Path(failure.run) / "error.txt").read_text()
    assert shelf.runs()[0].state == "failed"


def test_a_run_that_diverges_keeps_its_last_good_weights(shelf: Shelf) -> None:
    project = chain(
        layer("Linear", out_features=8),
        layer("Linear", out_features=3),
        layer("Output"),
        optimiser={"kind": "SGD", "rate": 1e30},
    )
    run = Run(project, shelf=shelf)
    run.start()
    failure = ended(run)[-1]
    assert isinstance(failure, Failed)
    assert failure.node in {node(project, "linear1"), node(project, "linear2")}
    record = shelf.runs()[0]
    assert record.state == "failed"
    assert record.data["message"] == str(failure.message)
    assert all(np.isfinite(value.numpy()).all() for value in record.weights().values())


def test_a_full_disk_is_told_and_loses_nothing(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    project = table(epochs=2)
    run = Run(project, shelf=shelf)
    real = os.fsync
    full = False

    def fsync(handle: int) -> None:
        if full:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        real(handle)

    monkeypatch.setattr(os, "fsync", fsync)
    run.pause()
    run.start()
    until(run, lambda reports: any(isinstance(report, Started) for report in reports))
    full = True
    run.resume()
    failure = ended(run)[-1]
    assert isinstance(failure, Failed)
    assert "the disk is full" in str(failure.message)
    assert run.state == "failed"
    assert run.predictor().predict_part(prepare(project.data).test)[0].labels is not None
    with pytest.raises(Trouble, match="the disk is full"):
        run.save()
    full = False
    place = run.save()
    assert shelf.runs()[0].state == "done"
    assert place.name == "0001-net"


def test_a_run_can_have_a_folder_of_its_own(shelf: Shelf, tmp_path: Path) -> None:
    out = tmp_path / "mine" / "run"
    run = Run(table(epochs=1), out, shelf=shelf, path=tmp_path / "net.loom")
    run.start()
    last = ended(run)[-1]
    assert isinstance(last, Finished)
    assert Path(last.run) == out
    found = shelf.latest(path=tmp_path / "net.loom")
    assert found is not None
    assert found.folder == out
    again = Run(table(epochs=1), out, shelf=shelf)
    again.start()
    failure = ended(again)[-1]
    assert isinstance(failure, Failed)
    assert "is not empty" in str(failure.message)


def test_a_run_module_can_be_imported_without_torch() -> None:
    pages = "engine.runs.thread, engine.runs.shelf, engine.training.reports"
    code = f"import sys, {pages}; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# --------------------------------------------------------------------------- asking a trained network


def test_a_trained_network_answers_in_own_units_and_from_any_thread(shelf: Shelf) -> None:
    project = table("Diabetes", 1, loss=registry(Loss)["MeanSquaredError"](), epochs=10)
    run = Run(project, shelf=shelf)
    run.start()
    last = ended(run)[-1]
    assert isinstance(last, Finished)
    predictor = run.predictor()
    test = predictor.prepared.test
    (whole,) = predictor.predict_part(test)
    assert whole.values is not None
    truth = predictor.prepared.decode(whole.target, test.columns[whole.target])
    rmse = float(np.sqrt(np.mean((whole.values.astype(float) - truth) ** 2)))
    assert rmse == pytest.approx(last.metrics["test"]["rmse"], rel=1e-4)
    answers: list[float] = []

    def ask() -> None:
        sample = predictor.sample(test, 4)
        values = predictor.predict(sample)[0].values
        assert values is not None
        answers.append(values.item())

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == pytest.approx([whole.values[4].item()] * 3, rel=1e-4)


def test_classes_come_with_their_probabilities(shelf: Shelf) -> None:
    for project in (table(epochs=5), binary()):
        run = Run(project, shelf=shelf)
        run.start()
        last = ended(run)[-1]
        assert isinstance(last, Finished)
        predictor = shelf.runs()[0].predictor()
        test = predictor.prepared.test
        (said,) = predictor.predict_part(test)
        assert said.probabilities is not None
        assert said.probabilities.shape == (len(test), len(said.classes))
        assert said.probabilities.sum(1) == pytest.approx(np.ones(len(test)), abs=1e-5)
        assert (said.probabilities.argmax(1) == said.labels).all()
        accuracy = float((said.labels == test.columns[said.target]).mean())
        assert accuracy == pytest.approx(last.metrics["test"]["accuracy"])


def binary() -> Project:
    return table("BreastCancer", 1, loss=registry(Loss)["BinaryCrossEntropy"](), epochs=5)


def test_a_sample_of_the_wrong_shape_is_refused(shelf: Shelf) -> None:
    run = Run(table(epochs=1), shelf=shelf)
    run.start()
    ended(run)
    with pytest.raises(Trouble, match="expected values of shape"):
        run.predictor().predict(np.zeros(7))
    with pytest.raises(Trouble, match="Expected values for"):
        run.predictor().predict({})


def test_asking_a_network_from_the_shelf_does_not_disturb_a_training(shelf: Shelf) -> None:
    project = table(epochs=120, batch_size=16)
    first = Run(project, shelf=shelf)
    first.start()
    ended(first)
    second = Run(project, shelf=shelf)
    second.start()
    while not second.wait(0):
        shelf.run(1).predictor()
    one, two = (run.module().state_dict() for run in (first, second))
    assert all(one[name].equal(two[name]) for name in one)


def test_every_epoch_is_told_once(shelf: Shelf) -> None:
    run = Run(table(epochs=4), shelf=shelf)
    run.start()
    reports = ended(run)
    assert [report.epoch for report in reports if isinstance(report, Evaluated)] == [1, 2, 3, 4]
    assert project_file.from_json(shelf.runs()[0].data["project"]) == run.project
