"""Optimisers that look at more than one weight at a time: at a whole matrix, or at all that was seen."""

from __future__ import annotations

from engine.kinds import declare, param
from engine.kinds.code import Call
from engine.optim.optimiser import Optimiser
from engine.optim.optimisers import Gradient


@declare(hint="for matrices", search="orthogonal momentum newton schulz transformer")
class Muon(Gradient):
    """Makes the momentum of every matrix orthogonal before it steps; all other weights take AdamW's steps.

    For Transformers and other networks whose weights are mostly matrices, which then all learn alike.

    Formula: m ← momentum·m + (1 − momentum)·g, w ← w − 0.2·√max(rows, columns)·rate·ortho(m) −
    rate·weight_decay·w; ortho(U·S·Vᵀ) ≈ U·Vᵀ, g = gradient

    Source: Jordan et al. 2024, "Muon: an optimizer for hidden layers in neural networks"; Liu et al. 2025,
    "Muon is scalable for LLM training".
    """

    rate: float = param(1e-3, lo=0, above=True, doc="How far a step goes, as with AdamW")
    weight_decay: float = param(
        0.1, lo=0, doc="How strongly weights are pulled towards zero, against overfitting"
    )
    momentum: float = param(0.95, lo=0, hi=0.9999, doc="Memory of the gradient of matrices")
    nesterov: bool = param(
        True, doc="Look ahead along the momentum before taking the gradient", advanced=True
    )
    rounds: int = param(
        5, lo=1, hi=20, doc="How often the momentum is brought nearer to orthogonal", advanced=True
    )

    def torch(self) -> Call:
        options = (("momentum", self.momentum), ("nesterov", self.nesterov), ("ns_steps", self.rounds))
        common = (("lr", self.rate), ("weight_decay", self.weight_decay))
        return Call("steps.MatrixSteps", (), (*common, *options))


@declare(hint="full batch, curved", search="l-bfgs quasi newton second order line search full batch hessian")
class LBFGS(Optimiser):
    """Learns from the last steps how the loss is curved, and goes straight for its lowest point.

    For small networks on small data, taken as a whole: it is exact where others circle. One step looks at the
    loss many times.

    Formula: w ← w − rate·H·g; H·g from the last memory pairs of changes of w and g, up to tries times a step

    Source: Liu and Nocedal 1989, "On the limited memory BFGS method for large scale optimization".
    """

    closure = True
    rate: float = param(1.0, lo=0, above=True, doc="How far to go along the direction found")
    line_search: bool = param(True, doc="Look how far along it is best (strong Wolfe conditions)")
    tries: int = param(20, lo=1, hi=1000, doc="Directions that one step takes at most")
    memory: int = param(10, lo=1, hi=200, doc="How many of the last changes it keeps", advanced=True)

    @classmethod
    def label(cls) -> str:
        return "L-BFGS"

    def kept(self) -> int:
        return 2 * self.memory + 4

    def torch(self) -> Call:
        search = "strong_wolfe" if self.line_search else None
        options = (("max_iter", self.tries), ("history_size", self.memory), ("line_search_fn", search))
        return Call("torch.optim.LBFGS", (), (("lr", self.rate), *options))
