"""How an optimiser and a schedule of its rate are declared."""

from __future__ import annotations

from typing import ClassVar

from engine.kinds.code import NAMESPACES, Call
from engine.kinds.declaring import Kind, role
from engine.kinds.unreadable import Absent

NAMESPACES["steps"] = "engine.optim.steps"  # what PyTorch does not have, or not for every weight


@role
class Optimiser(Kind):
    """How a step changes the weights."""

    rate: float
    """The learning rate that training begins with. Every optimiser declares it."""
    states: ClassVar[int] = 2
    """How many numbers it keeps for each weight."""
    closure: ClassVar[bool] = False
    """Whether one step looks at the loss several times. It then needs the same loss each time, that of all
    samples, and takes all weights alike.
    """

    def kept(self) -> int:
        """How many numbers it keeps for each weight, with these settings."""
        return self.states

    def spares(self) -> bool:
        """Whether biases and the weights of normalisations are left out of its weight decay."""
        return False

    def torch(self) -> Call:
        """The optimiser, all but its first argument, the parameters: `torch.optim.Adam(lr=0.001)`. One of
        `modules` extends `torch.optim.Optimizer`; what it calls `lr` is set anew before every step.
        """
        raise NotImplementedError(type(self).__name__)  # every optimiser says how it is written


Seen = tuple[float, ...]
"""What a schedule that goes by the validation loss remembers of it: numbers of its own choice, first of all
what the rate is multiplied with now.
"""


@role
class Schedule(Kind):
    """How the learning rate changes over training."""

    def factor(self, progress: float, epochs: int) -> float:
        """What the rate is multiplied with when `progress` epochs (a fraction counts) of `epochs` are
        done.
        """
        raise NotImplementedError(type(self).__name__)  # every schedule says what it does

    def of_step(self, progress: float, step: float, epochs: int) -> float:
        """What the rate of one step is multiplied with. It begins when `progress` epochs are done and takes
        `step` of one.
        """
        return self.factor(progress, epochs)

    def begun(self) -> Seen:
        """What it remembers before the first epoch, where it goes by the validation loss. Else nothing."""
        return ()

    def seen(self, before: Seen, loss: float) -> Seen:
        """What it remembers after an epoch with that validation loss."""
        return before


class AbsentOptimiser(Absent, Optimiser):
    """An optimiser of a plug-in that is not there, or that has changed. Nothing is trained with it."""

    rate = 0.0


class AbsentSchedule(Absent, Schedule):
    """A schedule of a plug-in that is not there, or that has changed. Nothing is trained by it."""

    def factor(self, progress: float, epochs: int) -> float:
        """The rate as it stands."""
        return 1.0


Optimiser.absent, Schedule.absent = AbsentOptimiser, AbsentSchedule
