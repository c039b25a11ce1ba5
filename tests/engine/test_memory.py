"""What is kept to be quick stays within bounds, however many networks a person draws, trains and exports."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.analysis.check import check
from engine.cli.main import main
from engine.codegen.build import build
from engine.exports import export
from engine.repairs.propose import propose
from engine.runs.record import Record
from engine.runs.recording import Recording
from engine.runs.shelf import Shelf
from engine.training.control import Control
from tests.engine.projects import chain, layer, table


def unbounded() -> Iterator[tuple[str, Any]]:
    """Every cache of the engine that keeps all it was ever asked."""
    for page, module in list(sys.modules.items()):
        if page.startswith("engine."):
            for name, value in vars(module).items():
                if hasattr(value, "cache_parameters") and value.cache_parameters()["maxsize"] is None:
                    yield f"{page}.{name}", value


def drawn(width: int) -> None:
    """One more network, that differs from all others in its numbers, is looked at and made."""
    for out in (3, width):  # the second does not fit and is to be repaired
        layers = (layer("Linear", out_features=width), layer("Dropout", rate=1 / width), layer("PReLU"))
        analysis = check(chain(*layers, layer("Linear", out_features=out), layer("Output")))
        for problem in analysis.problems:
            propose(problem)
        if analysis.trainable:
            build(analysis.project, width, analysis)


def test_nothing_is_kept_for_ever_that_depends_on_settings() -> None:
    for width in range(10, 14):
        drawn(width)
    before = {name: cache.cache_info().currsize for name, cache in unbounded()}
    assert len(before) > 10
    for width in range(20, 50):
        drawn(width)
    grown = {name: cache.cache_info().currsize - before.get(name, 0) for name, cache in unbounded()}
    assert {name: by for name, by in grown.items() if by >= 10} == {}


def test_an_export_keeps_no_list_of_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Python's own search for what is installed keeps one for every state of the folder that it sees."""
    from importlib import metadata

    monkeypatch.setenv("LAYERLOOM_DATA", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)
    assert main(["train", "wine-mlp", "--epochs", "1"]) == 0
    assert main(["export", "1", "--to", "a.safetensors"]) == 0
    monkeypatch.setattr(metadata, "version", None)
    assert main(["export", "1", "--to", "b.safetensors"]) == 0


@pytest.mark.proof
@pytest.mark.parametrize(("ending", "most"), [("pt2", 40_000), ("onnx", 500_000)])
def test_memory_grows_no_more_than_that_by_an_export(tmp_path: Path, ending: str, most: int) -> None:
    """PyTorch's ONNX exporter keeps every program it ever traced. It is bound by the process, which ends: the
    window starts one for each export, and the command line makes one.
    """
    recording = Recording(table(epochs=1), Shelf(tmp_path / "runs"))
    for _ in recording.train(Control()):
        pass
    assert recording.saved is not None
    sizes = []
    for _ in range(36):
        export(Record(recording.saved), tmp_path / f"net.{ending}")
        sizes.append(resident())
    assert (sizes[-1] - sizes[11]) / 24 < most, "bytes an export"


@pytest.mark.proof
def test_memory_stays_where_it_is_over_many_cycles(tmp_path: Path) -> None:
    def cycle(number: int) -> None:
        project = table(epochs=2, seed=number)
        recording = Recording(project, Shelf(tmp_path / "runs"))
        for _ in recording.train(Control()):
            pass
        assert check(project).trainable
        assert recording.saved is not None
        export(Record(recording.saved), tmp_path / "net.safetensors")

    for number in range(60):
        cycle(number)
    before = resident()
    for number in range(60, 160):
        cycle(number)
    assert (resident() - before) / 100 < 8_000, "bytes a cycle"


def resident() -> int:
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
