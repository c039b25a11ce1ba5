"""Metrics of classes, from a row of scores for every place and its true class.

The mean over classes counts each class alike. Classes that cannot be judged, since they never come up, are
left out of it. A question of yes or no is judged by its yes.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from functools import cached_property

import torch
from torch import Tensor
from torch.nn import functional as F

Computed = Mapping[str, Callable[[], float | None]]
"""What computes each metric, by its key. None says that it is not defined."""


def of_classes(scores: Tensor, target: Tensor, asked: int | None = None) -> Computed:
    """What computes each metric of scores rows×classes and target classes rows, by its key: of the class that
    is `asked` about, else the mean over all. Shares are from 0 to 1. Without a row there is nothing to judge.
    """
    from torchmetrics.functional import classification as judge  # which takes a second to import

    if not len(target):
        return {}
    rows = _Rows(scores, target, asked)
    return {
        "accuracy": lambda: float(rows.labels.eq(target).double().mean()),
        "top_3_accuracy": lambda: rows.top(3),
        "top_5_accuracy": lambda: rows.top(5),
        "balanced_accuracy": lambda: rows.balanced(judge.multiclass_recall),
        "precision": lambda: rows.each(judge.multiclass_precision),
        "recall": lambda: rows.each(judge.multiclass_recall),
        "f1": lambda: rows.each(judge.multiclass_f1_score),
        "auroc": lambda: rows.separation(judge.binary_auroc),
        "average_precision": lambda: rows.separation(judge.binary_average_precision),
        "iou": lambda: rows.overlap(twice=False),
        "dice": lambda: rows.overlap(twice=True),
        "perplexity": lambda: float(F.cross_entropy(scores.double(), target).exp()),
    }


class _Rows:
    """Scores rows×classes and the true class of each row, with what several metrics go by."""

    def __init__(self, scores: Tensor, target: Tensor, asked: int | None) -> None:
        self.scores, self.target, self.asked = scores, target, asked
        self.classes = scores.shape[1]

    @cached_property
    def labels(self) -> Tensor:
        """The class that each row's scores are for, rows."""
        return self.scores.argmax(1)

    @property
    def counts(self) -> Tensor:
        """How many rows are of each class, classes."""
        return torch.bincount(self.target, minlength=self.classes)

    def top(self, k: int) -> float:
        """The share of rows whose class is among the k with the highest scores."""
        best = self.scores.topk(min(k, self.classes), 1).indices
        return float(best.eq(self.target.unsqueeze(1)).any(1).double().mean())

    def balanced(self, recall: Callable[..., Tensor]) -> float:
        """The mean recall of the classes that come up: one that never does has none that could be missed."""
        recalls = recall(self.labels, self.target, self.classes, average="none")
        return float(recalls[self.counts > 0].double().mean())

    def each(self, metric: Callable[..., Tensor]) -> float:
        """A metric of labels and target, of the class that is asked about or the mean over all."""
        if self.asked is None:
            return float(metric(self.labels, self.target, self.classes, average="macro"))
        return float(metric(self.labels, self.target, self.classes, average="none")[self.asked])

    def separation(self, metric: Callable[..., Tensor]) -> float | None:
        """A metric of scores and yes or no, rows each: how well each class is told from the rest, in the mean
        over those where there are some of both.
        """
        if self.classes == 2:  # one question: the second score above the first is the yes
            if not bool((self.counts > 0).all()):
                return None
            return _quietly(metric, (self.scores[:, 1] - self.scores[:, 0]).double(), self.target)
        shares = self.scores.double().softmax(1)  # scores of different rows cannot be compared, shares can
        counts = self.counts
        judged = [i for i in range(self.classes) if 0 < int(counts[i]) < len(self.target)]
        values = [_quietly(metric, shares[:, i], (self.target == i).long()) for i in judged]
        return sum(values) / len(values) if values else None

    def overlap(self, twice: bool) -> float:
        """Intersection over union, or twice it over both together, of the classes that come up."""
        both = torch.bincount(self.target[self.labels == self.target], minlength=self.classes).double()
        together = self.counts + torch.bincount(self.labels, minlength=self.classes)
        overlaps = 2 * both / together if twice else both / (together - both)
        if self.asked is not None:  # neither said nor true: nothing overlaps, and 0 / 0 would be no number
            return float(overlaps[self.asked]) if together[self.asked] else 0.0
        return float(overlaps[together > 0].mean())


def _quietly(metric: Callable[..., Tensor], scores: Tensor, yes: Tensor) -> float:
    """The metric of scores and yes or no, rows each, without the warnings of torchmetrics to a programmer."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return float(metric(scores, yes))
