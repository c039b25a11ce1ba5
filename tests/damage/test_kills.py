"""A process that is killed at any touch of the disk loses no file: what stood there is there, old or new and
whole, and the next start clears up the rest.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from engine.exports import export
from engine.files import leftovers
from engine.files.atomic import write_text
from engine.project.project import Project
from engine.runs import recording
from engine.runs.record import Record
from engine.runs.recording import Recording
from engine.runs.resuming import continued
from engine.runs.shelf import Shelf
from engine.training import recorder, rollback
from engine.training.control import Control
from engine.training.reports import Progress
from tests.damage.killing import dies_at, hidden, still_open
from tests.engine.networks import record
from tests.engine.projects import chain, layer, table, with_recipe

RUN = table(epochs=2, batch_size=64, threads=1)
EVERY = 10


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Checkpoints are written whenever they are taken, and leftovers are looked for each time."""
    monkeypatch.setattr(recording, "WRITTEN", 0.0)
    monkeypatch.setattr(recording, "WRITING", 0)
    monkeypatch.setattr(recorder, "EVERY", 0.0)
    monkeypatch.setattr(rollback, "SHARE", 0)
    monkeypatch.setattr(leftovers, "_looked", set())


def trained(project: Project, shelf: Shelf, out: Path | None = None) -> None:
    for _ in Recording(project, shelf, out).train(Control()):
        pass


@pytest.mark.parametrize("last", range(1, 8))
def test_a_file_is_old_or_new(last: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "net.loom"
    write_text(path, "old" * 1000)
    with dies_at(last, tmp_path, monkeypatch):
        write_text(path, "new" * 2000)
    leftovers.collect(tmp_path)
    assert path.read_text() in {"old" * 1000, "new" * 2000}
    assert [one.name for one in tmp_path.iterdir()] == ["net.loom"]


@pytest.mark.parametrize("part", range(EVERY))
@pytest.mark.parametrize("variant", [0, *(pytest.param(n, marks=pytest.mark.proof) for n in range(1, 10))])
def test_a_run_is_whole_or_goes_on(
    part: int, variant: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each part takes every tenth touch of the disk. Every second variant lies outside the shelf."""
    project = with_recipe(RUN, epochs=4, batch_size=64 - 4 * variant, seed=variant)
    out = tmp_path / "out" if variant % 2 else None
    with dies_at(10**9, tmp_path, monkeypatch) as disk:
        trained(project, Shelf(tmp_path / "counted"))
    assert disk.touches > 100
    shelf = Shelf(tmp_path / "runs")
    for last in range(1 + part, disk.touches + 2, EVERY):
        with dies_at(last, tmp_path, monkeypatch):
            trained(project, shelf, out)
        for one in shelf.runs():
            assert one.problem is None, last
            assert one.state in {"done", "interrupted"}, last
            assert one.project == project
            if (one.folder / "checkpoint.pt").exists():
                assert len(one.curves().get("loss", ())) >= one.checkpoint().step
                assert one.state == "done" or continued(one) == project
            if one.state == "done":
                assert one.weights()
        assert len(shelf.runs()) <= 1
        shelf.collect()
        assert [*hidden(shelf.folder), *hidden(tmp_path / "out.part")] == []
        for folder in (shelf.folder, tmp_path / "out", tmp_path / "out.part"):
            shutil.rmtree(folder, ignore_errors=True)
    assert still_open(tmp_path) == [], "nothing is held that a dead process would have given back"


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Record, Record]:
    """Two runs of one network, with weights of their own."""
    place = tmp_path_factory.mktemp("runs")
    return record(RUN, place / "old", seed=0), record(RUN, place / "new", seed=1)


@pytest.mark.parametrize("ending", [".safetensors", pytest.param(".py", marks=pytest.mark.proof)])
def test_an_export_that_replaces_another_is_old_or_new(
    ending: str, runs: tuple[Record, Record], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / f"net{ending}"
    old, new = runs
    export(new, path)
    after = contents(tmp_path)
    shutil.rmtree(tmp_path)
    tmp_path.mkdir()
    export(old, path)
    before = contents(tmp_path)
    assert before.keys() == after.keys()
    last, alive = 1, False
    while not alive:
        for name, data in before.items():
            (tmp_path / name).write_bytes(data)
        with dies_at(last, tmp_path, monkeypatch) as disk:
            export(new, path)
        alive = disk.touches < last
        leftovers.collect(tmp_path)
        now = contents(tmp_path)
        assert hidden(tmp_path) == []
        assert weights_of(now) in (weights_of(before), weights_of(after)), (
            f"some are of one, some of the other: {last}"
        )
        last += 1
    assert last > 15


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def weights_of(files: dict[str, bytes]) -> dict[str, bytes]:
    """All but the proof, which tells how long something took."""
    return {name: data for name, data in files.items() if not name.endswith(".proof.json")}


@pytest.mark.parametrize(
    "moment", [0.05, *(pytest.param(n / 10, marks=pytest.mark.proof) for n in range(1, 20, 3))]
)
def test_an_export_that_the_system_kills_leaves_nothing_for_long(
    moment: float, runs: tuple[Record, Record], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = runs
    path = tmp_path / "net.safetensors"
    export(old, path)
    before = contents(tmp_path)
    child = subprocess.Popen(
        [sys.executable, "-c", EXPORTS, str(new.folder), str(path)], stdout=subprocess.PIPE, cwd=Path.cwd()
    )
    assert child.stdout is not None
    assert child.stdout.readline() == b"begins\n"
    time.sleep(moment)
    child.kill()
    child.wait()
    child.stdout.close()
    monkeypatch.setattr(leftovers, "SETTLED", -1.0)
    write_text(tmp_path / "other.loom", "the next thing that is written there")
    assert hidden(tmp_path) == []
    after = contents(tmp_path)
    assert after.keys() == {*before, "other.loom"}
    assert json.loads(after["net.safetensors.proof.json"])


EXPORTS = """
import sys
import engine.exports.make
from engine.exports import export
from engine.runs.record import Record
record = Record(sys.argv[1])
record.project
print("begins", flush=True)
export(record, sys.argv[2])
"""


DIGITS = {"data": "Digits", "epochs": 2, "batch_size": 256, "keep_best": False, "exact": True}
KILLED = {
    "CNN": chain(
        layer("Conv2d", out_channels=3, kernel_size=3),
        layer("BatchNorm2d"),
        layer("ReLU"),
        layer("Flatten"),
        layer("Linear", out_features=10),
        layer("Output"),
        **DIGITS,
    ),
    "LSTM": chain(
        layer("Squeeze", axis=1),
        layer("LSTM", hidden_size=6),
        layer("Linear", out_features=10),
        layer("Output"),
        **DIGITS,
    ),
    "dropout": chain(
        layer("Flatten"),
        layer("Dropout", rate=0.4),
        layer("Linear", out_features=10),
        layer("Output"),
        **DIGITS,
    ),
}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are not copied there")
@pytest.mark.parametrize("network", KILLED)
def test_an_exact_run_that_is_killed_in_an_epoch_ends_as_if_it_had_not_been(
    network: str, tmp_path: Path
) -> None:
    project, shelf = KILLED[network], Shelf(tmp_path / "runs")
    child = os.fork()
    if not child:
        for report in Recording(project, shelf).train(Control()):
            if isinstance(report, Progress) and report.step == 8:
                os.kill(os.getpid(), signal.SIGKILL)
        os._exit(1)
    assert os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGKILL
    (killed,) = shelf.runs()
    assert killed.state == "interrupted"
    assert (killed.checkpoint().epoch, killed.checkpoint().position) > (1, 0), "in the midst of the second"
    ends = []
    for resumed in (killed, None):
        recording = Recording(continued(killed) if resumed else project, shelf, resumed=resumed)
        for _ in recording.train(Control()):
            pass
        assert recording.trained is not None
        ends.append((recording.trained.built.module.state_dict(), recording.curves.arrays()["loss"]))
    (weights, losses), (expected, all_losses) = ends
    assert all(weights[name].equal(expected[name]) for name in expected)
    assert (losses == all_losses).all()
