"""What a network is trained towards: for each Output its target, its loss and what is measured."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from attrs import frozen
from torch import Tensor

from engine.data.prepare import Part, Prepared
from engine.data.scale import Scaler
from engine.data.schema import Column
from engine.graph import Project
from engine.kinds import Loss
from engine.layers.ends import Output
from engine.message import Trouble

Criterion = Callable[[Any, Sequence[Tensor]], Tensor]


@frozen(eq=False)
class Goal:
    """One Output: the column it judges by, and how.

    `loss.task` says what a prediction means: "classes" (a score for each, along the axis after the batch),
    "binary" (one score, yes above 0) or "numbers" (scaled as the column is). `share` is its weight in the
    total loss.
    """

    node: str
    name: str
    column: Column
    loss: Loss
    share: float
    metrics: tuple[str, ...]
    scaler: Scaler | None

    @property
    def task(self) -> str:
        """What a prediction means."""
        task: str = getattr(self.loss, "task", "numbers")
        return task

    def said(self, prediction: Tensor) -> Tensor:
        """The numbers that a prediction stands for: itself, unless the loss takes it for their logarithm."""
        return prediction.exp() if getattr(self.loss, "link", "") == "log" else prediction

    def criterion(self) -> Callable[[Tensor, Tensor], Tensor]:
        """The loss as PyTorch computes it: one number, the mean over a batch."""
        made: Callable[[Tensor, Tensor], Tensor] = self.loss.torch().make()
        return made

    def target(self, part: Part, prediction: tuple[int, ...]) -> Tensor:
        """The column's values as the loss takes them, for predictions of that shape (one sample)."""
        values = tensor(part.columns[self.column.name])
        if self.task == "classes":
            return values
        return values.float().reshape(len(values), *prediction)


def goals(project: Project, prepared: Prepared, outputs: Sequence[str]) -> tuple[Goal, ...]:
    """The goals of a project's Outputs, in the order of these ids, which is that of the module's results."""
    found = []
    for id in outputs:
        node = project.graph.nodes[id]
        kind = node.kind
        assert isinstance(kind, Output)
        name = kind.target or prepared.schema.target
        column = prepared.schema.columns.get(name)
        if column is None:
            raise Trouble(
                "{output} asks for a column {name}, which the data does not have.",
                output=node.name,
                name=name,
            )
        chosen = kind.metrics or getattr(kind.loss, "natural", ())
        found.append(
            Goal(node.id, node.name, column, kind.loss, kind.weight, chosen, prepared.scalers.get(name))
        )
    return tuple(found)


def combined(goals: Sequence[Goal]) -> Criterion:
    """The total loss: the weighted sum over all Outputs, as a function of what the module returns and the
    targets.
    """
    criteria = [goal.criterion() for goal in goals]
    if len(goals) == 1:
        (one,), share = criteria, goals[0].share
        if share == 1:
            return lambda prediction, targets: one(prediction, targets[0])
        return lambda prediction, targets: one(prediction, targets[0]) * share
    shares = [goal.share for goal in goals]

    def total(predictions: Sequence[Tensor], targets: Sequence[Tensor]) -> Tensor:
        parts = [
            criterion(prediction, target) * share
            for criterion, prediction, target, share in zip(
                criteria, predictions, targets, shares, strict=True
            )
        ]
        return sum(parts[1:], parts[0])

    return total


def several(prediction: Any) -> tuple[Tensor, ...]:
    """What a module returned as a tuple, one tensor for each Output."""
    return prediction if isinstance(prediction, tuple) else (prediction,)


def tensor(values: np.ndarray) -> Tensor:
    """The same numbers for PyTorch, in memory of their own: prepared data is shared and must not be written
    to.
    """
    return torch.tensor(values)


def columns(part: Part, names: Sequence[str], device: torch.device) -> list[Tensor]:
    """The input columns of those names on a device. A column that two Inputs take is there once."""
    there: Mapping[str, Tensor] = {
        name: tensor(part.columns[name]).to(device) for name in dict.fromkeys(names)
    }
    return [there[name] for name in names]
