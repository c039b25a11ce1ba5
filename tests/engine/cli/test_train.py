"""`layerloom train`: what it shows, what it leaves alone, and how it is stopped."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from engine.runs.record import Record
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


@pytest.mark.parametrize(
    ("wish", "times"),
    [
        (signal.SIGINT, 1),
        (signal.SIGINT, 3),
        (signal.SIGTERM, 1),
        pytest.param(signal.SIGHUP, 1, marks=pytest.mark.proof),
    ],
)
def test_a_wish_to_end_stops_and_keeps_what_was_learnt(wish: signal.Signals, times: int) -> None:
    running = process("train", "wine-mlp", "--epochs", "100000", "--json")
    assert running.stdout is not None
    for line in running.stdout:
        if json.loads(line)["report"] == "progress":
            break
    for _ in range(times):
        running.send_signal(wish)
    out, err = running.communicate(timeout=60)
    assert "Traceback" not in err
    assert running.returncode == 0
    last = json.loads(out.splitlines()[-1])
    assert (last["report"], last["reason"]) == ("finished", "stopped")
    (record,) = Shelf().runs()
    assert record.state == "stopped"
    assert record.weighted


# --------------------------------------------------------------------------- going on


def test_a_run_goes_on_as_if_it_had_never_ended(call: Call) -> None:
    assert call("train", quick(), "--set", "keep_best=false")[0] == 0
    assert call("train", "--resume", 1, "--epochs", 4)[0] == 0
    assert call("train", "p.loom", "--set", "keep_best=false", "--epochs", 4)[0] == 0
    _, resumed, anew = reversed(Shelf().runs())
    assert resumed.data["resumed"] == 1
    assert resumed.data["project_path"] == str(Path("p.loom").absolute())
    assert all(resumed.weights()[name].equal(value) for name, value in anew.weights().items())
    assert (resumed.curves()["loss"] == anew.curves()["loss"]).all()


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ("optimiser.rate=1e9", "The learning rate is 1e+09"),
        ("clip=1e-9", "Every gradient is shortened to a length of 1e-09"),
        ("batch_size=5000", "A step takes 5,000 samples"),
        ("patience=2", "Training waits 2 epochs for a better one"),
        ("schedule=Cosine schedule.warm_up=2", "The warm-up takes 2 epochs"),
        ("", ""),
    ],
)
def test_settings_that_cannot_work_together_are_said_when_training_begins(
    call: Call, settings: str, sentence: str
) -> None:
    words = [word for one in settings.split() for word in ("--set", one)]
    _, _, err = call("train", quick(), *words)
    assert [line for line in err.splitlines() if line.startswith("warning: ")] == [
        line for line in err.splitlines() if sentence and sentence in line
    ]
    assert sentence in err
    started = json.loads(call("train", "p.loom", *words, "--json")[1].splitlines()[0])
    assert [sentence in one for one in started.get("warnings", ())] == [True] * bool(sentence)


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (("--resume", 1), 1, "Run 1 has gone through 2 epochs, and 2 in all are asked for. Ask for more."),
        (("--resume", 7), 1, "There is no run 7 in"),
        (
            ("p.loom", "--resume", 1),
            2,
            "expected --resume RUN alone, which knows its project, received p.loom",
        ),
        (("--resume", 1, "--seed", 3), 2, "a run goes on as it began"),
        (("--resume", 1, "--set", "batch_size=3"), 2, "a run goes on as it began"),
    ],
)
def test_what_cannot_go_on_says_why(call: Call, words: tuple[object, ...], code: int, sentence: str) -> None:
    assert call("train", quick())[0] == 0
    received, _, err = call("train", *words)
    assert received == code
    assert sentence in err
    assert len(Shelf().runs()) == 1


def test_a_run_writes_a_checkpoint_after_its_first_seconds(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the end of the first epoch, unless that was over at once, and not before every step of it."""
    from engine.training import rollback
    from engine.training.checkpoint import Checkpoint

    written: list[tuple[int, int]] = []
    write = Checkpoint.write
    monkeypatch.setattr(
        Checkpoint, "write", lambda self, path: written.append((self.epoch, self.step)) or write(self, path)
    )
    assert call("train", quick())[0] == 0
    assert written == [(2, 30)], "only what it ends with"
    monkeypatch.setattr(rollback, "FIRST_EPOCH", 0.0)
    assert call("train", quick())[0] == 0
    assert written[1:] == [(1, 15), (2, 30)]
    monkeypatch.setattr(rollback, "FIRST", 0.0)
    monkeypatch.setattr(rollback, "FIRST_EPOCH", 1e9)
    monkeypatch.setattr("engine.training.recorder.EVERY", 0.0)
    assert call("train", "p.loom", "--set", "batch_size=1")[0] == 0
    assert written[3][0] == 0


@pytest.mark.proof
def test_a_killed_run_has_a_checkpoint_after_its_first_epoch_or_seconds(tmp_path: Path) -> None:
    set_up = ("train", "wine-mlp", "--epochs", "100000", "--set", "patience=null", "--json")
    running = process(*set_up)
    try:
        assert running.stdout is not None
        for line in running.stdout:
            report = json.loads(line)
            if report["report"] == "progress" and report["seconds"] > 3.3:
                break
    finally:
        running.kill()
        running.communicate()
    (record,) = Shelf().runs()
    assert record.state == "interrupted"
    assert len(record.curves()["loss"]) >= record.checkpoint().step > 0


# --------------------------------------------------------------------------- streams that are not there


STREAMS = (">&-", "2>&-", ">&- 2>&-", "<&-", "<&- >&- 2>&-", "| head -1 >first", "2>&1 | head -1 >first")


@pytest.mark.parametrize(
    ("closed", "as_json"),
    [
        ("2>&-", True),
        ("2>&1 | head -1 >first", False),
        *(pytest.param(one, json, marks=pytest.mark.proof) for one in STREAMS for json in (False, True)),
    ],
)
def test_a_training_needs_nobody_who_reads(closed: str, as_json: bool, tmp_path: Path) -> None:
    """Streams that are closed, or closed meanwhile, end no training and change nothing of it."""
    words = f"train wine-mlp --epochs 2 {'--json' if as_json else ''}"
    line = f"{sys.executable} -m engine {words} {closed}; echo ${{PIPESTATUS[0]}} >code"
    root = str(Path(__file__).parents[3])
    done = subprocess.run(
        ["bash", "-c", line],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": root},
        timeout=60,
    )
    assert Path("code").read_text() == "0\n"
    assert [record.state for record in Shelf().runs()] == ["done"]
    assert "Traceback" not in done.stderr
    if as_json:
        reports = [json.loads(one)["report"] for one in done.stdout.splitlines()]
        assert reports.count("finished") == ("head" not in closed and ">&-" not in closed.replace("2>&-", ""))
        assert done.stderr == ""
    else:
        assert done.stdout == ""


# --------------------------------------------------------------------------- where a run is to lie


@pytest.mark.parametrize("target", ["there", "empty"])
def test_a_run_is_written_where_a_link_leads(call: Call, target: str) -> None:
    Path("empty").mkdir()
    Path("out").symlink_to(target)
    assert call("train", quick(), "--out", "out")[0] == 0
    assert Path("out").is_symlink()
    assert Record(Path(target)).state == "done"
    assert Record(Path("out")).weights()
    assert [record.folder for record in Shelf().runs()] == [Path(target).absolute()]


def test_a_link_in_a_circle_is_refused_before_the_first_step(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("one").symlink_to("other")
    Path("other").symlink_to("one")
    monkeypatch.setattr("engine.training.train.train", None)  # nobody may come so far
    for out in ("one", "one/within"):
        code, _, err = call("train", quick(), "--out", out)
        assert code == 1
        assert "one" in err
        assert "itself" in err or "cannot be written" in err
    assert sorted(path.name for path in Path().iterdir() if not path.is_dir()) == ["one", "other", "p.loom"]


def test_a_killed_run_is_found_by_the_folder_that_it_was_to_have(call: Call) -> None:
    """And a run that takes its place later is listed once."""
    killed = Path("out.part")
    for number in (1, 2):
        assert call("train", quick(), "--out", "out")[0] == 0
        assert [one.number for one in Shelf().runs()] == [number]
        Path("out").rename(killed)  # as it lies until it is whole
    assert call("train", "--resume", "out", "--epochs", 4)[0] == 0
    assert Shelf().runs()[0].data["resumed"] == 2


def test_a_place_that_cannot_be_taken_is_refused_before_the_first_step(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Such as an empty folder on which a disk is mounted: nothing can be moved to its place."""
    Path("out").mkdir()
    rename = os.rename

    def refuse(source: Path, target: Path) -> None:
        if Path(source).name == "out":
            raise OSError(errno.EBUSY, os.strerror(errno.EBUSY))
        rename(source, target)

    monkeypatch.setattr(os, "rename", refuse)
    monkeypatch.setattr("engine.training.train.train", None)  # nobody may come so far
    code, out, err = call("train", quick(), "--out", "out")
    assert (code, out) == (1, "")
    assert err.endswith(f"out cannot be written: {os.strerror(errno.EBUSY)}.\n")
    assert sorted(path.name for path in Path().iterdir()) == ["out", "p.loom"]


@pytest.mark.parametrize("name", ["there.safetensors", "there.bin"])
def test_an_export_follows_a_link_of_its_own_form(call: Call, name: str) -> None:
    assert call("train", quick())[0] == 0
    Path("elsewhere").mkdir()
    Path("link.safetensors").symlink_to(Path("elsewhere", name))
    assert call("export", "p.loom", "--to", "link.safetensors")[0] == 0
    assert Path("link.safetensors").is_symlink() == (name == "there.safetensors")
    assert Path("link.safetensors").stat().st_size > 1000
