"""Exported files beside the network they came from: how far their numbers are apart, and how fast they are.

The difference is the largest over the outputs of real samples, at batches of 1 and 7, as the proof of an
export finds it. Speed is in answers a second, on one thread for all, rounds interleaved and medians taken.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from importlib import import_module
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import torch

from engine.exports import export, format_of
from engine.exports.model import read
from engine.exports.proof import Batch, Reopened
from engine.templates import template
from tests.engine.networks import record

ROUNDS = 15
SECONDS = 0.05  # of answers in each round
CLOSE = 1e-5
NETWORKS = ("digits-mlp", "digits-cnn", "digits-resnet", "fashion-cnn", "sunspots-lstm")
RUNTIMES = {".onnx": "onnxruntime", ".pt2": "torch.export"}

Answer = Callable[[Batch], object]


def rows() -> list[dict[str, Any]]:
    """The rows of the table: a difference for each file, then its speed at batches of 1 and 32."""
    torch.set_num_threads(1)
    table: list[dict[str, Any]] = []
    with TemporaryDirectory() as temporary:
        for name in NETWORKS:
            folder = Path(temporary) / name
            run = record(template(name).project(), folder)
            model = read(run)
            for ending, runtime in RUNTIMES.items():
                place = Path(temporary) / f"{name}{ending}"
                largest = export(run, place).largest
                table.append(
                    {
                        "row": f"export, {name}{ending} in {runtime}, largest difference",
                        "ours": largest,
                        "reference": 0.0,
                        "ratio": None,
                        "goal": f"≤ {CLOSE:g}",
                        "met": largest <= CLOSE,
                    }
                )
                page = import_module(f"engine.exports.{format_of(place).page}")
                reopened = page.reopen(model, place.parent, place.name)
                for size in (1, 32):
                    batch = tuple(column.repeat(2, 0)[:size] for column in model.samples)
                    ours, live = speeds(batch, partial(_answer, reopened), model.live)
                    table.append(
                        {
                            "row": f"export, {name}{ending} in {runtime}, batch of {size} (answers/s)",
                            "ours": round(median(ours), 1),
                            "reference": round(median(live), 1),
                            "ratio": round(median(a / b for a, b in zip(ours, live, strict=True)), 3),
                            "goal": None,
                            "met": None,
                        }
                    )
    return table


def _answer(reopened: Reopened, batch: Batch) -> object:
    return reopened.answers([batch])


def speeds(batch: Batch, *sides: Answer) -> list[list[float]]:
    """Answers a second of each side, round by round."""
    found: list[list[float]] = [[] for _ in sides]
    for _ in range(ROUNDS):
        for times, answer in zip(found, sides, strict=True):
            answer(batch)
            count, began = 0, time.perf_counter()
            while time.perf_counter() - began < SECONDS:
                answer(batch)
                count += 1
            times.append(count / (time.perf_counter() - began))
    return found
