"""Layers that keep values in a good range, and layers that leave some of them out."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from typing import Any

from engine.kinds import Code, Layer, Objection, declare, module, param, port, settings
from engine.message import Message


@settings
class BatchNorm(Layer):
    """What batch normalisation over 1, 2 and 3 axes shares."""

    eps: float = param(
        1e-5, lo=0, above=True, doc="Added to the variance, against division by zero", advanced=True
    )
    momentum: float = param(
        0.1, lo=0, hi=1, doc="Share of the newest batch in the running mean and variance", advanced=True
    )
    affine: bool = param(True, doc="Learn a scale and a shift for each channel", advanced=True)
    track_running_stats: bool = param(
        True, doc="Remember mean and variance for use after training", advanced=True
    )

    def torch(self, x: Any) -> Code:
        return module(
            f"nn.BatchNorm{self.spatial}d",
            x.C,
            eps=self.eps,
            momentum=self.momentum,
            affine=self.affine,
            track_running_stats=self.track_running_stats,
        )

    def explain(self, x: Any) -> Message:
        return Message(
            "Brings each of the {channels} channels to mean 0 and variance 1 over the batch"
            ", then scales and shifts it by learned numbers."
            if self.affine
            else "Brings each of the {channels} channels to mean 0 and variance 1 over the batch.",
            channels=f"{x.C:,}",
        )

    def formula(self, x: Any) -> str:
        return "y = (x − mean) / √(variance + ε)" + (" · γ + β" if self.affine else "")

    def count(self, x: Any) -> str:
        return f"2 × {x.C}" if self.affine else ""


@declare(
    family="normalise",
    spatial=1,
    hint="rows, series",
    stem="norm",
    search="batch normalisation normalization bn standardise stable training",
)
class BatchNorm1d(BatchNorm):
    """Brings every feature, or every channel of a series, to mean 0 and variance 1 over the batch.

    Between a Linear or Conv1d layer and its activation: training becomes faster and less touchy. Needs
    batches above one sample.

    Source: Ioffe and Szegedy 2015, "Batch normalization".
    """

    x = port("N C L?", doc="rows of features, or a series with channels")


@declare(
    family="normalise",
    spatial=2,
    hint="images",
    stem="norm",
    search="batch normalisation normalization bn standardise stable training",
)
class BatchNorm2d(BatchNorm):
    """Brings every channel of a picture to mean 0 and variance 1 over the batch and all places.

    Between a convolution and its activation: training becomes faster and less touchy.

    Source: Ioffe and Szegedy 2015, "Batch normalization".
    """

    x = port("N C H W", doc="a picture with channels")


@declare(
    family="normalise",
    hint="each sample",
    stem="norm",
    search="layer normalisation normalization ln standardise transformer",
)
class LayerNorm(Layer):
    """Brings the last axes of each sample to mean 0 and variance 1, whatever the rest of the batch holds.

    In Transformers and recurrent networks, and wherever batches are small.

    Source: Ba, Kiros and Hinton 2016, "Layer normalization".
    """

    axes: int = param(1, lo=1, doc="How many of the last axes are taken together")
    eps: float = param(
        1e-5, lo=0, above=True, doc="Added to the variance, against division by zero", advanced=True
    )
    elementwise_affine: bool = param(True, doc="Learn a scale and a shift for each place", advanced=True)
    bias: bool = param(True, doc="Learn the shift as well as the scale", advanced=True)
    x = port("N * F", doc="rows of features")

    def summary(self) -> str:
        return "last axis" if self.axes == 1 else f"last {self.axes} axes"

    def object(self, x: Any) -> Iterator[Objection]:
        if self.axes > x.rank - 1:
            yield Objection(
                "axis-missing",
                Message("at least {axes} axes besides the samples", axes=self.axes),
                Message("It normalises over the last {axes} axes.", axes=self.axes),
                {"settings": (("axes", x.rank - 1),)},
            )

    def torch(self, x: Any) -> Code:
        sizes = x.shape.sample[-self.axes :]
        return module(
            "nn.LayerNorm",
            sizes[0] if len(sizes) == 1 else sizes,
            eps=self.eps,
            elementwise_affine=self.elementwise_affine,
            bias=self.bias,
        )

    def formula(self, x: Any) -> str:
        learned = " · γ" + (" + β" if self.bias else "") if self.elementwise_affine else ""
        return "y = (x − mean) / √(variance + ε)" + learned

    def count(self, x: Any) -> str:
        if not self.elementwise_affine:
            return ""
        return f"{2 if self.bias else 1} × {prod(x.shape.sample[-self.axes :])}"


@declare(
    family="normalise",
    tall=False,
    icon="dropout",
    hint="forgets at random",
    search="regularise overfit random zero forget noise",
)
class Dropout(Layer):
    """While training, sets each value to zero with the given probability and scales up the rest.

    Against overfitting, most often before the last Linear layers. In use it does nothing.

    Source: Srivastava et al. 2014, "Dropout: a simple way to prevent neural networks from overfitting".
    """

    rate: float = param(0.5, lo=0, hi=1, doc="Probability that a value is dropped")
    x = port("N *", doc="anything")

    def summary(self) -> str:
        return f"{self.rate:g}"

    def torch(self, x: Any) -> Code:
        return module("nn.Dropout", self.rate)

    def explain(self, x: Any) -> Message:
        return Message(
            "While training, {share} of the {size} values are set to zero. In use it does nothing.",
            share=f"{self.rate:.0%}",
            size=f"{x.shape.size:,}",
        )
