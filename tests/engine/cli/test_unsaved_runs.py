"""A training in the terminal whose run cannot be saved in its place: nothing that was learnt is lost."""

from __future__ import annotations

import errno
import io
import json
import os
import re
import signal
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.cli import train
from engine.cli.main import main
from engine.cli.settings import set_by_path
from engine.runs.record import Record
from engine.runs.shelf import Shelf
from engine.runs.thread import Run
from engine.store.project_file import save
from engine.templates import template
from tests.engine.cli.terminal import process

Fill = Callable[..., list[Path]]


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAYERLOOM_DATA", str(tmp_path / "data"))
    for name in ("here", "temporary"):
        (tmp_path / name).mkdir()
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    save(set_by_path(template("wine-mlp").project(), "epochs=2"), Path("wine.loom"))


@pytest.fixture
def full(monkeypatch: pytest.MonkeyPatch) -> Fill:
    """Call it with folders: from then on their disk is too full for weights. Gives the list of them, so that
    room can be made.
    """

    def fill(*folders: Path) -> list[Path]:
        filled = list(folders)
        real = os.replace

        def replace(source: str | Path, target: str | Path) -> None:
            if Path(target).name == "weights.safetensors" and set(filled) & set(Path(target).parents):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            real(source, target)

        monkeypatch.setattr(os, "replace", replace)
        return filled

    return fill


class Terminal(io.StringIO):
    """What a person types; `answers` may do something before a line is read."""

    def __init__(self, *answers: str | Callable[[], str]) -> None:
        super().__init__()
        self.answers = list(answers)

    def isatty(self) -> bool:
        return True

    def readline(self, size: int | None = -1, /) -> str:
        answer = self.answers.pop(0)
        return answer if isinstance(answer, str) else answer()


def test_a_run_that_its_place_does_not_take_is_saved_in_the_current_folder(
    tmp_path: Path, full: Fill, capsys: pytest.CaptureFixture[str]
) -> None:
    full(tmp_path / "data")
    assert main(["train", "wine.loom"]) == 1
    said = capsys.readouterr().err
    assert "the run could not be saved" in said
    assert "the disk is full. Free some space" in said
    (place,) = (path for path in Path.cwd().iterdir() if path.is_dir())
    assert f"The run is saved in {place} instead" in said
    assert "Finished after" in said
    assert Record(place).state == "done"
    assert [record.folder for record in Shelf().runs()] == [place], "the shelf knows where it lies"
    assert main(["export", "wine.loom", "--to", "wine.safetensors"]) == 0


def test_the_temporary_folder_is_the_next_place(
    tmp_path: Path, full: Fill, capsys: pytest.CaptureFixture[str]
) -> None:
    full(tmp_path / "data", tmp_path / "here")
    assert main(["train", "wine.loom", "--json"]) == 1
    reports = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    last = reports[-1]
    assert last["report"] == "finished"
    assert "failed" not in [report["report"] for report in reports], "a program reads one end alone"
    assert Path(last["run"]).parent == tmp_path / "temporary"
    assert Record(last["run"]).weighted


def test_where_no_place_takes_it_a_sentence_says_what_is_lost(
    tmp_path: Path, full: Fill, capsys: pytest.CaptureFixture[str]
) -> None:
    full(tmp_path)
    assert main(["train", "wine.loom"]) == 1
    assert "Neither the current nor the temporary folder takes it" in capsys.readouterr().err


def test_a_checkpoint_that_is_left_is_named(
    tmp_path: Path, full: Fill, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    full(tmp_path)
    monkeypatch.setattr("engine.runs.recording.WRITTEN", 0.0)
    assert main(["train", "wine.loom"]) == 1
    (record,) = Shelf().runs()
    assert str(record.folder / "checkpoint.pt") in capsys.readouterr().err
    assert record.weights()


def test_a_person_makes_room_and_presses_enter(
    tmp_path: Path, full: Fill, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    filled = full(tmp_path / "data")

    def make_room() -> str:
        filled.clear()
        return "\n"

    monkeypatch.setattr(sys, "stdin", Terminal("\n", make_room))
    assert main(["train", "wine.loom"]) == 0
    assert capsys.readouterr().err.count("press Enter to save it again") == 2
    assert [record.state for record in Shelf().runs()] == ["done"]
    assert [path.name for path in Path.cwd().iterdir()] == ["wine.loom"]


def test_a_person_names_another_folder(tmp_path: Path, full: Fill, monkeypatch: pytest.MonkeyPatch) -> None:
    full(tmp_path / "data")
    monkeypatch.setattr(sys, "stdin", Terminal("wine.loom\n", "kept/here\n"))
    assert main(["train", "wine.loom"]) == 1
    assert Record("kept/here").state == "done"


@pytest.mark.parametrize("ended", ["", KeyboardInterrupt])
def test_a_person_who_goes_away_loses_nothing(
    tmp_path: Path, full: Fill, monkeypatch: pytest.MonkeyPatch, ended: str | type[BaseException]
) -> None:
    full(tmp_path / "data")

    def go() -> str:
        if isinstance(ended, str):
            return ended
        raise ended

    monkeypatch.setattr(sys, "stdin", Terminal(go))
    assert main(["train", "wine.loom"]) == 1
    assert [record.state for record in Shelf().runs()] == ["done"]


def test_a_folder_that_vanishes_during_the_training_loses_nothing(tmp_path: Path) -> None:
    running = process(
        "train", "wine.loom", "--epochs", "100000", "--json", "--out", str(tmp_path / "out/run")
    )
    assert running.stdout is not None
    for line in running.stdout:
        if json.loads(line)["report"] == "progress":
            break
    (tmp_path / "out").rename(tmp_path / "gone")
    (tmp_path / "out").write_text("a file where the folder was")
    running.send_signal(signal.SIGINT)
    out, err = running.communicate(timeout=60)
    assert "Traceback" not in err
    assert running.returncode == 1
    last = json.loads(out.splitlines()[-1])
    assert (last["report"], last["reason"]) == ("finished", "stopped")
    assert Record(last["run"]).weights()
    assert Path(last["run"]).parent == Path.cwd()


def test_only_a_third_ctrl_c_gives_up_what_is_being_saved(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    ends: list[int] = []
    monkeypatch.setattr(os, "_exit", ends.append)
    monkeypatch.setattr(train, "AS_ONE", 0.0)
    with train._stop_on_signals(Run(template("wine-mlp").project())):
        signal.raise_signal(signal.SIGINT)
        assert capfd.readouterr().err == ""
        signal.raise_signal(signal.SIGINT)
        assert "press Ctrl+C once more to give it up" in capfd.readouterr().err
        assert not ends
        signal.raise_signal(signal.SIGINT)
        assert ends == [130]


# --------------------------------------------------------------------------- runs that did not go well


def test_a_loss_that_grew_is_told_at_the_end(capsys: pytest.CaptureFixture[str]) -> None:
    given = ("--set", "batch_size=16", "--set", "optimiser=SGD", "--set", "optimiser.rate=10")
    assert main(["train", "wine.loom", *given]) == 0
    said = capsys.readouterr().err.splitlines()[-1]
    assert re.fullmatch(
        r"The loss grew from [\d.]+ to \S+; the learning rate \(10\) is probably too high\.", said
    )
    assert main(["export", "1", "--to", "wine.safetensors"]) == 0
    assert said in capsys.readouterr().err
    assert json.loads(Path("wine.safetensors.proof.json").read_text())["caution"] == said
    assert main(["train", "wine.loom", *given, "--json"]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["warning"] == said
    assert main(["train", "wine.loom"]) == 0
    assert "The loss grew" not in capsys.readouterr().err


def test_a_failed_run_can_be_exported_and_is_called_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "wine.loom", "--set", "optimiser=SGD", "--set", "optimiser.rate=1e30"]) == 1
    failure = capsys.readouterr().err.splitlines()[-1]
    assert main(["export", "1", "--to", "wine.safetensors", "--json"]) == 0
    out, err = capsys.readouterr()
    said = f"This run failed, and its weights are those of its last good moment: {failure}"
    assert err == said + "\n"
    assert json.loads(out)["caution"] == said
    assert json.loads(Path("wine.safetensors.proof.json").read_text())["caution"] == said
    assert main(["export", "wine.loom", "--to", "other.safetensors"]) == 1, "only a run that ended well"
