"""Metrics of classes, from a row of scores for every place and its true class.

The mean over classes counts each class alike. Classes that cannot be judged, since they never come up, are
left out of it. A question of yes or no is judged by its yes.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping

import torch
from torch import Tensor
from torch.nn import functional as F

Computed = Mapping[str, Callable[[], float | None]]


def of_classes(scores: Tensor, target: Tensor, asked: int | None = None) -> Computed:
    """What computes each metric by its key: of the class that is `asked` about, else the mean over all."""
    from torchmetrics.functional import classification as judge

    classes = scores.shape[1]
    labels = scores.argmax(1)
    if not len(target):
        return {}

    def top(k: int) -> float:
        best = scores.topk(min(k, classes), 1).indices
        return float(best.eq(target.unsqueeze(1)).any(1).double().mean())

    def present() -> Tensor:
        return torch.bincount(target, minlength=classes) > 0

    def balanced() -> float:
        recalls = judge.multiclass_recall(labels, target, classes, average="none")
        return float(recalls[present()].double().mean())

    def told_apart(metric: Callable[..., Tensor]) -> float | None:
        """Each class against the rest, where there are some of both. Two classes are one question."""
        if classes == 2:
            if not bool(present().all()):
                return None
            return float(metric((scores[:, 1] - scores[:, 0]).double(), target))
        shares = scores.double().softmax(1)
        numbers = torch.bincount(target, minlength=classes)
        asked = [i for i in range(classes) if 0 < int(numbers[i]) < len(target)]
        values = [float(metric(shares[:, i], (target == i).long())) for i in asked]
        return sum(values) / len(values) if values else None

    def each(metric: Callable[..., Tensor]) -> float:
        if asked is None:
            return float(metric(labels, target, classes, average="macro"))
        return float(metric(labels, target, classes, average="none")[asked])

    def overlap(twice: bool) -> float:
        """Intersection over union, or twice it over both together, of the classes that come up."""
        both = torch.bincount(target[labels == target], minlength=classes).double()
        all = torch.bincount(target, minlength=classes) + torch.bincount(labels, minlength=classes)
        overlaps = 2 * both / all if twice else both / (all - both)
        if asked is not None:
            return float(overlaps[asked]) if all[asked] else 0.0
        return float(overlaps[all > 0].mean())

    def quiet(metric: Callable[..., Tensor]) -> Callable[..., Tensor]:
        def asked(*values: Tensor) -> Tensor:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return metric(*values)

        return asked

    return {
        "accuracy": lambda: float(labels.eq(target).double().mean()),
        "top_3_accuracy": lambda: top(3),
        "top_5_accuracy": lambda: top(5),
        "balanced_accuracy": balanced,
        "precision": lambda: each(judge.multiclass_precision),
        "recall": lambda: each(judge.multiclass_recall),
        "f1": lambda: each(judge.multiclass_f1_score),
        "auroc": lambda: told_apart(quiet(judge.binary_auroc)),
        "average_precision": lambda: told_apart(quiet(judge.binary_average_precision)),
        "iou": lambda: overlap(twice=False),
        "dice": lambda: overlap(twice=True),
        "perplexity": lambda: float(F.cross_entropy(scores.double(), target).exp()),
    }
