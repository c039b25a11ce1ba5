"""What a network is trained towards: for each Output its target, its loss and what is measured.

A module returns *outputs*: one tensor for each wire that ends in an Output. An Output whose loss compares
several wires has several of them; the *prediction* of an Output is the one tensor that metrics look at.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from attrs import frozen
from torch import Tensor

from engine.data.dataset import Columns, batches
from engine.data.prepare import Prepared
from engine.data.scale import Scaler
from engine.data.schema import Column
from engine.layers.input_output import Output
from engine.losses.classification import BALANCED, Weighing
from engine.losses.loss import Loss
from engine.losses.modules import Summed
from engine.message import Trouble
from engine.project.project import Project

ROUNDED = 1e-6  # of a column's spread: what is lost where values are scaled and back
Criterion = Callable[[Any, Sequence[Tensor]], Tensor]


@frozen(eq=False)
class Objective:
    """One Output: the column it judges by, and how.

    `loss.task` says what a prediction of N samples means: "classes" (scores N×classes, further axes after
    them), "binary" (N×1, yes above 0), "numbers" (as the column is shaped, scaled as it is), "sequence"
    (scores N×steps×classes) or "wire" (anything: there is no target). Counts and shares are not scaled.
    `weight` is that of its loss in the total loss.
    """

    node: str
    name: str
    column: Column
    loss: Loss
    weight: float
    metrics: tuple[str, ...]
    scaler: Scaler | None
    counts: tuple[int, ...] = ()
    """How often each class comes up in training, where the loss balances them."""
    undone: Scaler | None = None
    """How the column is scaled, where its loss takes it in its own units."""
    width: int = 1
    """How many of the module's outputs belong to it."""
    alone: bool = True
    """Whether it is the only one."""

    @property
    def ignored(self) -> int | None:
        """The class that does not count."""
        return getattr(self.loss, "ignore", None)

    @property
    def task(self) -> str:
        """What a prediction means."""
        task: str = getattr(self.loss, "task", "numbers")
        return task

    def named(self, metric: str) -> str:
        """What a metric is called in reports: by itself with one Output, after its Output with several."""
        return metric if self.alone else f"{self.name}.{metric}"

    def prediction(self, outputs: tuple[Tensor, ...]) -> Tensor:
        """What the network says, out of the module's outputs that belong to this Output: N×…, as `task`
        says.
        """
        prediction: Tensor = outputs[0] if len(outputs) == 1 else self.loss.answer(*outputs)
        return prediction

    def numbers(self, prediction: Tensor) -> Tensor:
        """The numbers that a prediction stands for, shaped as it is: itself, unless the loss takes it for
        their logarithm.
        """
        return prediction.exp() if self.loss.link == "log" else prediction

    def own_units(self, prediction: Tensor) -> np.ndarray:
        """The numbers that a prediction stands for, N× the column's shape, in the column's own units."""
        numbers = self.numbers(prediction).reshape(len(prediction), *self.column.shape).numpy()
        return np.asarray(numbers) if self.scaler is None else self.scaler.backward(numbers)

    def criterion(self, device: torch.device | None = None) -> Callable[..., Tensor]:
        """The loss as PyTorch computes it, of its outputs and the target: one number, the mean over a
        batch.
        """
        module: Callable[..., Tensor] = self.loss.brings(self.loss.torch(self.counts)).make().to(device)
        return module if self.loss.judged else lambda *values: module(*values[:-1])

    def target(self, columns: Columns, prediction: tuple[int, ...]) -> Tensor:
        """What the loss takes for the truth of some samples, where a prediction of one has that shape.

        Class numbers N×… int64 as they stand in the data; anything else float32, N× the prediction's shape;
        N zeros where there is no target.
        """
        if not self.loss.judged:
            return torch.zeros(len(columns[self.column.name]))
        values = tensor(columns[self.column.name])
        if self.task in {"classes", "sequence"}:
            return values
        if self.loss.of != "numbers":
            values = self._amounts(columns[self.column.name])
        return values.float().reshape(len(values), *prediction)

    def _amounts(self, own: np.ndarray) -> Tensor:
        """Scaled values in their own units, of the same shape. Raises `Trouble` where they are no counts, or
        no shares.
        """
        if self.undone is not None:
            own = self.undone.backward(own)
            least = ROUNDED * float(np.max(self.undone.size))
            own = np.where(np.abs(own) <= least, 0, own)  # scaled and back, 0 has become a little less
        if float(own.min()) < 0:
            raise Trouble(
                "{output}: {loss} expects a target from 0 up, received {lo} in the column {column}. Choose "
                "another loss.",
                output=self.name,
                loss=self.loss.label(),
                lo=f"{float(own.min()):g}",
                column=self.column.name,
            )
        sums = own.reshape(len(own), -1).sum(1)
        if self.loss.of == "shares" and float(np.abs(sums - 1).max()) > 1e-3:
            raise Trouble(
                "{output}: {loss} expects shares that sum to 1, received sums of {lo} to {hi} in the column "
                "{column}. Choose another loss, or divide the values of each sample by their sum.",
                output=self.name,
                loss=self.loss.label(),
                lo=f"{float(sums.min()):g}",
                hi=f"{float(sums.max()):g}",
                column=self.column.name,
            )
        return tensor(own)


def objectives(project: Project, prepared: Prepared, outputs: Sequence[str]) -> tuple[Objective, ...]:
    """The objectives of a project's Outputs, in the order of these ids, which is that of the module's
    outputs.
    """
    listed = []
    ids = tuple(dict.fromkeys(outputs))
    for id in ids:
        node = project.graph.nodes[id]
        kind = node.kind
        assert isinstance(kind, Output)
        # one without a target is given the data's own, which only says how many samples there are
        name = (kind.target if kind.loss.judged else "") or prepared.schema.target
        column = prepared.schema.columns.get(name)
        if column is None:
            raise Trouble(
                "{output} asks for a column {name}, which the data does not have.",
                output=node.name,
                name=name,
            )
        loss = kind.loss
        if isinstance(loss, Weighing):
            loss = loss.leaving_out(column.padding)
        scaler, undone = prepared.scalers.get(name), None
        if kind.loss.of != "numbers":
            # counts that are scaled may be negative, and shares no longer sum to 1: so they are not
            scaler, undone = None, scaler
        listed.append(
            Objective(
                node.id,
                node.name,
                column,
                loss,
                kind.weight,
                kind.metrics or getattr(kind.loss, "natural", ()),
                scaler,
                _counts(loss, column, prepared),
                undone,
                len(project.graph.used_ports(id)),
                len(ids) == 1,
            )
        )
    return tuple(listed)


def _counts(loss: Loss, column: Column, prepared: Prepared) -> tuple[int, ...]:
    if getattr(loss, "class_weights", "") != BALANCED:
        return ()
    counts = np.zeros(len(column.classes), np.int64)
    for some in batches(prepared.train, {column.name}):
        counts += np.bincount(some[column.name].ravel(), minlength=len(counts))
    return tuple(map(int, counts))


def total_loss(objectives: Sequence[Objective], device: torch.device | None = None) -> Criterion:
    """The weighted sum of the losses of all Outputs, as a function of the module's outputs and the targets,
    each N×…: one number, the mean over a batch.
    """
    criteria = [objective.criterion(device) for objective in objectives]
    if len(objectives) == objectives[0].width == 1:
        # nearly every network has one Output, and a small one makes thousands of steps a second
        (one,), weight = criteria, objectives[0].weight
        if weight == 1:
            return lambda outputs, targets: one(outputs, targets[0])
        return lambda outputs, targets: one(outputs, targets[0]) * weight
    weights = [objective.weight for objective in objectives]

    def total(outputs: Any, targets: Sequence[Tensor]) -> Tensor:
        losses = [
            criterion(*own, target) * weight
            for criterion, own, target, weight in zip(
                criteria, by_objective(objectives, outputs), targets, weights, strict=True
            )
        ]
        return sum(losses[1:], losses[0])

    return total


class LossTally:
    """The total loss over samples that come in batches: the same however they are cut."""

    def __init__(self, objectives: Sequence[Objective], device: torch.device | None = None) -> None:
        self._objectives = objectives
        self._criteria = [objective.criterion(device) for objective in objectives]
        self._sums: list[Tensor] = []

    def add(self, outputs: Any, targets: Sequence[Tensor]) -> None:
        """Take in what a module returned for a batch of N, and the targets, each N×…"""
        pairs = zip(self._criteria, by_objective(self._objectives, outputs), targets, strict=True)
        sums = [_sums(criterion, *own, target) for criterion, own, target in pairs]
        if self._sums:
            sums = [before + more for before, more in zip(self._sums, sums, strict=True)]
        self._sums = sums

    def losses(self) -> list[Tensor]:
        """The total loss over all of them, one number, then that of each Output by itself where there are
        several.
        """
        own = [_mean(criterion, sums) for criterion, sums in zip(self._criteria, self._sums, strict=True)]
        weighted = [loss * objective.weight for loss, objective in zip(own, self._objectives, strict=True)]
        total = sum(weighted[1:], weighted[0])
        return [total, *own] if len(own) > 1 else [total]


def _sums(criterion: Callable[..., Tensor], *values: Tensor) -> Tensor:
    """What a loss adds up over the samples of a batch, a vector. One that is a mean over them adds up itself,
    and their number.
    """
    if isinstance(criterion, Summed):
        return criterion.sums(*values)
    samples = len(values[-1])
    mean = criterion(*values)
    return torch.stack([mean * samples, torch.full_like(mean, samples)])


def _mean(criterion: Callable[..., Tensor], sums: Tensor) -> Tensor:
    return criterion.of(sums) if isinstance(criterion, Summed) else sums[0] / sums[1]


def by_objective(objectives: Sequence[Objective], outputs: Any) -> list[tuple[Tensor, ...]]:
    """What a module returned, told apart by the Outputs that it belongs to."""
    tensors, grouped, first = as_tuple(outputs), [], 0
    for objective in objectives:
        grouped.append(tensors[first : first + objective.width])
        first += objective.width
    return grouped


def predictions(objectives: Sequence[Objective], outputs: Any) -> tuple[Tensor, ...]:
    """The prediction of each Output, N×…, out of what a module returned."""
    pairs = zip(objectives, by_objective(objectives, outputs), strict=True)
    return tuple(objective.prediction(own) for objective, own in pairs)


def as_tuple(outputs: Any) -> tuple[Tensor, ...]:
    """What a module returned as a tuple, one tensor for each wire into an Output."""
    return outputs if isinstance(outputs, tuple) else (outputs,)


def tensor(values: np.ndarray) -> Tensor:
    """The same numbers for PyTorch, of the same shape and type, in memory of their own: prepared data is
    shared and must not be written to.
    """
    return torch.tensor(values)


def inputs(columns: Columns, names: Sequence[str], device: torch.device) -> list[Tensor]:
    """The input columns of those names on a device, each N× the column's shape. A column that two Inputs take
    is there once.
    """
    there: Mapping[str, Tensor] = {name: tensor(columns[name]).to(device) for name in dict.fromkeys(names)}
    return [there[name] for name in names]
