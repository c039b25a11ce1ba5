"""What it costs to read data while a network learns from it, beside the same data in memory.

50,000 small PNGs are decoded by other processes: how quickly, with which memory, and the share of the time in
which the network waits. An array in a file, which needs no decoding, is trained on by turns with the same in
memory. The processes have started, and the first batches have passed, before anything is timed.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any

import attrs
import numpy as np
import torch

from engine.analysis.check import check
from engine.codegen.build import build
from engine.data.opening import open_data
from engine.data.prepare import prepare
from engine.data.sets.pictures import Digits
from engine.data.settings import DataSettings
from engine.data.streaming import StreamedDataset
from engine.project.project import Project
from engine.training.state import TrainingState
from engine.training.steps.eager import EagerStep
from tests.benchmarks.bench_train import chain, convolution, made

COUNT, SIDE, BATCH = 50_000, 28, 64
ROUNDS, STEPS = 5, 250
READ = 9_000
"""Pictures that are read without learning from them."""
BEFORE = 40
"""Steps that pass before anything is timed."""


def rows() -> list[dict[str, Any]]:
    """The rows of the table."""
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        pictures = write(Path(folder, "pictures"))
        found = of_files(open_data(pictures))
    with tempfile.TemporaryDirectory() as folder:
        found.append(of_array(open_data(write_array(Path(folder)))))
    return found


def write(folder: Path) -> Path:
    """Pictures in ten classes."""
    from PIL import Image

    stream = np.random.default_rng(0)
    for number in range(COUNT):
        own = folder / str(number % 10)
        if number < 10:
            own.mkdir(parents=True)
        values = stream.integers(0, 255, (SIDE, SIDE), np.uint8)
        values[::2] = number % 10 * 25  # half of it compresses, as of a drawing
        Image.fromarray(values).save(own / f"{number}.png", compress_level=1)
    return folder


def write_array(folder: Path) -> Path:
    """The same as arrays, which need no decoding."""
    stream = np.random.default_rng(0)
    np.save(folder / "x.npy", stream.integers(0, 255, (COUNT, SIDE, SIDE)).astype(np.uint8))
    np.save(folder / "label.npy", np.arange(COUNT) % 10)
    return folder / "x.npy"


def network(data: DataSettings) -> Project:
    """A small network for such pictures, which takes about as long as reading them on another core."""
    pool = made("MaxPool2d")
    end = (made("Flatten"), made("Linear", out_features=10))
    drawn = chain(Digits(), BATCH, *convolution(16), pool, *convolution(32), pool, *end)
    project: Project = attrs.evolve(drawn, data=data)
    return project


class Steps:
    """A training that is made step by step."""

    def __init__(self, project: Project) -> None:
        analysis = check(project)
        built = build(project, 0, analysis)
        cpu = torch.device("cpu")
        self.state = TrainingState(project, prepare(project.data), built, cpu, analysis.activation_bytes)
        self.step = EagerStep(self.state)
        self.waited = 0.0
        self._batches = self._endless()
        self.go(BEFORE)

    def _endless(self) -> Iterator[Any]:
        while True:
            yield from self.state.batches()
            self.state.next_epoch()

    def go(self, steps: int) -> float:
        """Seconds of so many steps; `waited` are those in which the network had nothing to do."""
        began, self.waited = time.perf_counter(), 0.0
        for _ in range(steps):
            asked = time.perf_counter()
            (batch,) = islice(self._batches, 1)
            self.waited += time.perf_counter() - asked
            self.step([batch], [0.01], measure_norm=False)
        self.step.results()
        return time.perf_counter() - began


def of_files(data: DataSettings) -> list[dict[str, Any]]:
    """Files that are decoded while the network learns, and while nothing is learnt."""
    ours = Steps(network(attrs.evolve(data, loading="stream", workers=2)))
    try:
        half = len(ours.state.sizes) // 2
        seconds, waited = ours.go(half), ours.waited
        memory = _resident()
        seconds, waited = seconds + ours.go(half), waited + ours.waited
        grown = (_resident() - memory) / 1e6
        aside, here = read_aside(ours), read_here(ours)
    finally:
        ours.state.close()
    name, share, ratio = f"{COUNT:,} PNGs of {SIDE}×{SIDE}", waited / seconds, aside / here
    return [
        {
            "row": f"{name}, read by two processes (pictures/s), beside one core that decodes",
            "ours": aside,
            "reference": here,
            "ratio": ratio,
            "goal": 1.6,
            "met": ratio >= 1.6,
        },
        row(f"{name}: share of the time in which a network of two convolutions waits", share, 0.1),
        row(f"{name}: memory, half an epoch later (MB more)", grown, 20),
    ]


def read_aside(ours: Steps) -> float:
    """Pictures a second that others read, where nothing is learnt from them."""
    assert ours.state.readers is not None
    assert isinstance(ours.state.prepared.train, StreamedDataset)
    count, began = 0, 0.0
    for some in ours.state.readers.in_turn(ours.state.prepared.train, np.arange(READ)):
        began = began or time.perf_counter()
        count += len(some["image"])
    return count / (time.perf_counter() - began)


def read_here(ours: Steps) -> float:
    """The same in this process."""
    began = time.perf_counter()
    for start in range(0, READ, 300):
        ours.state.prepared.train.batch(np.arange(start, start + 300))
    return READ / (time.perf_counter() - began)


def of_array(data: DataSettings) -> dict[str, Any]:
    """An array in a file and the same in memory, by turns."""
    ours = Steps(network(attrs.evolve(data, loading="stream")))
    reference = Steps(network(attrs.evolve(data, loading="memory")))
    try:
        times = [(ours.go(STEPS), reference.go(STEPS)) for _ in range(ROUNDS)]
    finally:
        ours.state.close()
    ratio = median(other / own for own, other in times)
    return {
        "row": f"an array of {COUNT:,} pictures, streamed (steps/s), beside the same in memory",
        "ours": STEPS / median(own for own, _ in times),
        "reference": STEPS / median(other for _, other in times),
        "ratio": ratio,
        "goal": 0.9,
        "met": ratio >= 0.9,
    }


def row(name: str, ours: float, goal: float) -> dict[str, Any]:
    """A line of what must stay below its goal."""
    return {"row": name, "ours": ours, "reference": None, "ratio": None, "goal": goal, "met": ours < goal}


def _resident() -> int:
    """Bytes that this process has in memory."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    for one in rows():
        print(one)
