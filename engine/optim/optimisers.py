"""The usual optimisers, and what optimisers share. Each says how a step changes the weights."""

from __future__ import annotations

from collections.abc import Iterator

from engine.kinds import declare, param, settings
from engine.kinds.code import Call
from engine.optim.optimiser import Optimiser


@settings
class Gradient(Optimiser):
    """What all optimisers share."""

    rate: float = param(1e-3, lo=0, above=True, doc="How far a step goes")
    weight_decay: float = param(
        0.0, lo=0, doc="How strongly weights are pulled towards zero, against overfitting"
    )
    spare_biases: bool = param(
        False,
        doc="Leave biases and the weights of normalisations out of the weight decay",
        advanced=True,
        last=True,
        later=True,
    )

    def spares(self) -> bool:
        return self.spare_biases and self.weight_decay > 0

    def options(self) -> Iterator[tuple[str, object]]:
        """Arguments besides rate and decay, by torch's names."""
        yield from ()

    def torch(self) -> Call:
        common = (("lr", self.rate), ("weight_decay", self.weight_decay))
        return Call(f"torch.optim.{type(self).__name__}", (), (*common, *self.options()))


@declare(hint="plain steps", search="stochastic gradient descent momentum nesterov")
class SGD(Gradient):
    """Steps against the gradient, with a momentum that carries on.

    Plain and hard to beat for pictures when rate and schedule are well chosen.

    Formula: v ← momentum·v + (1 − dampening)·g, w ← w − rate·v; with nesterov w ← w − rate·(g + momentum·v);
    g = gradient + weight_decay·w

    Source: Robbins and Monro 1951; momentum: Polyak 1964; Nesterov 1983.
    """

    states = 1
    rate: float = param(0.05, lo=0, above=True, doc="How far a step goes")
    momentum: float = param(0.9, lo=0, hi=1, doc="Share of the last step that is kept")
    nesterov: bool = param(
        True, doc="Look ahead along the momentum before taking the gradient", advanced=True
    )
    dampening: float = param(
        0.0, lo=0, hi=1, doc="Share of the gradient that the momentum leaves out", advanced=True, later=True
    )

    def kept(self) -> int:
        return int(self.momentum > 0)

    def options(self) -> Iterator[tuple[str, object]]:
        yield "momentum", self.momentum
        # torch refuses Nesterov without momentum, and with dampening
        yield "nesterov", self.nesterov and self.momentum > 0 and self.dampening == 0
        if self.dampening:
            yield "dampening", self.dampening


@settings
class Moments(Gradient):
    """What those share that keep a mean of the gradients and one of their squares."""

    beta1: float = param(0.9, lo=0, hi=0.9999, doc="Memory of the mean gradient", advanced=True)
    beta2: float = param(0.999, lo=0, hi=0.999999, doc="Memory of its square", advanced=True)
    eps: float = param(
        1e-8, lo=0, above=True, doc="Added below the line, against division by zero", advanced=True
    )

    def options(self) -> Iterator[tuple[str, object]]:
        yield "betas", (self.beta1, self.beta2)
        yield "eps", self.eps


@settings
class Adaptive(Moments):
    """What Adam and AdamW share."""

    amsgrad: bool = param(False, doc="Keep the largest square seen so far", advanced=True)

    def kept(self) -> int:
        return self.states + self.amsgrad

    def options(self) -> Iterator[tuple[str, object]]:
        yield from super().options()
        yield "amsgrad", self.amsgrad


@declare(hint="adapts each weight", search="adaptive moment adam default")
class Adam(Adaptive):
    """Gives every weight a step size of its own, from the mean and the square of its gradients.

    A good first choice for almost everything.

    Formula: m ← beta1·m + (1 − beta1)·g, v ← beta2·v + (1 − beta2)·g², w ← w − rate·m′ / (√v′ + eps); m′ = m
    / (1 − beta1^t) and v′ = v / (1 − beta2^t) at step t, g = gradient + weight_decay·w

    Source: Kingma and Ba 2014, "Adam: a method for stochastic optimization".
    """


@declare(hint="Adam, better decay", search="adaptive moment weight decay transformer adam")
class AdamW(Adaptive):
    """Adam with a weight decay that does not depend on the gradient.

    For Transformers, and wherever decay shall fight overfitting.

    Formula: w ← w − rate·(m′ / (√v′ + eps) + weight_decay·w); m′ and v′ as of Adam, g = gradient

    Source: Loshchilov and Hutter 2017, "Decoupled weight decay regularization".
    """

    weight_decay: float = param(
        0.01, lo=0, doc="How strongly weights are pulled towards zero, against overfitting"
    )


@declare(hint="adapts each weight", search="root mean square recurrent rnn")
class RMSprop(Gradient):
    """Divides each step by the root of the gradient's recent mean square.

    An older adaptive method that still serves recurrent networks well.

    Formula: v ← alpha·v + (1 − alpha)·g², b ← momentum·b + g / (√v + eps), w ← w − rate·b; g = gradient +
    weight_decay·w

    Source: Tieleman and Hinton 2012, lecture 6.5 of "Neural networks for machine learning".
    """

    states = 1
    alpha: float = param(0.99, lo=0, hi=0.9999, doc="Memory of the square", advanced=True)
    momentum: float = param(0.0, lo=0, hi=1, doc="Share of the last step that is kept")
    eps: float = param(
        1e-8, lo=0, above=True, doc="Added below the line, against division by zero", advanced=True
    )
    centered: bool = param(False, doc="Divide by the variance rather than the square", advanced=True)

    def kept(self) -> int:
        return self.states + self.centered + (self.momentum > 0)

    def options(self) -> Iterator[tuple[str, object]]:
        yield "alpha", self.alpha
        yield "momentum", self.momentum
        yield "eps", self.eps
        yield "centered", self.centered


@declare(hint="averages weights", search="averaged stochastic gradient descent polyak ruppert asgd")
class ASGD(Gradient):
    """Plain steps that grow slowly shorter, with a pull towards zero.

    For long trainings of convex problems and of some language models; its average is not what is kept here:
    the recipe's own averaging does that with any optimiser.

    Formula: w ← w·(1 − lambd·η) − η·g, η = rate / (1 + lambd·rate·t)^alpha; at step t, g = gradient +
    weight_decay·w

    Source: Polyak and Juditsky 1992, "Acceleration of stochastic approximation by averaging".
    """

    states = 1
    rate: float = param(0.01, lo=0, above=True, doc="How far the first steps go")
    lambd: float = param(1e-4, lo=0, doc="How fast steps grow shorter", advanced=True)
    alpha: float = param(0.75, lo=0, hi=1, doc="By which power they do", advanced=True)

    def options(self) -> Iterator[tuple[str, object]]:
        yield "lambd", self.lambd
        yield "alpha", self.alpha
