"""Losses: what training makes small. Each says what it judges and what it cannot."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from engine import forms
from engine.calls import Call
from engine.kinds import Loss, declare, param, settings
from engine.message import Message
from engine.ports import Incoming, Objection
from engine.shapes import N, Shape

if TYPE_CHECKING:
    from engine.data.schema import Column

METRICS = ("accuracy", "balanced accuracy", "precision", "recall", "F1", "MAE", "RMSE", "R2")
OF_CLASSES = ("accuracy", "balanced accuracy", "precision", "recall", "F1")
OF_NUMBERS = ("RMSE", "MAE", "R2")


@settings
class ForClasses(Loss):
    """What losses share that judge one score for each class."""

    task = "classes"
    natural = OF_CLASSES

    def object(self, prediction: Incoming, target: Column) -> Iterator[Objection]:
        if not target.classes:
            yield _wrong_kind(
                target,
                Message("a target with classes"),
                Message(
                    "{column} holds numbers, and there are no classes to choose from.", column=target.name
                ),
                ("MeanSquaredError", "MeanAbsoluteError", "Huber"),
            )
            return
        classes = len(target.classes)
        received = prediction.shape.sample
        expected = (classes, *target.shape)
        if received == expected:
            return
        if len(received) == len(expected) and received[1:] == expected[1:]:
            yield Objection(
                "classes-differ",
                Message("{shape}, a score for each class", shape=Shape((N, *expected))),
                Message(
                    "{column} has {classes} classes; {received} scores arrive.",
                    column=target.name,
                    classes=classes,
                    received=received[0],
                ),
                {"classes": classes, "received": received[0], "expected": expected},
            )
            return
        yield Objection(
            "prediction-shape",
            Message("{shape}, a score for each class", shape=Shape((N, *expected))),
            Message("A sample of {column} is one of {classes} classes.", column=target.name, classes=classes),
            {"classes": classes, "expected": expected, "received": received},
        )


def _wrong_kind(target: Column, expected: Message, why: Message, losses: tuple[str, ...]) -> Objection:
    return Objection("target-kind", expected, why, {"losses": losses, "target": target.name})


def _same_count(prediction: Incoming, target: Column) -> Iterator[Objection]:
    if prediction.shape.sample == target.shape or (
        prediction.shape.size == 1 and target.shape in {(), (1,)} and prediction.rank <= 2
    ):
        return
    size = 1
    for part in target.shape:
        size *= part
    yield Objection(
        "sizes-differ",
        Message("{shape}", shape=Shape((N, *(target.shape or (1,))))),
        Message(
            "A sample of {column} is {count}, and the prediction is compared with it number by number.",
            column=target.name,
            count=Message("one number") if size == 1 else Message("{count} numbers", count=size),
        ),
        {"expected": target.shape or (1,), "received": prediction.shape.sample, "features": size},
    )


@declare(hint="several classes", search="classification softmax log loss nll multiclass")
class CrossEntropy(ForClasses):
    """Small where the right class gets a high score: −ln of its softmax share.

    For choosing one of several classes. The scores need no softmax before it.

    Source: −ln softmax(x)ₜ; label smoothing: Szegedy et al. 2015, "Rethinking the Inception architecture".
    """

    label_smoothing: float = param(
        0.0, lo=0, hi=1, doc="Share of the target that is spread over all classes, against being too sure"
    )

    ignore: int | None = param(
        None,
        form=forms.Integer(lo=0, optional=True),
        doc="A class that does not count, such as what is left of a padded text",
        advanced=True,
    )

    @classmethod
    def label(cls) -> str:
        return "Cross-entropy"

    def torch(self) -> Call:
        words: list[tuple[str, object]] = [("label_smoothing", self.label_smoothing)]
        if self.ignore is not None:
            words.append(("ignore_index", self.ignore))
        return Call("nn.CrossEntropyLoss", (), tuple(words))


@declare(hint="log probabilities", search="negative log likelihood nll classification multiclass")
class NegativeLogLikelihood(ForClasses):
    """Minus the log probability of the right class.

    After LogSoftmax. Cross-entropy does both at once.

    Source: −xₜ.
    """

    @classmethod
    def label(cls) -> str:
        return "Negative log-likelihood"

    def torch(self) -> Call:
        return Call("nn.NLLLoss")


@declare(hint="several classes", search="hinge margin svm support vector classification multiclass")
class Hinge(ForClasses):
    """Asks that the right class scores above every other by a margin, and no more.

    For classifying like a support vector machine, where probabilities are not wanted.

    Source: Σⱼ max(0, margin − xₜ + xⱼ)ᵖ / n; Crammer and Singer 2001.
    """

    margin: float = param(1.0, lo=0, above=True, doc="How far above the others the right class shall be")
    power: int = param(1, lo=1, hi=2, doc="1 for the plain, 2 for the squared hinge")

    def object(self, prediction: Incoming, target: Column) -> Iterator[Objection]:
        yield from super().object(prediction, target)
        if target.classes and target.shape:
            yield Objection(
                "target-shape",
                Message("one class for each sample"),
                Message("{column} has a class for each of several places.", column=target.name),
                {"losses": ("CrossEntropy",), "target": target.name},
            )

    def torch(self) -> Call:
        return Call("nn.MultiMarginLoss", (), (("p", self.power), ("margin", self.margin)))


@declare(hint="yes or no", search="bce logistic sigmoid classification binary")
class BinaryCrossEntropy(Loss):
    """Small where one score says yes or no rightly: −ln of its sigmoid, or of the rest.

    For two classes with a single score, and for several yes-or-no questions at once. Needs no sigmoid before
    it.

    Source: −t·ln σ(x) − (1 − t)·ln(1 − σ(x)).
    """

    task = "binary"
    natural = OF_CLASSES

    @classmethod
    def label(cls) -> str:
        return "Binary cross-entropy"

    def torch(self) -> Call:
        return Call("nn.BCEWithLogitsLoss")

    def object(self, prediction: Incoming, target: Column) -> Iterator[Objection]:
        classes = len(target.classes) if target.classes else 0
        if classes != 2:
            yield _wrong_kind(
                target,
                Message("a target of two classes"),
                Message("{column} has {classes} classes.", column=target.name, classes=classes)
                if classes
                else Message("{column} holds numbers, not yes or no.", column=target.name),
                ("CrossEntropy",) if classes else ("MeanSquaredError", "MeanAbsoluteError", "Huber"),
            )
            return
        yield from _same_count(prediction, target)


@settings
class ForNumbers(Loss):
    """What losses share that compare numbers."""

    task = "numbers"
    natural = OF_NUMBERS

    def object(self, prediction: Incoming, target: Column) -> Iterator[Objection]:
        if target.classes:
            two = len(target.classes) == 2
            yield _wrong_kind(
                target,
                Message("a target of numbers"),
                Message(
                    "{column} has {classes} classes, and the distance between two of them means nothing.",
                    column=target.name,
                    classes=len(target.classes),
                ),
                ("CrossEntropy", "BinaryCrossEntropy") if two else ("CrossEntropy",),
            )
            return
        yield from _same_count(prediction, target)


@declare(hint="numbers", search="mse l2 squared regression least squares")
class MeanSquaredError(ForNumbers):
    """The mean of the squared differences.

    For predicting numbers. Large errors count most, so a few wild values can lead it astray.

    Source: mean (x − t)².
    """

    @classmethod
    def label(cls) -> str:
        return "Mean squared error"

    def torch(self) -> Call:
        return Call("nn.MSELoss")


@declare(hint="numbers", search="mae l1 absolute regression robust median")
class MeanAbsoluteError(ForNumbers):
    """The mean of the differences without their sign.

    For predicting numbers where wild values shall not count more than others.

    Source: mean |x − t|.
    """

    @classmethod
    def label(cls) -> str:
        return "Mean absolute error"

    def torch(self) -> Call:
        return Call("nn.L1Loss")


@declare(hint="numbers", search="huber robust regression smooth outlier")
class Huber(ForNumbers):
    """Squared for small differences, straight for large ones.

    For predicting numbers with a few wild values among them.

    Source: Huber 1964, "Robust estimation of a location parameter".
    """

    delta: float = param(1.0, lo=0, above=True, doc="Difference from which it is straight")

    def torch(self) -> Call:
        return Call("nn.HuberLoss", (), (("delta", self.delta),))


@declare(hint="numbers", search="smooth l1 robust regression boxes huber")
class SmoothL1(ForNumbers):
    """Squared for small differences, straight for large ones, with a slope of 1 there.

    For boxes in object detection. Huber is the same but for the scale.

    Source: Girshick 2015, "Fast R-CNN".
    """

    beta: float = param(1.0, lo=0, above=True, doc="Difference from which it is straight")

    @classmethod
    def label(cls) -> str:
        return "Smooth L1"

    def torch(self) -> Call:
        return Call("nn.SmoothL1Loss", (), (("beta", self.beta),))


@declare(hint="counts", search="poisson count events rate regression")
class PoissonLoss(ForNumbers):
    """Minus the log-likelihood of counts; the prediction is the log of the expected count.

    For predicting how often something happens.

    Source: eˣ − t·x.
    """

    link = "log"

    @classmethod
    def label(cls) -> str:
        return "Poisson"

    def torch(self) -> Call:
        return Call("nn.PoissonNLLLoss")


@declare(hint="distributions", search="kullback leibler kl divergence distribution distillation soft labels")
class KLDivergence(ForNumbers):
    """How far predicted log shares are from given shares.

    To learn a distribution, or from a teacher's probabilities. Takes log shares, as from LogSoftmax.

    Source: Σ t·(ln t − x) / n; Kullback and Leibler 1951.
    """

    link = "log"

    @classmethod
    def label(cls) -> str:
        return "KL divergence"

    def torch(self) -> Call:
        return Call("nn.KLDivLoss", (), (("reduction", "batchmean"),))
