"""Schedules, which change the learning rate over a training."""

from __future__ import annotations

from math import cos, pi

from engine.kinds import declare, param
from engine.optim.optimiser import Schedule


@declare(hint="unchanged", search="fixed same flat")
class Constant(Schedule):
    """The rate stays as it is.

    For short trainings and first tries.

    Formula: rate(e) = rate

    Source: Bengio 2012, "Practical recommendations for gradient-based training of deep architectures".
    """

    def factor(self, progress: float, epochs: int) -> float:
        return 1.0


@declare(hint="falls in steps", search="staircase decay multistep drop")
class Step(Schedule):
    """The rate falls by a factor every few epochs.

    The classic for picture networks: a tenth after each third of the training.

    Formula: rate(e) = rate·by^⌊e / every⌋; e epochs are done

    Source: Krizhevsky, Sutskever and Hinton 2012, "ImageNet classification with deep convolutional neural
    networks".
    """

    every: int = param(10, lo=1, doc="Epochs between two falls", unit="epochs")
    by: float = param(0.1, lo=0, hi=1, above=True, doc="What the rate is multiplied with at each fall")

    def factor(self, progress: float, epochs: int) -> float:
        return float(self.by ** (int(progress) // self.every))


@declare(hint="falls smoothly", search="annealing warm-up warmup half wave decay")
class Cosine(Schedule):
    """The rate falls along half a cosine wave from full to the floor, after a warm-up if there is one.

    A safe choice for almost everything: large steps first, fine ones at the end.

    Formula: rate(e) = rate·(floor + (1 − floor)·(1 + cos(π·t)) / 2); t = (e − warm_up) / (epochs − warm_up);
    before: rate·(k + 1) / n in step k of n, counted from 0

    Source: Loshchilov and Hutter 2016, "SGDR".
    """

    warm_up: float = param(
        0.0, lo=0, doc="Epochs over which the rate rises in a straight line", unit="epochs"
    )
    floor: float = param(0.0, lo=0, hi=1, doc="Share of the rate that is left at the end")

    def of_step(self, progress: float, step: float, epochs: int) -> float:
        if (
            progress < self.warm_up
        ):  # by where the step ends: from where it begins, the first would change nothing
            return min(1.0, (progress + step) / self.warm_up)
        return self.factor(progress, epochs)

    def factor(self, progress: float, epochs: int) -> float:
        if progress < self.warm_up:
            return progress / self.warm_up
        done = (progress - self.warm_up) / max(epochs - self.warm_up, 1e-9)
        return self.floor + (1 - self.floor) * (1 + cos(pi * min(max(done, 0.0), 1.0))) / 2
