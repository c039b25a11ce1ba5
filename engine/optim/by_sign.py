"""Optimisers that go by the sign of the gradient, and leave its size alone."""

from __future__ import annotations

from engine.kinds import declare, param
from engine.kinds.code import Call
from engine.optim.optimiser import Optimiser
from engine.optim.optimisers import Gradient


@declare(hint="by the sign alone", search="sign momentum evolved transformer little memory")
class SignMomentum(Gradient):
    """Moves every weight by the same amount, in the direction that momentum and gradient agree on.

    For Transformers and large batches, at a third to a tenth of AdamW's rate and three to ten times its
    decay.

    Formula: w ← w − rate·(sign(beta1·m + (1 − beta1)·g) + weight_decay·w), m ← beta2·m + (1 − beta2)·g; g =
    gradient

    Source: Chen et al. 2023, "Symbolic discovery of optimization algorithms".
    """

    states = 1
    rate: float = param(1e-4, lo=0, above=True, doc="How far a step moves each weight")
    beta1: float = param(0.9, lo=0, hi=0.9999, doc="Share of the momentum in the direction", advanced=True)
    beta2: float = param(0.99, lo=0, hi=0.9999, doc="Memory of the momentum", advanced=True)

    @classmethod
    def label(cls) -> str:
        return "Lion"

    def torch(self) -> Call:
        options = (("betas", (self.beta1, self.beta2)), ("weight_decay", self.weight_decay))
        return Call("steps.LionSteps", (), (("lr", self.rate), *options))


@declare(hint="full batch, by sign", search="resilient backpropagation rprop full batch")
class Rprop(Optimiser):
    """Gives every weight a step of its own that grows while the gradient keeps its sign and shrinks when it
    turns.

    For small networks and full batches. With small ones signs change by chance, and steps die away.

    Formula: step ← step·grow where the sign of g stays, step·shrink where it turns; w ← w − sign(g)·step; g =
    gradient, 0 right after a turn

    Source: Riedmiller and Braun 1993, "A direct adaptive method for faster backpropagation learning: the
    RPROP algorithm".
    """

    rate: float = param(0.01, lo=0, above=True, doc="How far the first step goes")
    grow: float = param(1.2, lo=1, above=True, doc="What a step is multiplied with while the sign stays")
    shrink: float = param(0.5, lo=0, hi=0.99, above=True, doc="What it is multiplied with when it turns")
    least: float = param(1e-6, lo=0, above=True, doc="The shortest step", advanced=True)
    most: float = param(50.0, lo=0, above=True, doc="The longest step", advanced=True)

    def torch(self) -> Call:
        limits = (("etas", (self.shrink, self.grow)), ("step_sizes", (self.least, self.most)))
        return Call("torch.optim.Rprop", (), (("lr", self.rate), *limits))
