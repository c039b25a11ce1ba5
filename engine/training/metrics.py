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
from attrs import field, frozen
from torch import Tensor

from engine.data.dataset import Dataset
from engine.data.prepare import Prepared, persistence
from engine.kinds import registry
from engine.losses.modules import read_off
from engine.metrics.classification import Computed, of_classes
from engine.metrics.metric import Metric, key
from engine.training.objectives import Objective


class Meter:
    """The measure of one Output that is drawn as a curve: accuracy where there are classes, the error in own
    units where there are numbers, and the mean of what arrives where there is no target.

    `each` gives one value a sample; `whole` makes the metric out of their mean. `name` is what reports call
    it. `failure` is why it could not be measured, if it could not.
    """

    failure: Exception | None = None

    def __init__(self, objective: Objective, device: torch.device) -> None:
        self._objective = objective
        metric = "value" if objective.task == "wire" else "accuracy"
        self._power = 1
        if objective.task == "numbers":
            metric = "mae" if objective.metrics[:1] == ("MAE",) else "rmse"
            self._power = 1 if metric == "mae" else 2
            scaler = objective.scaler
            size = np.asarray(scaler.size if scaler is not None else 1.0, np.float32)
            self._size = torch.tensor(size, device=device)
        self.name = objective.named(metric)

    def each(self, prediction: Tensor, target: Tensor) -> Tensor:
        """One value for each of N samples, float32: the share of right answers, or the mean error to the
        metric's power. Prediction N×classes×…, target N×… int64; or both N×…, numbers as they are scaled.

        A target that does not count is no right answer: `counts` says for how much a sample stands. Where
        it cannot be measured it is not a number, and `failure` keeps why: that shall not end a training.
        """
        try:
            return self._measured(prediction, target)
        except Exception as error:  # a plug-in's loss may predict what no measure can read
            self.failure = error
            return torch.full((len(target),), math.nan, device=target.device)

    def counts(self, target: Tensor) -> Tensor:
        """For how much each of N samples stands, float32: the share of its targets, N×…, that count."""
        if self._objective.ignored is None:
            return torch.ones(len(target), device=target.device)
        return _by_sample((target != self._objective.ignored).float())

    def _measured(self, prediction: Tensor, target: Tensor) -> Tensor:
        task = self._objective.task
        if task == "wire":
            values = prediction.float()
        elif task == "sequence":
            classes = predicted_classes(self._objective, prediction, target.shape[1])
            return classes.eq(target).all(1).float()
        elif task == "numbers":
            errors = ((self._objective.numbers(prediction) - target) * self._size).abs()
            values = errors if self._power == 1 else errors.square()
        else:
            values = predicted_classes(self._objective, prediction).eq(target).float()
            if self._objective.ignored is not None:
                values = values * (target != self._objective.ignored)
        return _by_sample(values)

    def sums(self, prediction: Tensor, target: Tensor) -> Tensor:
        """The sums of `each` and of `counts` over N samples, a vector of two: sums of both over batches give
        the mean over a whole part of the data.
        """
        each, counts = self.each(prediction, target).float(), self.counts(target)
        return torch.stack([each.mean(), counts.mean().to(each)]) * len(each)

    def whole(self, mean: float) -> float:
        """The metric, from the mean over samples of what `each` gave."""
        return math.sqrt(mean) if self._power == 2 else mean


def _by_sample(values: Tensor) -> Tensor:
    """The mean over the places of each sample, N, of values N×…"""
    return values if values.dim() == 1 else values.flatten(1).mean(1)


def with_names(meters: Sequence[Meter], means: Sequence[float]) -> dict[str, float]:
    """The loss and each measure by name, from their means over samples. What is not finite stays, to be
    noticed.
    """
    measures = zip(meters, means[1:], strict=True)
    return {"loss": means[0], **{meter.name: meter.whole(mean) for meter, mean in measures}}


def predicted_classes(objective: Objective, prediction: Tensor, length: int | None = None) -> Tensor:
    """The class that a prediction stands for: N×… int64 for scores N×classes×…; 0 or 1, N×… of the
    prediction's type, for a score of yes; for a sequence N×`length`, padded with the blank.
    """
    if objective.task == "sequence":
        steps = length or objective.column.shape[0]
        return read_off(prediction, objective.loss.blank, steps)  # type: ignore[attr-defined]  # such a loss has a blank
    return prediction.argmax(1) if objective.task == "classes" else (prediction > 0).to(prediction.dtype)


@frozen
class Judged:
    """What metrics came to, by their keys, and why those could not be computed that raised."""

    values: dict[str, float] = field(factory=dict)
    failures: dict[str, Exception] = field(factory=dict)


def all_metrics(objective: Objective, prediction: Tensor, target: Tensor) -> Judged:
    """Every metric that the Output asks for, over all N samples at once, in the target's own units.
    Prediction N×…, target N×…, as `Objective` says. One that raises does not take the others with it.
    """
    judged = Judged()
    wanted = {"value"} if objective.task == "wire" else {key(metric) for metric in objective.metrics}
    try:
        computed = _computed(objective, prediction, target)
    except Exception as error:  # none of them can read what was predicted
        judged.failures.update(dict.fromkeys(sorted(wanted), error))
        return judged
    for name, compute in computed.items():
        if name not in wanted:
            continue
        try:
            value = compute()
        except Exception as error:  # whatever it is, the others and what was learnt are to be kept
            judged.failures[name] = error
        else:
            if value is not None and math.isfinite(value):
                judged.values[name] = value
    return judged


def _computed(objective: Objective, prediction: Tensor, target: Tensor) -> Computed:
    """What computes each metric of such a task, by its key."""
    if objective.task == "wire":
        return {"value": lambda: float(prediction.double().mean())}
    computed: Computed
    if objective.task == "numbers":
        compared = (
            _own_units(objective, objective.numbers(prediction)),
            _own_units(objective, target),
        )
        computed = _of_numbers(*compared)
    elif objective.task in {"classes", "binary"}:
        compared = _scores(objective, prediction, target)
        # a question of yes or no is judged by its yes
        computed = of_classes(*compared, 1 if objective.task == "binary" else None)
    else:
        compared = predicted_classes(objective, prediction, target.shape[1]), target
        computed = {"accuracy": lambda: float(compared[0].eq(target).all(1).double().mean())}
    return {**computed, **_of_plugins(objective, compared)}


def _scores(objective: Objective, prediction: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
    """A row of scores for every place that counts, places×classes, and its class, int64. A yes-or-no score
    stands beside its opposite, 0.
    """
    if objective.task == "binary":
        yes = prediction.flatten()
        return torch.stack([torch.zeros_like(yes), yes], 1), target.long().flatten()
    rows = prediction.movedim(1, -1).reshape(-1, prediction.shape[1])
    classes = target.flatten()
    if objective.ignored is None:
        return rows, classes
    counted = classes != objective.ignored
    return rows[counted], classes[counted]


def series_metrics(objective: Objective, prepared: Prepared, dataset: Dataset) -> Iterator[tuple[str, float]]:
    """What a series is measured against: that everything stays as it is."""
    schema = prepared.schema
    if schema.series and objective.task == "numbers" and objective.column.name == schema.target:
        value = persistence(prepared, dataset)
        if math.isfinite(value):
            yield "persistence", value


def _of_plugins(objective: Objective, compared: tuple[Tensor, Tensor]) -> Computed:
    """What computes those that plug-ins declare and that can judge such predictions."""
    own = (kind for kind in registry(Metric).values() if kind.plugin and objective.task in kind.tasks)
    return {key(kind.name): partial(kind().compute, *compared) for kind in own}


def _of_numbers(predicted: Tensor, true: Tensor) -> Computed:
    """What computes each metric of numbers by its key; both N×numbers, in own units, double precision."""
    errors = predicted - true

    def r2() -> float | None:
        spread = (true - true.mean(0)).square().sum(0)
        if len(true) < 2 or not bool((spread > 0).all()):
            return None
        return float((1 - errors.square().sum(0) / spread).mean())

    def mape() -> float | None:
        if not bool((true != 0).all()):  # a share of nothing
            return None
        return float((errors / true).abs().mean())

    return {
        "rmse": lambda: math.sqrt(float(errors.square().mean())),
        "mae": lambda: float(errors.abs().mean()),
        "mape": mape,
        "r2": r2,
    }


def _own_units(objective: Objective, values: Tensor) -> Tensor:
    """Scaled values N×… in their own units: N×numbers, in double precision."""
    numbers = values.double()
    scaler = objective.scaler
    if scaler is not None:
        size, offset = (torch.tensor(np.asarray(x, np.float64)) for x in (scaler.size, scaler.offset))
        numbers = numbers * size + offset
    return numbers.reshape(len(numbers), -1)
