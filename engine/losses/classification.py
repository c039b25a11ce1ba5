"""Losses that judge by classes, and what losses share. Each says what it judges and what it cannot."""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite
from typing import Any, ClassVar

from engine.data.schema import Column
from engine.kinds import declare, param, settings, types
from engine.kinds.code import Call
from engine.kinds.objections import Objection, ObjectionKind
from engine.kinds.ports import Incoming
from engine.kinds.shapes import N, Shape
from engine.losses.loss import Loss
from engine.message import Message
from engine.metrics.metric import F1, MAE, R2, RMSE, Accuracy, BalancedAccuracy, Precision, Recall

CLASSES_DIFFER = ObjectionKind(
    "classes-differ",
    expected="{shape}, a score for each class",
    why="{column} has {classes} classes; {received} score{received:|s} arrive{received:s|}.",
)
PREDICTION_SHAPE = ObjectionKind(
    "prediction-shape",
    expected="{shape}, a score for each class",
    why="A sample of {column} is one of {classes} classes.",
)
SIZES_DIFFER = ObjectionKind(
    "sizes-differ",
    expected="{shape}",
    why="A sample of {column} is {count}, and the prediction is compared with it number by number.",
)
"""The `expected` of these three are the sizes of one sample of the prediction."""
PREDICTIONS_DIFFER = ObjectionKind(
    "predictions-differ",
    expected="wires of one shape, {shape}",
    why="Another brings {other}, and they belong together.",
    by_hand="Either wire may be the wrong one, and what makes it stands anywhere above.",
)
TARGET_KIND = ObjectionKind(
    "target-kind",
    expected="{wanted}",
    why="{reason}",
    received="the numbers of {column}",
)
"""The `losses` of this and the next are names of losses that can judge by such a target."""
CLASSES_GIVEN = TARGET_KIND.worded(received="the classes of {column}")
TARGET_SHAPE = ObjectionKind(
    "target-shape",
    expected="one class for each sample",
    why="{column} has a class for each of several places.",
)
CLASS_WEIGHTS = ObjectionKind(
    "class-weights",
    expected="{classes} weights, one for each class",
    why="{column} has {classes} classes.",
    received="{given} weight{given:|s}",
)

OF_CLASSES = (Accuracy.name, BalancedAccuracy.name, Precision.name, Recall.name, F1.name)
OF_NUMBERS = (RMSE.name, MAE.name, R2.name)


@settings
class ForClasses(Loss):
    """What losses share that judge one score for each class."""

    task = "classes"
    takes = "scores"
    natural: ClassVar[tuple[str, ...]] = OF_CLASSES

    def object(self, prediction: Incoming, target: Column) -> Iterator[Objection]:
        if not target.classes:
            yield wrong_kind(
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
            yield CLASSES_DIFFER(
                shape=Shape((N, *expected)),
                column=target.name,
                classes=classes,
                received=received[0],
                expected=expected,
            )
            return
        yield PREDICTION_SHAPE(
            shape=Shape((N, *expected)), column=target.name, classes=classes, expected=expected
        )


def wrong_kind(target: Column, expected: Message, why: Message, losses: tuple[str, ...]) -> Objection:
    """A target that this loss cannot judge by, with losses that can."""
    declared = CLASSES_GIVEN if target.classes else TARGET_KIND
    return declared(wanted=expected, reason=why, column=target.name, losses=losses)


def same_count(prediction: Incoming, target: Column) -> Iterator[Objection]:
    """A prediction that has not as many numbers as the target."""
    if prediction.shape.sample == target.shape or (
        prediction.shape.size == 1 and target.shape in {(), (1,)} and prediction.rank <= 2
    ):
        return
    size = 1
    for part in target.shape:
        size *= part
    yield SIZES_DIFFER(
        shape=Shape((N, *(target.shape or (1,)))),
        column=target.name,
        count=Message("one number") if size == 1 else Message("{count} numbers", count=size),
        expected=target.shape or (1,),
    )


def alike(first: Incoming, *others: Incoming) -> Iterator[Objection]:
    """Wires at one Output that belong together and differ in shape."""
    for other in others:
        if other.shape.dims != first.shape.dims:
            yield PREDICTIONS_DIFFER(shape=first.shape, other=other.shape)
            return


class ClassWeights(types.Text):
    """How much each class counts: nothing for all alike, "balanced" by how rare it is, or numbers."""

    def wanted(self) -> Message:
        return Message('"balanced", or a number for each class, such as "1, 2.5, 1"')

    def accept(self, value: Any) -> str:
        if isinstance(value, list | tuple):
            value = ", ".join(map(str, value))
        if isinstance(value, str):
            text = value.strip()
            if text in {"", BALANCED}:
                return text
            try:
                numbers = [float(part) for part in text.split(",")]
            except ValueError:
                numbers = []
            if numbers and all(isfinite(n) and n >= 0 for n in numbers) and any(numbers):
                return ", ".join(f"{n:g}" for n in numbers)
        raise self.refusal(value)


BALANCED = "balanced"
NO_CLASS = -100
"""What PyTorch ignores where nothing is to be ignored."""


@settings
class Weighing(ForClasses):
    """What losses share that can let some classes count more than others, or not at all."""

    class_weights: str = param(
        "",
        type=ClassWeights(),
        doc='How much each class counts: empty for all alike, "balanced" by how rare it is, or "1, 2.5, 1"',
        advanced=True,
    )
    ignore: int | None = param(
        None,
        type=types.Integer(optional=True),
        doc="A class that does not count; empty leaves out what fills short samples up, −100 nothing at all",
        advanced=True,
    )

    def weights(self, counts: tuple[int, ...]) -> tuple[float, ...]:
        """How much each class counts, where they differ; `counts` says how often it comes up in training.

        Balanced weights are those of scikit-learn: samples / (classes × samples of the class).
        """
        if self.class_weights == BALANCED:
            counted = [n for i, n in enumerate(counts) if i != self.ignore and n]
            return tuple(sum(counted) / (len(counted) * n) if n else 0.0 for n in counts)
        return tuple(float(part) for part in self.class_weights.split(",")) if self.class_weights else ()

    def leaving_out(self, padding: int | None) -> Weighing:
        """The same loss, in which what fills short samples up does not count unless a person said what
        does not.
        """
        return self if padding is None or self.ignore is not None else self.with_setting("ignore", padding)

    def plain(self, counts: tuple[int, ...]) -> bool:
        """Whether every sample counts alike, so that the loss is the mean over them."""
        return self.ignore is None and not self.weights(counts)

    def options(self, counts: tuple[int, ...]) -> Iterator[tuple[str, Any]]:
        """Weights and ignored class as arguments."""
        if weights := self.weights(counts):
            yield "weight", Call("torch.tensor", (weights,))
        if self.ignore is not None:
            yield "ignore_index", self.ignore

    def object(self, prediction: Incoming, target: Column) -> Iterator[Objection]:
        yield from super().object(prediction, target)
        given = 0 if self.class_weights in {"", BALANCED} else len(self.weights(()))
        if target.classes and given and given != len(target.classes):
            yield CLASS_WEIGHTS(classes=len(target.classes), column=target.name, given=given)


@declare(hint="several classes", search="classification softmax log loss nll multiclass weighted balanced")
class CrossEntropy(Weighing):
    """Small where the right class gets a high share of the softmax.

    For choosing one of several classes. The scores need no softmax before it.

    Formula: L = −Σ w[c]·q[c]·ln p[c] / Σ w[t]; p = softmax(x), t the right class, w the class_weights; q[c] =
    label_smoothing / C for each of C classes, and 1 − label_smoothing more for t

    Source: Good 1952, "Rational decisions"; label smoothing: Szegedy et al. 2015, "Rethinking the Inception
    architecture".
    """

    label_smoothing: float = param(
        0.0, lo=0, hi=1, doc="Share of the target that is spread over all classes, against being too sure"
    )

    @classmethod
    def label(cls) -> str:
        return "Cross-entropy"

    def torch(self, counts: tuple[int, ...] = ()) -> Call:
        name = "nn.CrossEntropyLoss" if self.plain(counts) else "criteria.CountedCrossEntropy"
        return Call(name, (), (*self.options(counts), ("label_smoothing", self.label_smoothing)))


@declare(hint="rare classes", search="focal imbalanced rare classes detection classification hard examples")
class Focal(Weighing):
    """Cross-entropy that counts a sample the less, the surer the right class is already.

    Where most samples are easy and a few classes rare, as in object detection.

    Formula: L = −Σ w[t]·(1 − p[t])^gamma·ln p[t] / Σ w[t]; p = softmax(x), t the right class, w the
    class_weights

    Source: Lin et al. 2017, "Focal loss for dense object detection".
    """

    gamma: float = param(2.0, lo=0, hi=20, doc="How little what is sure already counts; 0 is cross-entropy")

    def torch(self, counts: tuple[int, ...] = ()) -> Call:
        return Call("criteria.FocalLoss", (), (("gamma", self.gamma), *self.options(counts)))


@declare(hint="log probabilities", search="negative log likelihood nll classification multiclass")
class NegativeLogLikelihood(Weighing):
    """Minus the log probability of the right class.

    After LogSoftmax. Cross-entropy does both at once.

    Formula: L = −Σ w[t]·x[t] / Σ w[t]; x log probabilities, t the right class, w the class_weights

    Source: torch.nn.NLLLoss.
    """

    takes = "log shares"

    @classmethod
    def label(cls) -> str:
        return "Negative log-likelihood"

    def torch(self, counts: tuple[int, ...] = ()) -> Call:
        if self.plain(counts):
            return Call("nn.NLLLoss", (), tuple(self.options(counts)))
        return Call("criteria.CountedCrossEntropy", (), (*self.options(counts), ("log_probabilities", True)))


@declare(hint="overlap of places", search="dice overlap segmentation mask imbalanced soft f1 sorensen")
class Dice(ForClasses):
    """One minus the overlap of what is predicted and what is true, the mean over classes.

    For marking places in pictures where some classes cover little of them. Needs no softmax before it.

    Formula: L = 1 − mean (2·Σ p·t + smooth) / (Σ p + Σ t + smooth); the mean over classes, p = softmax(x), t
    = 1 at the right class, else 0

    Source: Milletari, Navab and Ahmadi 2016, "V-Net".
    """

    natural = ("dice", "IoU", "accuracy")
    smooth: float = param(
        1.0, lo=0, above=True, doc="Added above and below the line, for classes that do not come up"
    )

    def torch(self, counts: tuple[int, ...] = ()) -> Call:
        return Call("criteria.DiceLoss", (), (("smooth", self.smooth),))


@declare(hint="several classes", search="hinge margin svm support vector classification multiclass")
class Hinge(ForClasses):
    """Asks that the right class scores above every other by a margin, and no more.

    For classifying like a support vector machine, where probabilities are not wanted.

    Formula: L = mean Σ max(0, margin − x[t] + x[j])^power / C; over all j but the right class t, of C classes

    Source: Crammer and Singer 2001, "On the algorithmic implementation of multiclass kernel-based vector
    machines".
    """

    margin: float = param(1.0, lo=0, above=True, doc="How far above the others the right class shall be")
    power: int = param(1, lo=1, hi=2, doc="1 for the plain, 2 for the squared hinge")

    def object(self, prediction: Incoming, target: Column) -> Iterator[Objection]:
        yield from super().object(prediction, target)
        if target.classes and target.shape:
            yield TARGET_SHAPE(column=target.name, losses=("CrossEntropy",))

    def torch(self, counts: tuple[int, ...] = ()) -> Call:
        return Call("nn.MultiMarginLoss", (), (("p", self.power), ("margin", self.margin)))
