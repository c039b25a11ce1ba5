"""Losses that compare several wires with each other, read sequences, or judge by nothing but what arrives."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from engine.data.schema import Column
from engine.kinds import declare, param
from engine.kinds.code import Call
from engine.kinds.objections import Objection, ObjectionKind
from engine.kinds.ports import Incoming, port
from engine.kinds.shapes import N, Shape, per_sample
from engine.losses.binary import BinaryCrossEntropy
from engine.losses.classification import PREDICTION_SHAPE, alike, wrong_kind
from engine.losses.loss import Loss
from engine.message import Message

if TYPE_CHECKING:
    from torch import Tensor

NOT_A_ROW = PREDICTION_SHAPE.worded(
    expected="N×features", why="Two rows of numbers are compared by the angle between them."
)
NOT_A_SEQUENCE = PREDICTION_SHAPE.worded(
    expected="{shape}, a score for each step and class",
    why="{column} has {classes} classes, the blank among them.",
)
BLANK_MISSING = ObjectionKind(
    "blank-missing",
    expected="a blank from 0 to {last}",
    why="{column} has {classes} classes.",
)
TOO_FEW_STEPS = ObjectionKind(
    "too-few-steps",
    expected="at least {length} step{length:|s}",
    why="A sequence of {length} needs a step for each.",
    by_hand="A longer sequence comes of what stands above: smaller steps, less pooling, more of the data.",
)


@declare(
    hint="same or different", search="cosine embedding similarity siamese metric learning contrastive pair"
)
class CosineEmbedding(Loss):
    """Lets two wires point the same way where the target says yes, and apart where it says no.

    For telling whether two things belong together, with one network for both.

    Formula: L = mean (1 − c if t = 1 else max(0, c − margin)); c = Σ x[i]·other[i] / (‖x‖·‖other‖)

    Source: torch.nn.CosineEmbeddingLoss.
    """

    task = "binary"
    natural = ("accuracy", "AUROC")
    other = port("N F", doc="what the first is compared with")
    margin: float = param(0.0, lo=-1, hi=1, doc="How alike two different things may be at no cost")

    @classmethod
    def label(cls) -> str:
        return "Cosine embedding"

    def torch(self, counts: tuple[int, ...] = ()) -> Call:
        return Call("criteria.CosineEmbeddingLoss", (), (("margin", self.margin),))

    def object(self, prediction: Incoming, target: Column) -> Iterator[Objection]:
        if prediction.rank != 2:
            yield NOT_A_ROW(expected=(prediction.shape.size,))
            return
        answer = Incoming(per_sample(), {})
        yield from BinaryCrossEntropy().object(answer, target)

    def among(self, *predictions: Incoming) -> Iterator[Objection]:
        yield from alike(*predictions)

    def answer(self, *predictions: Tensor) -> Tensor:
        """A score N of two rows N×features each: above 0 where they are alike."""
        from torch.nn.functional import cosine_similarity

        # yes where the angle is below 60°
        first, other = predictions
        return cosine_similarity(first, other) - 0.5


@declare(hint="near or far", search="hinge embedding distance margin semi-supervised metric learning siamese")
class HingeEmbedding(Loss):
    """Makes the distance that arrives small where the target says yes, and large where it says no.

    For telling whether two things belong together, after PairwiseDistance.

    Formula: L = mean (x if t = 1 else max(0, margin − x))

    Source: torch.nn.HingeEmbeddingLoss.
    """

    task = "binary"
    natural = ("accuracy", "AUROC")
    margin: float = param(1.0, lo=0, above=True, doc="Distance from which two different things cost nothing")

    @classmethod
    def label(cls) -> str:
        return "Hinge embedding"

    def torch(self, counts: tuple[int, ...] = ()) -> Call:
        return Call("criteria.HingeEmbeddingLoss", (), (("margin", self.margin),))

    def object(self, prediction: Incoming, target: Column) -> Iterator[Objection]:
        yield from BinaryCrossEntropy().object(prediction, target)

    def answer(self, *predictions: Tensor) -> Tensor:
        """A score N×… of distances N×…: above 0 where they are small."""
        return self.margin / 2 - predictions[0]  # yes where the distance is below half the margin


@declare(hint="which is more", search="margin ranking pair order preference compare learning to rank reward")
class MarginRanking(Loss):
    """Asks that of two scores the first is above the other where the target says yes, else below.

    For learning an order from comparisons, such as which of two answers people prefer.

    Formula: L = mean max(0, margin − (2·t − 1)·(x − other))

    Source: torch.nn.MarginRankingLoss.
    """

    task = "binary"
    natural = ("accuracy", "AUROC")
    other = port("N *", doc="the score of what the first is compared with")
    margin: float = param(0.0, lo=0, doc="How far apart the two shall be")

    @classmethod
    def label(cls) -> str:
        return "Margin ranking"

    def torch(self, counts: tuple[int, ...] = ()) -> Call:
        return Call("criteria.MarginRankingLoss", (), (("margin", self.margin),))

    def object(self, prediction: Incoming, target: Column) -> Iterator[Objection]:
        yield from BinaryCrossEntropy().object(prediction, target)

    def among(self, *predictions: Incoming) -> Iterator[Objection]:
        yield from alike(*predictions)

    def answer(self, *predictions: Tensor) -> Tensor:
        """A score N×… of two scores N×…: above 0 where the first is larger."""
        first, other = predictions
        return first - other


@declare(
    hint="nearer than another", search="triplet margin anchor positive negative metric learning siamese face"
)
class TripletMargin(Loss):
    """Brings what belongs together nearer than what does not, by a margin. Needs no target.

    For faces, signatures and search: three Inputs, one shared network, and this at the end.

    Formula: L = mean max(0, d(x, positive) − d(x, negative) + margin); d(a, b) = (Σ |a[i] − b[i]|^p)^(1 / p)

    Source: Schroff, Kalenichenko and Philbin 2015, "FaceNet".
    """

    task = "wire"
    judged = False
    positive = port("N F", doc="what belongs to the first")
    negative = port("N F", doc="what does not")
    margin: float = param(1.0, lo=0, above=True, doc="How much nearer")
    p: float = param(2.0, lo=1, doc="Power of the distance; 2 is the straight line", advanced=True)

    @classmethod
    def label(cls) -> str:
        return "Triplet margin"

    def torch(self, counts: tuple[int, ...] = ()) -> Call:
        return Call("nn.TripletMarginLoss", (), (("margin", self.margin), ("p", self.p)))

    def among(self, *predictions: Incoming) -> Iterator[Objection]:
        yield from alike(*predictions)


@declare(
    hint="reads a sequence",
    search="ctc connectionist temporal classification speech handwriting ocr alignment",
)
class CTC(Loss):
    """Compares scores of many steps with a shorter sequence, wherever along the steps it stands.

    For speech and handwriting, where nobody says at which step a letter is. The target is padded with the
    blank; where series are padded too, their lengths say which steps are read.

    Formula: L = mean −ln(Σ Π p[s, a[s]]) / length of t; over all a that read t once repeats and blanks are
    left out, p = softmax(x)

    Source: Graves et al. 2006, "Connectionist temporal classification".
    """

    task = "sequence"
    takes = "scores"
    natural = ("accuracy",)
    blank: int = param(0, lo=0, doc="The class that stands for nothing, with which targets are padded")
    lengths = port(
        "N", doc="how many steps of each sample are no padding; free: all", dtype="int", optional=True
    )

    def torch(self, counts: tuple[int, ...] = ()) -> Call:
        return Call("criteria.CTCLoss", (), (("blank", self.blank),))

    def answer(self, *predictions: Tensor) -> Tensor:
        """Scores N×steps×classes, those of the blank alone in steps behind the samples' lengths, N."""
        from torch import arange, finfo, where

        if len(predictions) == 1:
            return predictions[0]
        scores, lengths = predictions
        padding = arange(scores.shape[1], device=scores.device) >= lengths[:, None]
        lowest = finfo(scores.dtype).min
        silent = where(arange(scores.shape[2], device=scores.device) == self.blank, 0.0, lowest)
        return where(padding[:, :, None], silent.to(scores.dtype), scores)  # blanks are left out

    def object(self, prediction: Incoming, target: Column) -> Iterator[Objection]:
        if not target.classes or len(target.shape) != 1:
            yield wrong_kind(
                target,
                Message("a target that is a sequence of classes"),
                Message("A sample of {column} is none.", column=target.name),
                ("CrossEntropy",) if target.classes else ("MeanSquaredError",),
            )
            return
        classes, (length,) = len(target.classes), target.shape
        if self.blank >= classes:
            yield BLANK_MISSING(
                last=classes - 1, column=target.name, classes=classes, settings=(("loss", CTC()),)
            )
        if prediction.rank != 3 or prediction.shape.sample[1] != classes:
            yield NOT_A_SEQUENCE(
                shape=Shape((N, 2 * length, classes)),
                column=target.name,
                classes=classes,
                expected=(2 * length, classes),
            )
        elif prediction.shape.sample[0] < length:
            yield TOO_FEW_STEPS(length=length)


@declare(
    hint="no target",
    search="minimise minimize regularisation penalty kl term vae variational auxiliary custom",
)
class Minimise(Loss):
    """The mean of what arrives is the loss: training makes it small. Needs no target.

    For anything that is drawn, such as the second term of a variational autoencoder.

    Formula: L = mean x

    Source: torch.mean.
    """

    task = "wire"
    judged = False

    def torch(self, counts: tuple[int, ...] = ()) -> Call:
        return Call("criteria.MeanLoss")
