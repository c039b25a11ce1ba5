"""Optimisers that give every weight a step size of its own, besides Adam and RMSprop."""

from __future__ import annotations

from collections.abc import Iterator

from engine.kinds import declare, param
from engine.kinds.code import Call
from engine.optim.optimisers import Gradient, Moments


@declare(hint="Adam that looks ahead", search="nesterov adam adaptive moment")
class NAdam(Moments):
    """Adam with a momentum that looks ahead, as Nesterov's does.

    Where Adam serves well and may be a little quicker.

    Formula: w ← w − rate·(μ₊·m / (1 − Πμ₊) + (1 − μ)·g / (1 − Πμ)) / (√v′ + eps); μ = beta1·(1 −
    0.96^(t·momentum_decay) / 2), μ₊ that of t + 1, m and v′ as of Adam

    Source: Dozat 2016, "Incorporating Nesterov momentum into Adam".
    """

    rate: float = param(2e-3, lo=0, above=True, doc="How far a step goes")
    momentum_decay: float = param(0.004, lo=0, doc="How the momentum grows from step to step", advanced=True)
    decoupled: bool = param(
        False, doc="Let weight decay act beside the gradient, as AdamW does", advanced=True
    )

    def options(self) -> Iterator[tuple[str, object]]:
        yield from super().options()
        yield "momentum_decay", self.momentum_decay
        yield "decoupled_weight_decay", self.decoupled


@declare(hint="Adam without warm-up", search="rectified adam adaptive moment warm-up warmup")
class RAdam(Moments):
    """Adam that takes plain steps until its squares can be relied on.

    Where Adam needs a warm-up and one does not want to choose it.

    Formula: w ← w − rate·m′·r / (√v′ + eps) once r is defined, before it w ← w − rate·m′; r² = (ρ − 4)(ρ −
    2)ρ∞ / ((ρ∞ − 4)(ρ∞ − 2)ρ), ρ∞ = 2 / (1 − beta2) − 1, m′ and v′ as of Adam

    Source: Liu et al. 2019, "On the variance of the adaptive learning rate and beyond".
    """

    decoupled: bool = param(
        False, doc="Let weight decay act beside the gradient, as AdamW does", advanced=True
    )

    def options(self) -> Iterator[tuple[str, object]]:
        yield from super().options()
        yield "decoupled_weight_decay", self.decoupled


@declare(hint="Adam by the largest", search="adaptive moment infinity norm adam embedding")
class Adamax(Moments):
    """Adam that divides by the largest recent gradient in the place of the root of a mean square.

    For embeddings and other weights whose gradients are mostly zero.

    Formula: u ← max(beta2·u, |g| + eps), w ← w − rate·m / ((1 − beta1^t)·u); m as of Adam

    Source: Kingma and Ba 2014, "Adam: a method for stochastic optimization", section 7.1.
    """

    rate: float = param(2e-3, lo=0, above=True, doc="How far a step goes")


@declare(hint="for rare features", search="adaptive gradient sparse sum of squares")
class Adagrad(Gradient):
    """Divides each step by the root of all squared gradients so far.

    For sparse data: what comes up seldom keeps its large steps. Over long trainings all steps become small.

    Formula: s ← s + g², w ← w − rate / (1 + (t − 1)·rate_decay)·g / (√s + eps); at step t, s begins with
    first, g = gradient + weight_decay·w

    Source: Duchi, Hazan and Singer 2011, "Adaptive subgradient methods for online learning and stochastic
    optimization".
    """

    states = 1
    rate: float = param(0.01, lo=0, above=True, doc="How far a step goes")
    rate_decay: float = param(0.0, lo=0, doc="How fast steps grow shorter besides", advanced=True)
    first: float = param(0.0, lo=0, doc="What the sum of squares begins with", advanced=True)
    eps: float = param(
        1e-10, lo=0, above=True, doc="Added below the line, against division by zero", advanced=True
    )

    def options(self) -> Iterator[tuple[str, object]]:
        yield "lr_decay", self.rate_decay
        yield "initial_accumulator_value", self.first
        yield "eps", self.eps


@declare(hint="needs no rate", search="adaptive delta window")
class Adadelta(Gradient):
    """Measures each step by how far the last ones went, so that the rate stays at 1.

    Where no learning rate shall be chosen. Slower than Adam with a good one.

    Formula: v ← rho·v + (1 − rho)·g², d = √(u + eps) / √(v + eps)·g, u ← rho·u + (1 − rho)·d², w ← w −
    rate·d; g = gradient + weight_decay·w

    Source: Zeiler 2012, "ADADELTA: an adaptive learning rate method".
    """

    rate: float = param(1.0, lo=0, above=True, doc="How far a step goes; 1 is what its formula measures")
    rho: float = param(0.9, lo=0, hi=0.9999, doc="Memory of squares", advanced=True)
    eps: float = param(
        1e-6, lo=0, above=True, doc="Added to squares, against division by zero", advanced=True
    )

    def options(self) -> Iterator[tuple[str, object]]:
        yield "rho", self.rho
        yield "eps", self.eps


@declare(hint="little memory", search="adaptive factored memory large transformer")
class Adafactor(Gradient):
    """Keeps one square for each row and column of a weight in the place of one for each number.

    For large models whose optimiser would not fit into memory.

    Formula: v = rows·columns / mean(rows), w ← w − η·u / max(1, rms(u) / limit), u = g / √v; η = max(least,
    rms(w))·min(rate, 1 / √t), squares fade by 1 − t^−fading, decay as of AdamW

    Source: Shazeer and Stern 2018, "Adafactor: adaptive learning rates with sublinear memory cost".
    """

    states = 1
    rate: float = param(0.01, lo=0, above=True, doc="How far a step goes, as a share of the weights' size")
    fading: float = param(0.8, lo=0.1, hi=1, doc="How slowly squares are forgotten", advanced=True)
    least: float = param(
        1e-3, lo=0, above=True, doc="The size that weights are taken to have at least", advanced=True
    )
    limit: float = param(1.0, lo=1, doc="How long a step may be at most, before the rate", advanced=True)

    def torch(self) -> Call:
        options = (("beta2_decay", -self.fading), ("eps", (None, self.least)), ("d", self.limit))
        common = (("lr", self.rate), ("weight_decay", self.weight_decay))
        return Call("torch.optim.Adafactor", (), (*common, *options))
