"""Metrics of classes, from a row of scores for every place and its true class.

The mean over classes counts each class alike. Classes that cannot be judged, since they never come up, are
left out of it. A question of yes or no is judged by its yes.
"""

from __future__ import annotations

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
    if not len(target):
        return {}
    rows = _Rows(scores, target, asked)
    return {
        "accuracy": lambda: float(rows.labels.eq(target).double().mean()),
        "top_3_accuracy": lambda: rows.top(3),
        "top_5_accuracy": lambda: rows.top(5),
        "balanced_accuracy": rows.balanced,
        "precision": lambda: rows.share(rows.right, rows.said),
        "recall": lambda: rows.share(rows.right, rows.true),
        "f1": lambda: rows.share(2 * rows.right, rows.said + rows.true),
        "auroc": lambda: rows.separation(auroc),
        "average_precision": lambda: rows.separation(average_precision),
        "iou": lambda: rows.share(rows.right, rows.said + rows.true - rows.right),
        "dice": lambda: rows.share(2 * rows.right, rows.said + rows.true),
        "perplexity": lambda: float(F.cross_entropy(scores.double(), target).exp()),
    }


class _Rows:
    """Scores rows×classes and the true class of each row, with what several metrics go by."""

    def __init__(self, scores: Tensor, target: Tensor, asked: int | None) -> None:
        self.scores, self.target, self.asked = scores, target, asked
        self.classes = scores.shape[1]

    @cached_property
    def labels(self) -> Tensor:
        """The class that each row's scores are for, rows. Of equal scores the first counts."""
        return self.scores.argmax(1)

    @cached_property
    def true(self) -> Tensor:
        """How many rows are of each class, classes."""
        return self._counts(self.target)

    @cached_property
    def said(self) -> Tensor:
        """How many rows are said to be of each class, classes."""
        return self._counts(self.labels)

    @cached_property
    def right(self) -> Tensor:
        """How many rows are said to be of their class, classes."""
        return self._counts(self.target[self.labels == self.target])

    def _counts(self, classes: Tensor) -> Tensor:
        return torch.bincount(classes, minlength=self.classes).double()

    def top(self, k: int) -> float:
        """The share of rows whose class is among the k with the highest scores; of equal ones, the first."""
        own = self.target.unsqueeze(1)
        score = self.scores.gather(1, own)
        earlier = torch.arange(self.classes) < own
        ahead = (self.scores > score) | ((self.scores == score) & earlier)
        return float((ahead.sum(1) < k).double().mean())

    def balanced(self) -> float:
        """The mean recall of the classes that come up: one that never does has none that could be missed."""
        there = self.true > 0
        return float((self.right[there] / self.true[there]).mean())

    def share(self, part: Tensor, whole: Tensor) -> float:
        """The share of each class, both classes, of the class that is asked about or the mean over those that
        come up or are said. One of nothing is 0: no number is right where there is none.
        """
        shares = part / whole.clamp(min=1)
        if self.asked is not None:
            return float(shares[self.asked])
        return float(shares[self.said + self.true > 0].mean())

    def separation(self, metric: Callable[[Tensor, Tensor], float]) -> float | None:
        """A metric of scores and yes or no, rows each: how well each class is told from the rest, in the mean
        over those where there are some of both.
        """
        scores = self.scores.double()
        if not bool(scores.isfinite().all()):
            return None
        # a question of yes or no is one question, not two that mirror each other
        if self.classes == 2:
            odds, classes = scores.diff(dim=1).expand(-1, 2), range(1, 2)
        else:
            odds, classes = log_odds(scores), range(self.classes)
        judged = [i for i in classes if 0 < int(self.true[i]) < len(self.target)]
        values = [metric(odds[:, i], self.target == i) for i in judged]
        return sum(values) / len(values) if values else None


def log_odds(scores: Tensor) -> Tensor:
    """How much speaks for each class against all others, log p/(1 − p), rows×classes, from scores of that
    shape in double precision; p = softmax of the scores of a row.

    Scores of different rows can be compared by it, as by p. But p of a large score is 1 like that of a
    larger one. Rows that are alike but for the order of their classes come to the very same numbers.
    """
    below = scores - scores.amax(1, keepdim=True)
    others = below.sort(1).values[:, :-1].logsumexp(1, keepdim=True)  # all but the highest, against it
    log_p = below - torch.logaddexp(torch.zeros_like(others), others)
    return torch.where(below == 0, -others, log_p - torch.log1p(-log_p.exp()))


def auroc(scores: Tensor, yes: Tensor) -> float:
    """How likely a yes scores higher than a no, equal ones counting half; scores and yes or no, one a row."""
    hits, false = _at_each_score(scores, yes)
    below = false.cumsum(0) - false
    return float((hits * (below + false / 2)).sum() / (hits.sum() * false.sum()))


def average_precision(scores: Tensor, yes: Tensor) -> float:
    """The precision at every threshold, weighted by the recall it adds; scores and yes or no, one a row."""
    hits, false = _at_each_score(scores, yes)
    hits, false = hits.flip(0), false.flip(0)  # from the highest threshold down
    precision = hits.cumsum(0) / (hits + false).cumsum(0)
    return float((hits * precision).sum() / hits.sum())


def _at_each_score(scores: Tensor, yes: Tensor) -> tuple[Tensor, Tensor]:
    """How many rows are yes and how many no at each different score, from the lowest up."""
    levels, place = torch.unique(scores, return_inverse=True)
    of_all = torch.bincount(place, minlength=len(levels)).double()
    hits = torch.bincount(place, weights=yes.double(), minlength=len(levels))
    return hits, of_all - hits
