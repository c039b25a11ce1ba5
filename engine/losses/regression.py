"""Losses that compare numbers."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

from engine.data.schema import Column
from engine.kinds import declare, param, settings
from engine.kinds.code import Call
from engine.kinds.objections import Objection
from engine.kinds.ports import Incoming, port
from engine.losses.classification import OF_NUMBERS, alike, same_count, wrong_kind
from engine.losses.loss import Loss
from engine.message import Message


@settings
class ForNumbers(Loss):
    """What losses share that compare numbers."""

    task = "numbers"
    natural = OF_NUMBERS

    def object(self, prediction: Incoming, target: Column) -> Iterator[Objection]:
        if target.classes:
            two = len(target.classes) == 2
            yield wrong_kind(
                target,
                Message("a target of numbers"),
                Message(
                    "{column} has {classes} classes, and the distance between two of them means nothing.",
                    column=target.name,
                    classes=len(target.classes),
                ),
                ("CrossEntropy", "BinaryCrossEntropy") if two else ("CrossEntropy",),
            )
        elif self.of == "counts" and target.lo is not None and target.lo < 0:
            yield wrong_kind(
                target,
                Message("a target of counts, from 0 up"),
                Message("{column} may be {lo}.", column=target.name, lo=f"{target.lo:g}"),
                OTHERS,
            )
        elif self.of == "shares" and prod(target.shape) < 2:
            yield wrong_kind(
                target,
                Message("a target of several shares that sum to 1"),
                Message("A sample of {column} is one number.", column=target.name),
                OTHERS,
            )
        else:
            yield from same_count(prediction, target)


OTHERS = ("MeanSquaredError", "MeanAbsoluteError", "Huber")


@declare(hint="numbers", search="mse l2 squared regression least squares")
class MeanSquaredError(ForNumbers):
    """The mean of the squared differences.

    For predicting numbers. Large errors count most, so a few wild values can lead it astray.

    Formula: L = mean (x − t)²

    Source: Legendre 1805, the method of least squares.
    """

    @classmethod
    def label(cls) -> str:
        return "Mean squared error"

    def torch(self, counts: tuple[int, ...] = ()) -> Call:
        return Call("nn.MSELoss")


@declare(hint="numbers", search="mae l1 absolute regression robust median")
class MeanAbsoluteError(ForNumbers):
    """The mean of the differences without their sign.

    For predicting numbers where wild values shall not count more than others.

    Formula: L = mean |x − t|

    Source: torch.nn.L1Loss.
    """

    @classmethod
    def label(cls) -> str:
        return "Mean absolute error"

    def torch(self, counts: tuple[int, ...] = ()) -> Call:
        return Call("nn.L1Loss")


@declare(hint="numbers", search="huber robust regression smooth outlier")
class Huber(ForNumbers):
    """Squared for small differences, straight for large ones.

    For predicting numbers with a few wild values among them.

    Formula: L = mean (d² / 2 if |d| ≤ delta else delta·(|d| − delta / 2)); d = x − t

    Source: Huber 1964, "Robust estimation of a location parameter".
    """

    delta: float = param(1.0, lo=0, above=True, doc="Difference from which it is straight")

    def torch(self, counts: tuple[int, ...] = ()) -> Call:
        return Call("nn.HuberLoss", (), (("delta", self.delta),))


@declare(hint="numbers", search="smooth l1 robust regression boxes huber")
class SmoothL1(ForNumbers):
    """Squared for small differences, straight for large ones, with a slope of 1 there.

    For boxes in object detection. Huber is the same but for the scale.

    Formula: L = mean (d² / (2·beta) if |d| < beta else |d| − beta / 2); d = x − t

    Source: Girshick 2015, "Fast R-CNN".
    """

    beta: float = param(1.0, lo=0, above=True, doc="Difference from which it is straight")

    @classmethod
    def label(cls) -> str:
        return "Smooth L1"

    def torch(self, counts: tuple[int, ...] = ()) -> Call:
        return Call("nn.SmoothL1Loss", (), (("beta", self.beta),))


@declare(hint="counts", search="poisson count events rate regression")
class PoissonLoss(ForNumbers):
    """Minus the log-likelihood of counts; the prediction is the log of the expected count.

    For predicting how often something happens. The target stays in its own units, whatever the data's
    scaling.

    Formula: L = mean (e^x − t·x)

    Source: torch.nn.PoissonNLLLoss.
    """

    link = "log"
    of = "counts"

    @classmethod
    def label(cls) -> str:
        return "Poisson"

    def torch(self, counts: tuple[int, ...] = ()) -> Call:
        return Call("nn.PoissonNLLLoss")


@declare(hint="distributions", search="kullback leibler kl divergence distribution distillation soft labels")
class KLDivergence(ForNumbers):
    """How far predicted log shares are from given shares.

    To learn a distribution, or from a teacher's probabilities. Takes log shares, as from LogSoftmax. The
    shares of the target stay as they are, whatever the data's scaling.

    Formula: L = Σ t·(ln t − x) / N; over all numbers of N samples

    Source: Kullback and Leibler 1951, "On information and sufficiency".
    """

    takes = "log shares"
    link = "log"
    of = "shares"

    @classmethod
    def label(cls) -> str:
        return "KL divergence"

    def torch(self, counts: tuple[int, ...] = ()) -> Call:
        return Call("nn.KLDivLoss", (), (("reduction", "batchmean"),))


@declare(
    hint="numbers, how sure",
    search="gaussian normal negative log likelihood nll uncertainty variance regression",
)
class GaussianNLL(ForNumbers):
    """Minus the log-likelihood of a bell curve: its mean is one wire, the logarithm of its variance another.

    For predicting numbers together with how sure the network is of each.

    Formula: L = mean (v + (x − t)²·e^(−v)) / 2; v = log_variance

    Source: Nix and Weigend 1994, "Estimating the mean and variance of the target probability distribution".
    """

    log_variance = port("N *", doc="the logarithm of the variance, one number for each of the prediction")

    @classmethod
    def label(cls) -> str:
        return "Gaussian"

    def torch(self, counts: tuple[int, ...] = ()) -> Call:
        return Call("criteria.GaussianNLLLoss")

    def among(self, *predictions: Incoming) -> Iterator[Objection]:
        yield from alike(*predictions)
