"""How good predictions are: a quick measure while training runs, and all of them at its end.

Keys are the metrics' names in lower case with underscores. Errors are in the target's own units. What is not
defined, such as R² of a constant target, is left out rather than given as NaN.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import partial

import numpy as np
import torch
from torch import Tensor

from engine.data.prepare import Part, Prepared, persistence
from engine.kinds import registry
from engine.losses.modules import read_off
from engine.metrics.classification import Computed, of_classes
from engine.metrics.metric import Metric, key
from engine.training.objectives import Goal


class Meter:
    """The measure drawn as a curve: accuracy where there are classes, the error in own units where there are
    numbers, and the mean of what arrives where there is no target.

    `each` gives one value a sample; `whole` makes the metric out of their mean.
    """

    def __init__(self, goal: Goal, device: torch.device) -> None:
        self.task = goal.task
        self._goal = goal
        self.name = "value" if self.task == "wire" else "accuracy"
        self._power = 1
        if self.task == "numbers":
            self.name = "mae" if goal.metrics[:1] == ("MAE",) else "rmse"
            self._power = 1 if self.name == "mae" else 2
            size = np.asarray(goal.scaler.size if goal.scaler is not None else 1.0, np.float32)
            self._size = torch.tensor(size, device=device)

    def each(self, prediction: Tensor, target: Tensor) -> Tensor:
        """One value for each sample: the share of right answers, or the mean error to the metric's power.

        Where some targets do not count, the others count for them, so that the mean is that of those that do.
        """
        if self.task == "wire":
            values = prediction.float()
        elif self.task == "sequence":
            return decided(self._goal, prediction, target.shape[1]).eq(target).all(1).float()
        elif self.task == "numbers":
            errors = ((self._goal.said(prediction) - target) * self._size).abs()
            values = errors if self._power == 1 else errors.square()
        else:
            values = decided(self._goal, prediction).eq(target).float()
            if self._goal.ignored is not None:
                counted = target != self._goal.ignored
                values = values * counted * (counted.numel() / counted.sum().clamp(min=1))
        return values if values.dim() == 1 else values.flatten(1).mean(1)

    def sums(self, prediction: Tensor, target: Tensor) -> Tensor:
        """The sum of `each` over what counts, and how many that are: sums of both over batches give the mean
        over a whole part of the data.
        """
        each = self.each(prediction, target).float()
        ignored = self._goal.ignored
        mean = each.mean()
        counted = torch.full_like(mean, len(each)) if ignored is None else (target != ignored).sum().to(mean)
        return torch.stack([mean * counted, counted])

    def whole(self, mean: float) -> float:
        """The metric, from the mean over samples of what `each` gave."""
        return math.sqrt(mean) if self._power == 2 else mean


def decided(goal: Goal, prediction: Tensor, length: int | None = None) -> Tensor:
    """The class that a prediction stands for; for a sequence its classes, padded to `length`."""
    if goal.task == "sequence":
        return read_off(prediction, goal.loss.blank, length or goal.column.shape[0])  # type: ignore[attr-defined]  # such a loss has a blank
    return prediction.argmax(1) if goal.task == "classes" else (prediction > 0).to(prediction.dtype)


def named(goals: Sequence[Goal], goal: Goal, metric: str) -> str:
    """What a metric is called: by itself with one Output, after its Output with several."""
    return metric if len(goals) == 1 else f"{goal.name}.{metric}"


def all_metrics(goal: Goal, prediction: Tensor, target: Tensor) -> dict[str, float]:
    """Every metric that the Output asks for, over all samples at once."""
    found: Computed
    if goal.task == "numbers":
        compared = _own_units(goal, goal.said(prediction)), _own_units(goal, target)
        found = _of_numbers(*compared)
    elif goal.task in {"classes", "binary"}:
        compared = _scores(goal, prediction, target)
        found = of_classes(*compared, 1 if goal.task == "binary" else None)
    elif goal.task == "sequence":
        compared = decided(goal, prediction, target.shape[1]), target
        found = {"accuracy": lambda: float(compared[0].eq(target).all(1).double().mean())}
    else:
        return {"value": float(prediction.double().mean())}
    wanted = {key(metric) for metric in goal.metrics}
    found = {**found, **_of_plugins(goal, compared)}
    return {
        name: value
        for name, compute in found.items()
        if name in wanted and (value := compute()) is not None and math.isfinite(value)
    }


def _scores(goal: Goal, prediction: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
    """A row of scores for every place that counts, and its class. A yes-or-no score stands beside its
    opposite, 0.
    """
    if goal.task == "binary":
        yes = prediction.flatten()
        return torch.stack([torch.zeros_like(yes), yes], 1), target.long().flatten()
    rows = prediction.movedim(1, -1).reshape(-1, prediction.shape[1])
    classes = target.flatten()
    if goal.ignored is None:
        return rows, classes
    counted = classes != goal.ignored
    return rows[counted], classes[counted]


def series_metrics(goal: Goal, prepared: Prepared, part: Part) -> Iterator[tuple[str, float]]:
    """What a series is measured against: that everything stays as it is."""
    schema = prepared.schema
    if schema.series and goal.task == "numbers" and goal.column.name == schema.target:
        value = persistence(prepared, part)
        if math.isfinite(value):
            yield "persistence", value


def _of_plugins(goal: Goal, compared: tuple[Tensor, Tensor]) -> Computed:
    """What computes those that plug-ins declare and that can judge such predictions."""
    own = (kind for kind in registry(Metric).values() if kind.plugin and goal.task in kind.tasks)
    return {key(kind.name): partial(kind().compute, *compared) for kind in own}


def _of_numbers(said: Tensor, true: Tensor) -> Computed:
    from torchmetrics import functional as judge

    def r2() -> float | None:
        spread = (true - true.mean(0)).square().sum(0)
        if len(true) < 2 or not bool((spread > 0).all()):
            return None
        return float(judge.r2_score(said, true))

    def mape() -> float | None:
        if not bool((true != 0).all()):  # a share of nothing
            return None
        return float(judge.mean_absolute_percentage_error(said, true))

    return {
        "rmse": lambda: math.sqrt(float(judge.mean_squared_error(said, true))),
        "mae": lambda: float(judge.mean_absolute_error(said, true)),
        "mape": mape,
        "r2": r2,
    }


def _own_units(goal: Goal, values: Tensor) -> Tensor:
    """One row a sample, in double precision."""
    numbers = values.double()
    if goal.scaler is not None:
        size, offset = (
            torch.tensor(np.asarray(x, np.float64)) for x in (goal.scaler.size, goal.scaler.offset)
        )
        numbers = numbers * size + offset
    return numbers.reshape(len(numbers), -1)
