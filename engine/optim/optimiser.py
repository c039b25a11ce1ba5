"""How an optimiser and a schedule of its rate are declared."""

from __future__ import annotations

from engine.kinds.code import Call
from engine.kinds.declaring import Kind, role


@role
class Optimiser(Kind):
    """How a step changes the weights."""

    rate: float
    """The learning rate that training begins with. Every optimiser declares it."""

    def torch(self) -> Call:
        """The optimiser, all but its first argument, the parameters: `resolve(call.target)(parameters,
        **kwargs)`.
        """
        raise NotImplementedError(type(self).__name__)  # every optimiser says how it is written


@role
class Schedule(Kind):
    """How the learning rate changes over training."""

    def factor(self, progress: float, epochs: int) -> float:
        """What the rate is multiplied with when `progress` epochs (a fraction counts) of `epochs` are
        done.
        """
        raise NotImplementedError(type(self).__name__)  # every schedule says what it does
