"""Losses that judge answers of yes and no."""

from __future__ import annotations

from collections.abc import Iterator

from engine.data.schema import Column
from engine.kinds import declare, param
from engine.kinds.code import Call
from engine.kinds.objections import Objection
from engine.kinds.ports import Incoming
from engine.losses.classification import OF_CLASSES, TARGET_SHAPE, same_count, wrong_kind
from engine.losses.loss import Loss
from engine.message import Message

SINGLE_QUESTION = TARGET_SHAPE.worded(
    expected="several yes-or-no questions for each sample",
    why="{column} is a single one, and there is nothing to score above.",
)


@declare(hint="yes or no", search="bce logistic sigmoid classification binary")
class BinaryCrossEntropy(Loss):
    """Small where one score says yes or no rightly.

    For two classes with a single score, and for several yes-or-no questions at once. Needs no sigmoid before
    it.

    Formula: L = mean (−t·ln p − (1 − t)·ln(1 − p)); p = 1 / (1 + e^(−x))

    Source: Cox 1958, "The regression analysis of binary sequences".
    """

    task = "binary"
    takes = "scores"
    natural = OF_CLASSES

    @classmethod
    def label(cls) -> str:
        return "Binary cross-entropy"

    def torch(self, counts: tuple[int, ...] = ()) -> Call:
        return Call("nn.BCEWithLogitsLoss")

    def object(self, prediction: Incoming, target: Column) -> Iterator[Objection]:
        classes = len(target.classes) if target.classes else 0
        if classes != 2:
            yield wrong_kind(
                target,
                Message("a target of two classes"),
                Message("{column} has {classes} classes.", column=target.name, classes=classes)
                if classes
                else Message("{column} holds numbers, not yes or no.", column=target.name),
                ("CrossEntropy",) if classes else ("MeanSquaredError", "MeanAbsoluteError", "Huber"),
            )
            return
        yield from same_count(prediction, target)


@declare(hint="overlap, yes or no", search="dice overlap segmentation mask binary soft f1 sorensen")
class BinaryDice(Loss):
    """One minus the overlap of what is said to be yes and what is.

    For marking one kind of place in pictures. Needs no sigmoid before it.

    Formula: L = 1 − (2·Σ p·t + smooth) / (Σ p + Σ t + smooth); p = 1 / (1 + e^(−x))

    Source: Milletari, Navab and Ahmadi 2016, "V-Net".
    """

    task = "binary"
    takes = "scores"
    natural = ("dice", "IoU", "accuracy")
    smooth: float = param(1.0, lo=0, above=True, doc="Added above and below the line, where nothing is yes")

    @classmethod
    def label(cls) -> str:
        return "Binary dice"

    def torch(self, counts: tuple[int, ...] = ()) -> Call:
        return Call("criteria.BinaryDiceLoss", (), (("smooth", self.smooth),))

    def object(self, prediction: Incoming, target: Column) -> Iterator[Objection]:
        yield from BinaryCrossEntropy().object(prediction, target)


@declare(hint="several yes or no", search="multi label margin hinge svm several tags classification ranking")
class MultiLabelMargin(Loss):
    """Asks that everything that is yes scores above everything that is no by a margin, and no more.

    For several yes-or-no questions about one thing, such as tags of a picture, where only their order counts.

    Formula: L = mean Σ max(0, margin − x[i] + x[j]) / C; over all i that are yes and all j that are no, of C
    questions

    Source: torch.nn.MultiLabelMarginLoss.
    """

    task = "binary"
    takes = "scores"
    natural = ("accuracy", "AUROC")
    margin: float = param(1.0, lo=0, above=True, doc="How far above every no a yes shall be")

    @classmethod
    def label(cls) -> str:
        return "Multi-label margin"

    def torch(self, counts: tuple[int, ...] = ()) -> Call:
        return Call("criteria.MultiLabelMarginLoss", (), (("margin", self.margin),))

    def object(self, prediction: Incoming, target: Column) -> Iterator[Objection]:
        objections = list(BinaryCrossEntropy().object(prediction, target))
        yield from objections
        if not objections and prediction.shape.size < 2:
            yield SINGLE_QUESTION(column=target.name, losses=("BinaryCrossEntropy",))
