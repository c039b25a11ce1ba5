"""Averages of the weights over a training, which are judged and kept in the place of the last ones."""

from __future__ import annotations

from typing import ClassVar

from engine.kinds import Kind, declare, param, role


@role
class Averaging(Kind):
    """Which weights a training is judged by and ends with."""

    averages: ClassVar[bool] = True
    """Whether they are others than those that the last step left."""
    redone: ClassVar[bool] = False
    """Whether the running statistics of batch normalisations are measured anew for them."""

    def taken(self, progress: float, epochs: int, epoch_over: bool) -> bool:
        """Whether the weights are taken into the average now, when `progress` of `epochs` are done."""
        return False


@declare(hint="the last weights", search="averaging none last")
class NoAveraging(Averaging):
    """The weights are those that the last step left.

    The usual choice.

    Formula: w̄ = w

    Source: Robbins and Monro 1951, "A stochastic approximation method".
    """

    averages = False

    @classmethod
    def label(cls) -> str:
        return "None"


@declare(hint="moving average", search="exponential moving average ema polyak mean teacher weights")
class MovingAverage(Averaging):
    """An average of the weights in which every step fades from step to step.

    For noisy trainings, generative ones above all: it is nearly always a little better than the last weights.

    Formula: w̄ ← decay·w̄ + (1 − decay)·w; after every step, beginning with the weights of the first

    Source: Polyak and Juditsky 1992, "Acceleration of stochastic approximation by averaging".
    """

    decay: float = param(0.99, lo=0, hi=0.999999, doc="Share of the average that each step leaves")

    @classmethod
    def label(cls) -> str:
        return "Moving average (EMA)"

    def taken(self, progress: float, epochs: int, epoch_over: bool) -> bool:
        return not epoch_over


@declare(hint="average of epochs", search="stochastic weight averaging swa epochs mean")
class EpochAverage(Averaging):
    """The mean of the weights at the ends of epochs, from a part of the training on.

    With a constant or cyclic rate at the end: the mean lies in a flatter place than each of them and predicts
    better. Statistics of batch normalisations are measured anew for it.

    Formula: w̄ = mean of w; over the ends of all epochs after the share begin of the training

    Source: Izmailov et al. 2018, "Averaging weights leads to wider optima and better generalization".
    """

    redone = True
    begin: float = param(0.75, lo=0, hi=1, doc="Share of the training after which it begins")

    @classmethod
    def label(cls) -> str:
        return "Average of epochs (SWA)"

    def taken(self, progress: float, epochs: int, epoch_over: bool) -> bool:
        return epoch_over and progress > self.begin * epochs - 1e-9
