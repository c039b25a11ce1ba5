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
from engine.layers.ends import Output
from engine.losses.classification import BALANCED
from engine.losses.loss import Loss
from engine.losses.modules import Summed
from engine.message import Trouble
from engine.project.project import Project

ROUNDED = 1e-6  # of a column's spread: what is lost where values are scaled and back
Criterion = Callable[[Any, Sequence[Tensor]], Tensor]


@frozen(eq=False)
class Goal:
    """One Output: the column it judges by, and how.

    `loss.task` says what a prediction means: "classes" (a score for each, along the axis after the batch),
    "binary" (one score, yes above 0), "numbers" (scaled as the column is), "sequence" (scores for every step)
    or "wire" (nothing: there is no target). Counts and shares are not scaled. `share` is its
    weight in the total loss.
    """

    node: str
    name: str
    column: Column
    loss: Loss
    share: float
    metrics: tuple[str, ...]
    scaler: Scaler | None
    counts: tuple[int, ...] = ()
    """How often each class comes up in training, where the loss balances them."""
    undone: Scaler | None = None
    """How the column is scaled, where its loss takes it in its own units."""
    width: int = 1
    """How many of the module's results belong to it."""

    @property
    def ignored(self) -> int | None:
        """The class that does not count."""
        return getattr(self.loss, "ignore", None)

    @property
    def task(self) -> str:
        """What a prediction means."""
        task: str = getattr(self.loss, "task", "numbers")
        return task

    def said(self, prediction: Tensor) -> Tensor:
        """The numbers that a prediction stands for: itself, unless the loss takes it for their logarithm."""
        return prediction.exp() if self.loss.link == "log" else prediction

    def own_units(self, prediction: Tensor) -> np.ndarray:
        """The numbers that a prediction stands for, in the column's own units."""
        said = self.said(prediction).reshape(len(prediction), *self.column.shape).numpy()
        return np.asarray(said) if self.scaler is None else self.scaler.backward(said)

    def answer(self, parts: tuple[Tensor, ...]) -> Tensor:
        """What the network says, out of the results that belong to this Output."""
        said: Tensor = parts[0] if len(parts) == 1 else self.loss.answer(*parts)
        return said

    def criterion(self, device: torch.device | None = None) -> Callable[..., Tensor]:
        """The loss as PyTorch computes it, of the results and the target: one number, the mean over a
        batch.
        """
        made: Callable[..., Tensor] = self.loss.brings(self.loss.torch(self.counts)).make().to(device)
        return made if self.loss.judged else lambda *parts: made(*parts[:-1])

    def target(self, part: Part, prediction: tuple[int, ...]) -> Tensor:
        """The column's values as the loss takes them, for predictions of that shape (one sample)."""
        if not self.loss.judged:
            return torch.zeros(len(part))
        values = tensor(part.columns[self.column.name])
        if self.task in {"classes", "sequence"}:
            return values
        if self.loss.of != "numbers":
            values = self._amounts(part)
        return values.float().reshape(len(values), *prediction)

    def _amounts(self, part: Part) -> Tensor:
        """The column's values in its own units. Raises `Trouble` where they are no counts or no shares."""
        own = part.columns[self.column.name]
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


def goals(project: Project, prepared: Prepared, outputs: Sequence[str]) -> tuple[Goal, ...]:
    """The goals of a project's Outputs, in the order of these ids, which is that of the module's results."""
    found = []
    for id in dict.fromkeys(outputs):
        node = project.graph.nodes[id]
        kind = node.kind
        assert isinstance(kind, Output)
        name = (kind.target if kind.loss.judged else "") or prepared.schema.target
        column = prepared.schema.columns.get(name)
        if column is None:
            raise Trouble(
                "{output} asks for a column {name}, which the data does not have.",
                output=node.name,
                name=name,
            )
        chosen = kind.metrics or getattr(kind.loss, "natural", ())
        scaler, undone = prepared.scalers.get(name), None
        if kind.loss.of != "numbers":
            scaler, undone = None, scaler
        counts = _counts(kind.loss, column, prepared)
        width = len(project.graph.used_ports(id))
        found.append(
            Goal(node.id, node.name, column, kind.loss, kind.weight, chosen, scaler, counts, undone, width)
        )
    return tuple(found)


def _counts(loss: Loss, column: Column, prepared: Prepared) -> tuple[int, ...]:
    if getattr(loss, "class_weights", "") != BALANCED:
        return ()
    labels = prepared.train.columns[column.name].ravel()
    return tuple(map(int, np.bincount(labels, minlength=len(column.classes))))


def combined(goals: Sequence[Goal], device: torch.device | None = None) -> Criterion:
    """The total loss: the weighted sum over all Outputs, as a function of what the module returns and the
    targets.
    """
    criteria = [goal.criterion(device) for goal in goals]
    if len(goals) == goals[0].width == 1:
        (one,), share = criteria, goals[0].share
        if share == 1:
            return lambda prediction, targets: one(prediction, targets[0])
        return lambda prediction, targets: one(prediction, targets[0]) * share
    shares = [goal.share for goal in goals]

    def total(prediction: Any, targets: Sequence[Tensor]) -> Tensor:
        costs = [
            criterion(*parts, target) * share
            for criterion, parts, target, share in zip(
                criteria, by_goal(goals, prediction), targets, shares, strict=True
            )
        ]
        return sum(costs[1:], costs[0])

    return total


class Tally:
    """The total loss over samples that come in batches: the same however they are cut."""

    def __init__(self, goals: Sequence[Goal], device: torch.device | None = None) -> None:
        self._goals = goals
        self._criteria = [goal.criterion(device) for goal in goals]
        self._sums: list[Tensor] = []

    def add(self, prediction: Any, targets: Sequence[Tensor]) -> None:
        """Take in what a module returned for a batch."""
        pieces = zip(self._criteria, by_goal(self._goals, prediction), targets, strict=True)
        found = [_sums(criterion, *parts, target) for criterion, parts, target in pieces]
        if self._sums:
            found = [one + more for one, more in zip(self._sums, found, strict=True)]
        self._sums = found

    def losses(self) -> list[Tensor]:
        """The total loss over all of them, then that of each Output by itself where there are several."""
        own = [_whole(criterion, sums) for criterion, sums in zip(self._criteria, self._sums, strict=True)]
        costs = [cost * goal.share for cost, goal in zip(own, self._goals, strict=True)]
        total = sum(costs[1:], costs[0])
        return [total, *own] if len(own) > 1 else [total]


def _sums(criterion: Callable[..., Tensor], *parts: Tensor) -> Tensor:
    """What a loss adds up over samples. One that is a mean over them adds up itself, and their number."""
    if isinstance(criterion, Summed):
        return criterion.sums(*parts)
    number = len(parts[-1])
    mean = criterion(*parts)
    return torch.stack([mean * number, torch.full_like(mean, number)])


def _whole(criterion: Callable[..., Tensor], sums: Tensor) -> Tensor:
    return criterion.of(sums) if isinstance(criterion, Summed) else sums[0] / sums[1]


def by_goal(goals: Sequence[Goal], prediction: Any) -> list[tuple[Tensor, ...]]:
    """What a module returned, told apart by the Outputs that it belongs to."""
    results, found, first = several(prediction), [], 0
    for goal in goals:
        found.append(results[first : first + goal.width])
        first += goal.width
    return found


def answers(goals: Sequence[Goal], prediction: Any) -> tuple[Tensor, ...]:
    """What the network says at each Output, as metrics look at it."""
    return tuple(goal.answer(parts) for goal, parts in zip(goals, by_goal(goals, prediction), strict=True))


def several(prediction: Any) -> tuple[Tensor, ...]:
    """What a module returned as a tuple, one tensor for each wire into an Output."""
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
