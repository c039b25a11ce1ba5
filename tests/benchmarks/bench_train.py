"""Training steps a second: our loop beside an ordinary and a tuned one, on the same module and the same data.

Ours also keeps the accuracy of every step and takes checkpoints, in the time that is measured. It evaluates
the validation part at the end of each epoch too; as the references do not, that time is left out. One torch
thread for all; rounds are interleaved and medians taken; every loop runs once before it is timed, so first
steps are out of it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median
from typing import Any

import numpy as np
import torch
from attrs import evolve
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from engine import edits
from engine.codegen.build import build
from engine.data.dataset import ArrayDataset
from engine.data.prepare import Prepared, prepare
from engine.data.schema import Column, Raw, Schema, schema_of
from engine.data.sets.pictures import Digits
from engine.data.settings import DataSettings
from engine.data.source import Source
from engine.kinds import Layer, declare, param, registry
from engine.project.graph import Graph
from engine.project.project import Project
from engine.project.recipe import Recipe
from engine.training.reports import Progress
from engine.training.train import train

ROUNDS = 9
SECONDS = 0.7  # a timed stretch of the tuned loop lasts about so long


@declare(hint="made for this benchmark")
class Noise(Source):
    """Random numbers of a given shape, in ten classes."""

    samples: int = param(1920, lo=1, doc="How many")
    shape: tuple[int, ...] = param((1, 28, 28), lo=1, doc="Sizes of one sample")

    def schema(self) -> Schema:
        names = tuple(str(i) for i in range(10))
        label = Column("label", (), "int", names)
        return schema_of(Column("values", self.shape), target=label, samples=self.samples)

    def load(self) -> Raw:
        stream = np.random.default_rng(0)
        values = stream.normal(size=(self.samples, *self.shape)).astype(np.float32)
        return Raw({"values": values, "label": stream.permutation(np.arange(self.samples) % 10)})


def chain(source: Source, batch: int, *layers: Layer) -> Project:
    """A project whose layers follow one another."""
    project = Project(
        Graph("Bench"), DataSettings(source=source), Recipe(batch_size=batch, threads=1, device="cpu")
    )
    before = ""
    for kind in (made("Input"), *layers, made("Output")):
        id = edits.new_id(project.graph)
        project = edits.add(project, id, kind)
        if before:
            project = edits.connect(project, before, "out", id, kind.ports()[0].name)
        before = id
    return project


def made(name: str, **values: Any) -> Layer:
    """A layer by its kind's name."""
    return registry(Layer)[name](**values)


def convolution(channels: int) -> tuple[Layer, ...]:
    """Convolution, BatchNorm, ReLU."""
    return (
        made("Conv2d", out_channels=channels, kernel_size=3, padding=1),
        made("BatchNorm2d"),
        made("ReLU"),
    )


def cases() -> list[tuple[str, Project]]:
    """What is measured."""
    pool, flat = made("MaxPool2d"), made("Flatten")
    lstm = made("LSTM", hidden_size=64, give="last state")
    mlp = (flat, made("Linear", out_features=64), made("ReLU"), made("Linear", out_features=10))
    digits_cnn = (
        *convolution(16),
        *convolution(32),
        pool,
        *convolution(64),
        pool,
        flat,
        made("Dropout", rate=0.3),
        made("Linear", out_features=10),
    )
    pictures = (
        made("Conv2d", out_channels=16, kernel_size=3),
        made("ReLU"),
        pool,
        made("Conv2d", out_channels=32, kernel_size=3),
        made("ReLU"),
        pool,
        flat,
        made("Linear", out_features=10),
    )
    return [
        ("digits MLP", chain(Digits(), 32, *mlp)),
        ("digits CNN, BatchNorm, Dropout", chain(Digits(), 32, *digits_cnn)),
        ("CNN 28×28", chain(Noise(), 64, *pictures)),
        (
            "LSTM 25×12",
            chain(Noise(shape=(25, 12)), 32, lstm, made("Linear", out_features=10)),
        ),
    ]


def batch(project: Project, prepared: Prepared) -> int:
    """How many samples are in one step."""
    return project.recipe.batch(len(prepared.train))


def ordinary(project: Project, prepared: Prepared, epochs: int) -> float:
    """The loop of every tutorial: DataLoader, `loss.item()` at each step, `Adam()`. Steps a second."""
    module, inputs, targets = _start(project, prepared)
    loader = DataLoader(TensorDataset(inputs, targets), batch_size=batch(project, prepared), shuffle=True)
    optimiser, criterion, losses = torch.optim.Adam(module.parameters()), nn.CrossEntropyLoss(), []
    began = time.perf_counter()
    for _ in range(epochs):
        for x, y in loader:
            optimiser.zero_grad()
            loss = criterion(module(x), y)
            loss.backward()
            optimiser.step()
            losses.append(loss.item())
    return len(losses) / (time.perf_counter() - began)


def tuned(project: Project, prepared: Prepared, epochs: int) -> float:
    """What somebody writes who knows: one tensor put in order once an epoch, nothing waited for, a fused
    optimiser.
    """
    module, inputs, targets = _start(project, prepared)
    size = batch(project, prepared)
    optimiser, criterion, losses = (
        torch.optim.Adam(module.parameters(), fused=True),
        nn.CrossEntropyLoss(),
        [],
    )
    began = time.perf_counter()
    for _ in range(epochs):
        order = torch.randperm(len(inputs))
        for x, y in zip(inputs[order].split(size), targets[order].split(size), strict=True):
            loss = criterion(module(x), y)
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            optimiser.step()
            losses.append(loss.detach())
    torch.stack(losses).tolist()
    return len(losses) / (time.perf_counter() - began)


def ours(project: Project, prepared: Prepared, epochs: int) -> float:
    """The engine, from its first step to the last, without the evaluations between epochs."""
    project = edits.set_recipe(project, evolve(project.recipe, epochs=epochs))
    spent, steps = 0.0, 0
    reports = train(project, prepared)
    next(reports)  # it has started: all is built
    before = time.perf_counter()
    for report in reports:
        now = time.perf_counter()
        if isinstance(report, Progress):
            spent, steps = spent + now - before, report.step
        before = now
    return steps / spent


def measured(project: Project) -> dict[str, list[float]]:
    """Steps a second of each loop, round by round."""
    prepared = prepare(project.data)
    loops: list[Callable[[Project, Prepared, int], float]] = [ordinary, tuned, ours]
    torch.set_num_threads(1)
    for loop in loops:
        loop(project, prepared, 1)
    steps = -(-len(prepared.train) // batch(project, prepared))
    epochs = max(1, round(tuned(project, prepared, 2) * SECONDS / steps))
    found: dict[str, list[float]] = {loop.__name__: [] for loop in loops}
    for number in range(ROUNDS):
        for loop in loops[number % 3 :] + loops[: number % 3]:
            found[loop.__name__].append(loop(project, prepared, epochs))
    return found


def rows() -> list[dict[str, Any]]:
    """The rows of the table, in steps a second."""
    table = []
    for name, project in cases():
        speed = measured(project)
        goals = {"ordinary": 2.0, "tuned": 1.0} if name == "digits MLP" else {"tuned": 1.0}
        for reference, goal in goals.items():
            # loops of one round stand next to each other in time, so a machine that turns busy slows both
            ratio = median(a / b for a, b in zip(speed["ours"], speed[reference], strict=True))
            table.append(
                {
                    "row": f"training, {name}, against the {reference} loop (steps/s)",
                    "ours": round(median(speed["ours"]), 1),
                    "reference": round(median(speed[reference]), 1),
                    "ratio": round(ratio, 3),
                    "goal": f"≥ {goal:g}",
                    "met": ratio >= goal,
                }
            )
    return table


def _start(project: Project, prepared: Prepared) -> tuple[nn.Module, torch.Tensor, torch.Tensor]:
    built = build(project, 0)
    assert isinstance(prepared.train, ArrayDataset)
    columns = prepared.train.columns
    module = built.module.train()
    return module, torch.tensor(columns[built.inputs[0]]), torch.tensor(columns[built.targets[0]])
