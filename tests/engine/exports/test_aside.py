"""An export in a process of its own: it tells how far it is, can be ended, and leaves all or nothing."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

import pytest

from engine.exports import export, start
from engine.exports.job import Export, message_json, read_message
from engine.message import Message, Trouble
from engine.runs.record import Record
from tests.engine.networks import cnn, record


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Record:
    return record(cnn(), tmp_path_factory.mktemp("runs") / "run")


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def under_way(run: Record, place: Path, share: float) -> Export:
    """An export that has come so far."""
    job = start(run.folder, place)
    end = time.monotonic() + 120
    while not any(fraction >= share for fraction, _ in job.poll()):
        assert time.monotonic() < end
        time.sleep(0.02)
    return job


@pytest.mark.parametrize(
    "ending", [".safetensors", *(pytest.param(e, marks=pytest.mark.proof) for e in (".onnx", ".pt2", ".py"))]
)
def test_it_gives_the_same_as_in_this_process(ending: str, run: Record, tmp_path: Path) -> None:
    name = f"net{ending}"
    (tmp_path / "here").mkdir()
    (tmp_path / "aside").mkdir()
    job = start(run.folder, tmp_path / "aside" / name)
    here = export(run, tmp_path / "here" / name)
    aside = job.result(120)
    told = job.poll()
    assert job.done
    assert [fraction for fraction, _ in told] == sorted(fraction for fraction, _ in told)
    assert Message("Writing {file}", file=name) in [message for _, message in told]
    assert aside.largest == here.largest < 1e-5
    assert names(tmp_path / "aside") == names(tmp_path / "here")
    for file in (tmp_path / "here").iterdir():
        assert file.read_bytes() == (tmp_path / "aside" / file.name).read_bytes()
    job.cancel()  # too late to change anything
    assert job.result() == aside
    assert (tmp_path / "aside" / name).exists()


def test_cancelling_leaves_nothing(run: Record, tmp_path: Path) -> None:
    (tmp_path / "net.onnx").write_text("older")
    job = under_way(run, tmp_path / "net.onnx", 0.1)
    job.cancel()
    assert job.done
    with pytest.raises(Trouble, match="cancelled"):
        job.result()
    assert [path.name for path in tmp_path.iterdir()] == ["net.onnx"]
    assert (tmp_path / "net.onnx").read_text() == "older"


def test_the_child_ends_with_its_parent(run: Record, tmp_path: Path) -> None:
    job = under_way(run, tmp_path / "net.onnx", 0)
    assert job._child.stdin is not None
    job._child.stdin.close()  # what the system does when a process dies
    with pytest.raises(Trouble, match="ended before it was done"):
        job.result(30)
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signals")
def test_a_killed_child_is_noticed(run: Record, tmp_path: Path) -> None:
    job = start(run.folder, tmp_path / "net.onnx")
    os.killpg(job._child.pid, signal.SIGKILL)
    with pytest.raises(Trouble, match="ended before it was done"):
        job.result(30)
    assert not list(tmp_path.iterdir())


def test_what_goes_wrong_aside_is_a_sentence_here(run: Record, tmp_path: Path) -> None:
    with pytest.raises(Trouble, match="Choose one of these endings"):
        start(run.folder, tmp_path / "net.h5")
    with pytest.raises(Trouble, match=r"run\.json cannot be read"):
        start(tmp_path / "no-run", tmp_path / "net.pt2").result(60)
    assert not list(tmp_path.iterdir())


def test_messages_travel_whole() -> None:
    message = Message("{name}: {why}", name="conv1", why=Message("{n} channels", n=3))
    assert read_message(message_json(message)).template == "{name}: {why}"
    assert str(read_message(message_json(message))) == "conv1: 3 channels"
