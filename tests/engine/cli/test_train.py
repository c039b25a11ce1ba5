"""`layerloom train`: what it shows, what it leaves alone, and how it is stopped."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import pytest

from engine.runs.shelf import Shelf
from engine.store import project_file
from tests.engine.cli.terminal import Call, process, quick, saved
from tests.engine.mistakes import MISTAKES


def test_train_json_ends_with_the_metrics_of_all_parts(call: Call) -> None:
    code, out, err = call("train", quick(), "--json", "--seed", 3, "--device", "cpu", "--out", "run")
    assert (code, err) == (0, "")
    reports = [json.loads(line) for line in out.splitlines()]
    assert reports[0]["report"] == "started"
    assert {"progress", "evaluated"} <= {report["report"] for report in reports}
    progress = next(report for report in reports if report["report"] == "progress")
    assert {"step", "epoch", "loss"} <= set(progress)
    last = reports[-1]
    assert last["report"] == "finished"
    assert Path(last["run"]) == Path("run").absolute()
    assert set(last["metrics"]) == {"train", "validation", "test"}
    assert {"loss", "accuracy"} <= set(last["metrics"]["test"])
    data = json.loads(Path("run", "run.json").read_text())
    assert data["project"]["recipe"]["seed"] == 3
    assert project_file.from_json(data["project"]).recipe.epochs == 2


def test_train_shows_a_line_for_each_epoch_where_nothing_can_move(call: Call) -> None:
    code, out, err = call("train", quick())
    assert (code, out) == (0, "")
    lines = err.splitlines()
    assert lines[0].startswith("Run 1 on ")
    assert [line.split()[:2] for line in lines[1:3]] == [["epoch", "1"], ["epoch", "2"]]
    assert lines[3].startswith("Finished after ")
    assert [line.split()[0] for line in lines[4:7]] == ["train", "validation", "test"]


def test_a_network_that_cannot_train_says_why(call: Call) -> None:
    code, out, err = call("train", saved(MISTAKES["a Linear on a picture"][0]), "--json")
    assert code == 1
    assert err.count("\n") == 1
    assert "linear1 expects N×features, but receives N×1×8×8" in err
    assert json.loads(out.splitlines()[-1])["report"] == "failed"


def test_a_folder_that_is_taken_is_left_alone(call: Call) -> None:
    Path("run").mkdir()
    Path("run", "mine.txt").write_text("precious")
    code, _, err = call("train", quick(), "--out", "run")
    assert code == 1
    assert "is not empty. Choose a new folder for the run." in err
    assert [path.name for path in Path("run").iterdir()] == ["mine.txt"]
    assert call("train", "p.loom", "--out", "p.loom")[0] == 2


@pytest.mark.parametrize("times", [1, 3])
def test_ctrl_c_stops_and_keeps_what_was_learnt(times: int) -> None:
    running = process("train", "wine-mlp", "--epochs", "100000", "--json")
    assert running.stdout is not None
    for line in running.stdout:
        if json.loads(line)["report"] == "progress":
            break
    for _ in range(times):
        running.send_signal(signal.SIGINT)
    out, err = running.communicate(timeout=60)
    assert "Traceback" not in err
    assert running.returncode == 0
    last = json.loads(out.splitlines()[-1])
    assert (last["report"], last["reason"]) == ("finished", "stopped")
    (record,) = Shelf().runs()
    assert record.state == "stopped"
    assert record.weighted
