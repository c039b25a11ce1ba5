"""Layers that leave some values out while training, against overfitting."""

from __future__ import annotations

from typing import ClassVar

from engine.kinds import Layer, declare, param, settings
from engine.kinds.code import Code, module
from engine.kinds.layer import BackwardNeeds, HeldInside
from engine.kinds.ports import Incoming, port
from engine.kinds.shapes import Shape
from engine.message import Message


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

    Formula: y = m·x / (1 − rate); m = 0 with probability rate, else 1; in use y = x

    Source: Srivastava et al. 2014, "Dropout: a simple way to prevent neural networks from overfitting".
    """

    backward_needs = "nothing"
    rate: float = param(0.5, lo=0, hi=1, doc="Probability that a value is dropped")
    x = port("N *", doc="anything")

    def summary(self) -> str:
        return f"{self.rate:g}"

    def shapes(self, x: Incoming) -> tuple[Shape, ...]:
        return (x.shape,)  # PyTorch on meta tensors needs a millisecond to say so

    def torch(self, x: Incoming) -> Code:
        return module("nn.Dropout", self.rate)

    def holds_inside(self, inputs: tuple[Incoming], outputs: tuple[Shape, ...]) -> HeldInside | None:
        """Its mask, a number for each value."""
        return HeldInside(inputs[0].shape.size) if self.rate else None

    def explain(self, x: Incoming) -> Message:
        return Message(
            "While training, {share} of the {size} values are set to zero. In use it does nothing.",
            share=f"{self.rate:.0%}",
            size=f"{x.shape.size:,}",
        )


@settings
class Dropping(Layer):
    """What the other dropouts share.

    Formula: y[c] = m[c]·x[c] / (1 − rate); m[c] = 0 with probability rate, else 1; in use y = x
    """

    family = "normalise"
    icon = "dropout"
    tall = False
    backward_needs: ClassVar[BackwardNeeds] = "nothing"  # it keeps a number for each channel
    rate: float = param(0.5, lo=0, hi=1, doc="Probability that something is dropped")

    def summary(self) -> str:
        return f"{self.rate:g}"

    def torch(self, x: Incoming) -> Code:
        return module(f"nn.{type(self).__name__}", self.rate)


@declare(
    hint="whole channels", stem="dropout", search="regularise overfit random zero spatial channel series"
)
class Dropout1d(Dropping):
    """While training, sets whole channels of a series to zero with the given probability.

    After 1-D convolutions, where neighbouring values say the same and single ones are no loss.

    Source: Tompson et al. 2014, "Efficient object localization using convolutional networks".
    """

    x = port("N C L", doc="a series with channels")


@declare(hint="whole channels", stem="dropout", search="regularise overfit random zero spatial channel image")
class Dropout2d(Dropping):
    """While training, sets whole channels of a picture to zero with the given probability.

    After convolutions, where neighbouring pixels say the same and single ones are no loss.

    Source: Tompson et al. 2014, "Efficient object localization using convolutional networks".
    """

    x = port("N C H W", doc="a picture with channels")


@declare(
    hint="whole channels", stem="dropout", search="regularise overfit random zero spatial channel volume"
)
class Dropout3d(Dropping):
    """While training, sets whole channels of a volume to zero with the given probability.

    After 3-D convolutions.

    Source: Tompson et al. 2014, "Efficient object localization using convolutional networks".
    """

    x = port("N C D H W", doc="a volume with channels")


@declare(
    hint="for SELU, keeps spread", stem="dropout", search="regularise overfit random selu self normalising"
)
class AlphaDropout(Dropping):
    """While training, sets values to a constant so chosen that mean and variance stay.

    Together with SELU.

    Formula: y = a·(m·x + (1 − m)·α) − a·rate·α; α = −1.7581, a = 1 / √((1 − rate)·(1 + rate·α²)), m = 0 with
    probability rate, else 1; in use y = x

    Source: Klambauer et al. 2017, "Self-normalizing neural networks".
    """

    x = port("N *", doc="anything")

    def holds_inside(self, inputs: tuple[Incoming], outputs: tuple[Shape, ...]) -> HeldInside | None:
        """Its mask, a number for each value."""
        return HeldInside(inputs[0].shape.size) if self.rate else None


@declare(
    hint="channels, with SELU",
    stem="dropout",
    search="regularise overfit random selu self normalising channel",
)
class FeatureAlphaDropout(Dropping):
    """While training, sets whole channels to a constant so chosen that mean and variance stay.

    Together with SELU, after convolutions.

    Formula: y[c] = a·(m[c]·x[c] + (1 − m[c])·α) − a·rate·α; α and a as of AlphaDropout, m[c] = 0 with
    probability rate, else 1; in use y = x

    Source: Klambauer et al. 2017, "Self-normalizing neural networks".
    """

    x = port("N C *", doc="anything with channels")


@declare(
    hint="skips, whole branches",
    stem="depth",
    search="stochastic depth drop path regularise residual skip random",
)
class StochasticDepth(Dropping):
    """While training, sets whole samples to zero with the given probability and scales up the rest.

    At the end of the branch of a residual block, so that some samples skip it.

    Formula: y[n] = m[n]·x[n] / (1 − rate); m[n] = 0 with probability rate, else 1; in use y = x

    Source: Huang et al. 2016, "Deep networks with stochastic depth".
    """

    rate: float = param(0.1, lo=0, hi=0.95, doc="Probability that a sample skips")
    x = port("N F *", doc="the branch of a residual block")

    def torch(self, x: Incoming) -> Code:
        ones = ", ".join(["{x}.shape[0]", *["1"] * (x.rank - 1)])
        return module("nn.Dropout", self.rate, line="{out} = {x} * {m}({x}.new_ones(" + ones + "))")
