"""Data that is read while a network learns from it: the same samples, order and losses as in memory."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import attrs
import numpy as np
import pytest
import torch
from PIL import Image

from engine.analysis.check import check
from engine.analysis.memory import footprint
from engine.codegen.build import build
from engine.data.columns.images import ImageColumn
from engine.data.loading import streams
from engine.data.opening import open_data
from engine.data.own.folder_files import FolderFiles
from engine.data.prepare import Prepared, prepare, schema
from engine.data.settings import DataSettings
from engine.message import Trouble
from engine.project.project import Project
from engine.store import project_file
from engine.training.control import Control
from engine.training.reports import Evaluated, Failed, Finished, Report
from engine.training.state import TrainingState
from engine.training.train import Trained, train
from tests.engine.projects import chain, layer

COUNT = 240


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Small pictures in a folder for each of two classes: what is bright lies above or below."""
    stream = np.random.default_rng(0)
    for number in range(COUNT):
        values = stream.integers(0, 100, (6, 7), np.uint8)
        values[:3] += np.uint8(100 * (number % 2))
        path = tmp_path / "pictures" / ("below", "above")[number % 2] / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(values).save(path)
    return tmp_path / "pictures"


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is read ahead is read in this process, which needs no time to start."""
    monkeypatch.setattr("engine.training.state.workers", lambda data: 0)


def both(data: DataSettings) -> tuple[DataSettings, DataSettings]:
    """The same data in memory, and read when it is wanted."""
    return attrs.evolve(data, loading="memory"), attrs.evolve(data, loading="stream", workers=2)


def project(data: DataSettings, **recipe: object) -> Project:
    drawn = chain(
        layer("Flatten"),
        layer("Linear", out_features=16),
        layer("ReLU"),
        layer("Dropout"),
        layer("Linear", out_features=2),
        layer("Output"),
        **({"epochs": 2, "batch_size": 16} | recipe),
    )
    return attrs.evolve(drawn, data=data)


def made(of: Project) -> TrainingState:
    return TrainingState(of, prepare(of.data), build(of, 0), torch.device("cpu"), 1)


def trained(of: Project, **options: Any) -> tuple[list[Report], Trained]:
    reports: list[Report] = []
    training = train(of, **options)
    while True:
        try:
            reports.append(next(training))
        except StopIteration as end:
            return reports, end.value


def weights(result: Trained) -> dict[str, torch.Tensor]:
    return {name: value.clone() for name, value in result.built.module.state_dict().items()}


def parts(prepared: Prepared) -> tuple[object, ...]:
    return prepared.train, prepared.validation, prepared.test


def readers() -> set[int]:
    """The processes that read for this one."""
    tasks = list(Path("/proc/self/task").glob("*/children"))
    if not tasks:
        pytest.skip("the system does not list processes")
    found = {int(one) for task in tasks for one in task.read_text().split()}
    return {one for one in found if b"spawn_main" in Path(f"/proc/{one}/cmdline").read_bytes()}


def test_samples_that_are_read_are_those_that_stand_in_memory(pictures: Path) -> None:
    whole, late = map(prepare, both(open_data(pictures)))
    assert not late.train.resident
    for one, other in zip(parts(whole), parts(late), strict=True):
        assert np.array_equal(one.rows, other.rows)  # type: ignore[attr-defined]
        for rows in (slice(None), np.array([5, 3, 3])):
            for name, values in one.batch(rows).items():  # type: ignore[attr-defined]
                assert np.array_equal(values, other.batch(rows)[name])  # type: ignore[attr-defined]
                assert values.dtype == other.batch(rows)[name].dtype  # type: ignore[attr-defined]


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("scale", ["auto", "standardise"])
def test_the_losses_of_a_seed_are_the_same_bits_on_both_roads(pictures: Path, scale: str) -> None:
    data = attrs.evolve(open_data(pictures), scale=scale)
    same(*(trained(project(one)) for one in both(data)))


def evaluated(reports: list[Report]) -> list[tuple[object, object]]:
    return [(one.train, one.validation) for one in reports if isinstance(one, Evaluated)]


def same(one: tuple[list[Report], Trained], other: tuple[list[Report], Trained]) -> None:
    """Both trainings went the same way, to the last bit."""
    for name, value in weights(one[1]).items():
        assert torch.equal(value, weights(other[1])[name]), name
    assert one[1].metrics == other[1].metrics
    seen = [
        [(each.train, each.validation) for each in own if isinstance(each, Evaluated)]
        for own, _ in (one, other)
    ]
    assert seen[0] == seen[1]
    assert seen[0]


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("piece", [1, 3000, 16_000_000])
def test_going_on_in_the_middle_of_an_epoch_is_the_same_as_never_having_stopped(
    pictures: Path, piece: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.training.state.PIECE", piece)
    monkeypatch.setattr("engine.data.readers.CHUNK", 1000)
    whole, late = (made(project(one)) for one in both(open_data(pictures)))
    for done in (0, 3, 7, len(whole.sizes) - 1):
        whole.position = late.position = done
        pairs = list(zip(whole.batches(), late.batches(), strict=True))
        assert len(pairs) == len(whole.sizes) - done
        for (inputs, targets), others in pairs:
            assert torch.equal(inputs[0], others[0][0])
            assert torch.equal(targets[0], others[1][0])
            assert inputs[0].data_ptr() % 64 == others[0][0].data_ptr() % 64


def stopping_at(step: int, monkeypatch: pytest.MonkeyPatch) -> Control:
    """What stops a training after so many steps."""
    control, count = Control(), TrainingState.count_step

    def counted(state: TrainingState) -> None:
        count(state)
        if state.step == step:
            control.stop()

    monkeypatch.setattr(TrainingState, "count_step", counted)
    return control


@pytest.mark.usefixtures("here")
def test_a_training_stopped_in_the_middle_of_an_epoch_goes_on_bit_for_bit(
    pictures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, late = (project(one) for one in both(open_data(pictures)))
    _, uninterrupted = trained(whole)
    reports, stopped = trained(late, control=stopping_at(14, monkeypatch))
    assert stopped.reason == "stopped"
    assert stopped.checkpoint is not None
    assert stopped.checkpoint.position not in {0, 11}
    assert isinstance(reports[-1], Finished)
    assert reports[-1].metrics.keys() == {"train", "validation", "test"}
    _, result = trained(late, checkpoint=stopped.checkpoint)
    for name, value in weights(uninterrupted).items():
        assert torch.equal(value, weights(result)[name]), name
    assert result.metrics == uninterrupted.metrics


def broken(folder: Path, *numbers: int) -> None:
    for number in numbers:
        (path,) = folder.glob(f"*/{number}.png")
        path.write_bytes(path.read_bytes()[:60])


@pytest.mark.usefixtures("here")
def test_what_cannot_be_read_is_left_out_the_same_on_both_roads(pictures: Path) -> None:
    broken(pictures, 4, 11, 130)
    data = attrs.evolve(open_data(pictures), unreadable="skip")
    whole, late = map(prepare, both(data))
    assert sum(one.count for one in whole.skipped) == 3
    assert {(one.place, str(one.reason)) for one in late.skipped} == {
        (one.place, str(one.reason)) for one in whole.skipped
    }
    same(*(trained(project(one)) for one in both(data)))


@pytest.mark.usefixtures("here")
def test_a_file_that_cannot_be_read_ends_the_training_with_what_was_learnt(
    pictures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.data.streaming.TRIED", 1)
    data = open_data(pictures)
    broken(pictures, 100)
    _, late = both(open_data(pictures, source=FolderFiles()) if data else data)
    reports, result = trained(project(late))
    assert isinstance(reports[-1], Failed)
    assert "100.png" in str(reports[-1].message)
    assert result.reason == "failed"


def test_one_that_shows_at_once_is_told_before_anything_begins(pictures: Path) -> None:
    data = open_data(pictures)
    broken(pictures, *range(0, COUNT, 2))
    with pytest.raises(Trouble, match=r"cannot be read; the first is .*\.png"):
        prepare(both(open_data(pictures) if data else data)[1])


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("fate", ["changed", "gone"])
def test_a_file_that_is_changed_or_deleted_meanwhile_ends_the_training_and_the_best_weights_stay(
    pictures: Path, fate: str
) -> None:
    _, late = both(open_data(pictures))
    training = train(project(late, epochs=50))
    reports: list[Report] = []
    result = None
    while result is None:
        try:
            reports.append(next(training))
        except StopIteration as end:
            result = end.value
            break
        if isinstance(reports[-1], Evaluated) and len(reports) < 5:
            (path,) = pictures.glob("*/7.png")
            if fate == "gone":
                path.unlink()
            else:
                path.write_bytes(path.read_bytes() + b"1")
    last = reports[-1]
    assert isinstance(last, Failed)
    assert "7.png" in str(last.message)
    assert ("is no longer there" if fate == "gone" else "has changed") in str(last.message)
    assert result.kept_epoch >= 1
    assert result.built.module is not None


def test_data_is_streamed_where_it_would_take_too_much_of_the_memory(
    pictures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = open_data(pictures)
    assert not streams(data, schema(data))
    monkeypatch.setattr("engine.hardware.memory.available", lambda: 100_000)
    assert streams(data, schema(data))
    assert not streams(attrs.evolve(data, loading="memory"), schema(data))
    large = data.columns[0].with_setting("type", ImageColumn(height=2000, width=2000))
    data = attrs.evolve(data, columns=(large, data.columns[1]))
    whole, late = (footprint(check(project(one))) for one in both(data))
    assert whole.reading > 10**9
    assert late.reading == 0
    assert 0 < late.data < 10**9


# --------------------------------------------------------------------------- processes


@pytest.mark.proof
def test_processes_that_read_give_the_same_bits_and_end_with_the_training(
    pictures: Path,
) -> None:
    same(*(trained(project(one)) for one in both(open_data(pictures))))
    assert not readers()


@pytest.mark.proof
def test_a_stop_in_the_middle_of_an_epoch_ends_the_processes_too(
    pictures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, late = both(open_data(pictures))
    _, result = trained(project(late, epochs=50), control=stopping_at(14, monkeypatch))
    assert result.reason == "stopped"
    assert result.metrics["test"]
    assert not readers()


@pytest.mark.proof
def test_a_process_that_is_killed_ends_the_training_in_a_sentence(pictures: Path) -> None:
    _, late = both(open_data(pictures))
    reports: list[Report] = []
    ended = None
    training = train(project(late, epochs=500))
    while ended is None:
        try:
            reports.append(next(training))
        except StopIteration as end:
            ended = end.value
        if isinstance(reports[-1], Evaluated):
            for one in readers():
                os.kill(one, signal.SIGKILL)
    last = reports[-1]
    assert isinstance(last, Failed)
    assert "A process that reads the data has ended" in str(last.message)
    assert ended.kept_epoch >= 1
    assert ended.metrics["test"], "others have read for the last measures"
    assert not readers()


PROGRAM = """
import sys, threading
from pathlib import Path
import attrs
import torch
from engine.store import project_file
from engine.runs.thread import Run
from engine.runs.shelf import Shelf

def main():
    import PySide6.QtCore
    run = Run(project_file.load(Path(sys.argv[1])), shelf=Shelf(Path(sys.argv[2])))
    run.start()
    while not any(one.json()["report"] == "evaluated" for one in run.poll()):
        assert run.active
    for one in Path(f"/proc/self/task").glob("*/children"):
        for child in one.read_text().split():
            print(child, "PySide6" in Path(f"/proc/{child}/maps").read_text())

main()  # without a guard: what it does must not be done again
"""


@pytest.mark.proof
def test_a_window_that_closes_while_a_network_learns_leaves_nothing_behind(
    pictures: Path, tmp_path: Path
) -> None:
    _, late = both(open_data(pictures))
    project_file.save(project(late, epochs=10_000), tmp_path / "p.loom")
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    done = subprocess.run(
        [sys.executable, program, tmp_path / "p.loom", tmp_path / "runs"],
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, "PYTHONPATH": os.getcwd()},
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    found = dict(line.split() for line in done.stdout.splitlines())
    assert len(found) >= 2
    assert set(found.values()) == {"False"}, "no window is loaded where files are read"
    waited = time.monotonic() + 10
    while (left := [one for one in found if Path("/proc", one).exists()]) and time.monotonic() < waited:
        time.sleep(0.1)
    assert not left


FROZEN = """
import sys
from pathlib import Path
sys.frozen = True
sys.executable = sys.argv[0].replace(".py", ".sh")  # which is this program
import multiprocessing.spawn
multiprocessing.spawn.set_executable(sys.executable)
if "-c" in sys.argv:  # what follows the program's memory; those who pack programs see to it
    exec(sys.argv[-1])
    sys.exit()
from gui.app import main
sys.exit(main())
"""


@pytest.mark.proof
@pytest.mark.skipif(sys.platform == "win32", reason="the file that stands for the program is a script")
def test_a_program_in_one_file_starts_its_processes(pictures: Path, tmp_path: Path) -> None:
    _, late = both(open_data(pictures))
    project_file.save(project(late, epochs=1), tmp_path / "p.loom")
    program = tmp_path / "program.sh"
    program.with_suffix(".py").write_text(FROZEN)
    program.write_text(f'#!/bin/sh\nexec {sys.executable} {program.with_suffix(".py")} "$@"\n')
    program.chmod(0o755)
    own = {"PYTHONPATH": os.getcwd(), "LAYERLOOM_DATA": str(tmp_path / "data")}
    done = subprocess.run(
        [program, "train", tmp_path / "p.loom"],
        capture_output=True,
        text=True,
        timeout=180,
        env={**os.environ, **own},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "accuracy" in done.stderr
