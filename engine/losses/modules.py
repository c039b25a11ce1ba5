"""Losses that PyTorch does not have, or not in this form, as modules like its own.

Each is called with what arrives at an Output, in the order of its ports, and the target last. It gives one
number, the mean over the batch. In shapes `…` stands for any number of places, such as height×width.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class Summed(nn.Module):
    """A loss that follows from sums over samples. So what a part of the data costs does not depend on the
    batches that it is cut into, where the mean of the batches' losses would.
    """

    def sums(self, prediction: Tensor, target: Tensor) -> Tensor:
        """The sums over these N samples, stacked along the first axis, to be added to those over others."""
        raise NotImplementedError(type(self).__name__)  # every such loss says what it sums

    def of(self, sums: Tensor) -> Tensor:
        """The loss, one number, that follows from such sums."""
        raise NotImplementedError(type(self).__name__)  # every such loss says what follows

    def forward(self, prediction: Tensor, target: Tensor) -> Tensor:
        """The loss of these samples, one number."""
        return self.of(self.sums(prediction, target))


class Counted(Summed):
    """A mean over the targets that count, each as much as its class: the sums are the costs and the weights.
    A batch in which none counts costs nothing.
    """

    def of(self, sums: Tensor) -> Tensor:
        """Cost and weight, 2, as cost for each weight."""
        cost, weight = sums.unbind()
        return cost / weight.clamp(min=torch.finfo(sums.dtype).tiny)


class CountedCrossEntropy(Counted):
    """Cross-entropy over the targets that count; where none does, `nn.CrossEntropyLoss` would divide zero by
    zero. The scores are log probabilities already where it says so.
    """

    weight: Tensor | None

    def __init__(
        self,
        weight: Tensor | None = None,
        ignore_index: int = -100,
        label_smoothing: float = 0.0,
        log_probabilities: bool = False,
    ) -> None:
        super().__init__()
        self.register_buffer("weight", weight)
        self.ignore_index, self.label_smoothing = ignore_index, label_smoothing
        self.log_probabilities = log_probabilities

    def sums(self, prediction: Tensor, target: Tensor) -> Tensor:
        """Cost and weight, 2, of scores N×classes×… and classes N×…."""
        if self.log_probabilities:
            cost = F.nll_loss(
                prediction, target, self.weight, ignore_index=self.ignore_index, reduction="sum"
            )
        else:
            cost = F.cross_entropy(
                prediction,
                target,
                self.weight,
                ignore_index=self.ignore_index,
                reduction="sum",
                label_smoothing=self.label_smoothing,
            )
        counted = target != self.ignore_index
        if self.weight is None:
            return torch.stack([cost, counted.sum().to(cost.dtype)])
        each = self.weight[torch.where(counted, target, 0)] * counted  # the ignored class may be no index
        return torch.stack([cost, each.sum()])

    def extra_repr(self) -> str:
        """Its settings."""
        return f"ignore_index={self.ignore_index}, label_smoothing={self.label_smoothing}"


class FocalLoss(Counted):
    """Cross-entropy that counts a sample the less, the surer the right class is already."""

    weight: Tensor | None

    def __init__(self, gamma: float = 2.0, weight: Tensor | None = None, ignore_index: int = -100) -> None:
        super().__init__()
        self.register_buffer("weight", weight)
        self.gamma, self.ignore_index = gamma, ignore_index

    def sums(self, prediction: Tensor, target: Tensor) -> Tensor:
        """Cost and weight, 2, of scores N×classes×… and classes N×…."""
        counted = target != self.ignore_index
        target = torch.where(counted, target, 0)
        log_right = prediction.log_softmax(1).gather(1, target.unsqueeze(1)).squeeze(1)
        each = counted.to(prediction.dtype)
        if self.weight is not None:
            each = each * self.weight[target]
        # 1 − p is never quite zero, where the slope of a small power would be infinite
        missing = (-torch.expm1(log_right)).clamp(min=torch.finfo(prediction.dtype).eps)
        return torch.stack([(each * missing.pow(self.gamma) * -log_right).sum(), each.sum()])

    def extra_repr(self) -> str:
        """Its settings."""
        return f"gamma={self.gamma}, ignore_index={self.ignore_index}"


class DiceLoss(Summed):
    """One minus the overlap of predicted shares and true places, the mean over classes."""

    def __init__(self, smooth: float = 1.0) -> None:
        super().__init__()
        self.smooth = smooth

    def sums(self, prediction: Tensor, target: Tensor) -> Tensor:
        """Overlap and both areas, 2×classes, of scores N×classes×… and classes N×…."""
        shares = prediction.softmax(1)
        truth = F.one_hot(target, prediction.shape[1]).movedim(-1, 1).to(shares.dtype)
        axes = [0, *range(2, shares.dim())]
        return torch.stack([(shares * truth).sum(axes), (shares + truth).sum(axes)])

    def of(self, sums: Tensor) -> Tensor:
        """The mean over classes, of sums 2×classes."""
        both, all = sums.unbind()
        return 1 - ((2 * both + self.smooth) / (all + self.smooth)).mean()

    def extra_repr(self) -> str:
        """Its settings."""
        return f"smooth={self.smooth}"


class BinaryDiceLoss(Summed):
    """One minus the overlap of what is said to be yes and what is."""

    def __init__(self, smooth: float = 1.0) -> None:
        super().__init__()
        self.smooth = smooth

    def sums(self, prediction: Tensor, target: Tensor) -> Tensor:
        """Overlap and both areas, 2, of scores N×… and targets of 0 or 1, N×…."""
        shares = prediction.sigmoid()
        return torch.stack([(shares * target).sum(), (shares + target).sum()])

    def of(self, sums: Tensor) -> Tensor:
        """The loss of sums 2."""
        both, all = sums.unbind()
        return 1 - (2 * both + self.smooth) / (all + self.smooth)

    def extra_repr(self) -> str:
        """Its settings."""
        return f"smooth={self.smooth}"


class GaussianNLLLoss(nn.Module):
    """Minus the log-likelihood of a bell curve whose mean and log variance are predicted."""

    def forward(self, mean: Tensor, log_variance: Tensor, target: Tensor) -> Tensor:
        """All three N×…; the mean in the units of the target, the variance in their square."""
        return 0.5 * (log_variance + (mean - target).square() * (-log_variance).exp()).mean()


class CosineEmbeddingLoss(nn.Module):
    """`nn.CosineEmbeddingLoss` for targets of 0 and 1."""

    def __init__(self, margin: float = 0.0) -> None:
        super().__init__()
        self.margin = margin

    def forward(self, one: Tensor, other: Tensor, target: Tensor) -> Tensor:
        """Two rows N×features, and 0 or 1, N."""
        return F.cosine_embedding_loss(one, other, 2 * target - 1, margin=self.margin)

    def extra_repr(self) -> str:
        """Its settings."""
        return f"margin={self.margin}"


class HingeEmbeddingLoss(nn.Module):
    """`nn.HingeEmbeddingLoss` for targets of 0 and 1."""

    def __init__(self, margin: float = 1.0) -> None:
        super().__init__()
        self.margin = margin

    def forward(self, distance: Tensor, target: Tensor) -> Tensor:
        """Distances N×… and 0 or 1, N×…."""
        return F.hinge_embedding_loss(distance, 2 * target - 1, margin=self.margin)

    def extra_repr(self) -> str:
        """Its settings."""
        return f"margin={self.margin}"


class MarginRankingLoss(nn.Module):
    """`nn.MarginRankingLoss` for targets of 0 and 1."""

    def __init__(self, margin: float = 0.0) -> None:
        super().__init__()
        self.margin = margin

    def forward(self, one: Tensor, other: Tensor, target: Tensor) -> Tensor:
        """Two scores N×…, and 0 or 1, N×…."""
        return F.margin_ranking_loss(one, other, 2 * target - 1, margin=self.margin)

    def extra_repr(self) -> str:
        """Its settings."""
        return f"margin={self.margin}"


class MultiLabelMarginLoss(nn.Module):
    """`nn.MultiLabelMarginLoss` for targets of 0 and 1, with a margin of one's own."""

    def __init__(self, margin: float = 1.0) -> None:
        super().__init__()
        self.margin = margin

    def forward(self, scores: Tensor, target: Tensor) -> Tensor:
        """Scores N×questions and 0 or 1, N×questions."""
        scores, yes = scores.flatten(1), target.flatten(1)
        short = (self.margin - scores.unsqueeze(2) + scores.unsqueeze(1)).clamp(min=0)
        pairs = yes.unsqueeze(2) * (1 - yes).unsqueeze(1)
        return (short * pairs).sum((1, 2)).mean() / scores.shape[1]

    def extra_repr(self) -> str:
        """Its settings."""
        return f"margin={self.margin}"


class CTCLoss(nn.Module):
    """`nn.CTCLoss` for scores of N×steps×classes and targets that are padded with the blank; with the lengths
    of the samples between them where they are padded, too.
    """

    def __init__(self, blank: int = 0) -> None:
        super().__init__()
        self.blank = blank

    def forward(self, scores: Tensor, *others: Tensor) -> Tensor:
        """Scores N×steps×classes, the steps that count, N, where they are told, and classes N×length."""
        *padded, target = others
        samples, steps, _ = scores.shape
        counted = target != self.blank
        target_lengths = counted.sum(1)
        input_lengths = torch.full((samples,), steps, dtype=torch.long, device=scores.device)
        if padded:
            input_lengths = torch.minimum(padded[0].long().clamp(min=0), input_lengths)
        return F.ctc_loss(
            scores.log_softmax(2).transpose(0, 1),
            target[counted],
            input_lengths,
            target_lengths,
            blank=self.blank,
            zero_infinity=True,
        )

    def extra_repr(self) -> str:
        """Its settings."""
        return f"blank={self.blank}"


class MeanLoss(nn.Module):
    """The mean of what arrives, which has no target."""

    def forward(self, value: Tensor) -> Tensor:
        """Values N×…."""
        return value.mean()


def read_off(scores: Tensor, blank: int, length: int) -> Tensor:
    """Classes N×length that scores of N×steps×classes stand for: the likeliest class of each step, repeats as
    one, blanks left out. They are padded with the blank to that length, or cut there.
    """
    best = scores.argmax(2)
    before = torch.cat([torch.full_like(best[:, :1], blank), best[:, :-1]], 1)
    begins = (best != blank) & (best != before)  # where a class begins; its repeats are the same one
    # each that begins goes to the next place of its sample, all others to one place too many, cut off below
    places = torch.where(begins, begins.cumsum(1) - 1, best.shape[1])
    labels = torch.full((len(best), best.shape[1] + 1), blank, dtype=best.dtype, device=best.device)
    labels.scatter_(1, places, best)
    labels = labels[:, :-1]
    missing = max(0, length - labels.shape[1])
    return F.pad(labels, (0, missing), value=blank)[:, :length]


# The names of the first version: a plug-in may still write "criteria.Focal".
Focal = FocalLoss
Dice = DiceLoss
BinaryDice = BinaryDiceLoss
GaussianNLL = GaussianNLLLoss
CosineEmbedding = CosineEmbeddingLoss
HingeEmbedding = HingeEmbeddingLoss
MarginRanking = MarginRankingLoss
MultiLabelMargin = MultiLabelMarginLoss
CTC = CTCLoss
Mean = MeanLoss
