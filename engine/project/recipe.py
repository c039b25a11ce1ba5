"""How to train: the part of a project that is neither network nor data."""

from __future__ import annotations

from engine.kinds import Kind, param, settings, types
from engine.kinds.nested import Nested
from engine.optim.optimiser import Optimiser, Schedule
from engine.optim.optimisers import Adam
from engine.optim.schedules import Constant

ALL = "all"


@settings
class Recipe(Kind):
    """Everything that decides what training does: the same recipe gives the same weights on one machine."""

    optimiser: Optimiser = param(Adam(), type=Nested(Optimiser), doc="How a step changes the weights")
    schedule: Schedule = param(
        Constant(), type=Nested(Schedule), doc="How the learning rate changes over training"
    )
    epochs: int = param(20, lo=1, hi=100_000, doc="How often the whole training part is gone through")
    batch_size: int | str = param(
        32,
        type=types.Size(1, 1, (ALL,)),
        unit="samples",
        doc="Samples in one step; all takes the whole training part at once",
    )
    patience: int | None = param(
        None,
        type=types.Integer(lo=1, optional=True),
        unit="epochs",
        doc="Stop when the validation loss has not fallen for so many epochs; none trains to the end",
    )
    keep_best: bool = param(
        True, doc="End with the weights of the epoch whose validation loss was least, not with the last ones"
    )
    clip: float | None = param(
        None,
        type=types.Number(lo=0, optional=True, above=True),
        doc="Shorten the gradient of a step to at most this length; none leaves it as it is",
        advanced=True,
    )
    seed: int = param(
        0, lo=0, hi=2**31 - 1, doc="Starts every random choice: weights, order of samples, dropout"
    )
    device: str = param(
        "auto",
        options=("auto", "cpu", "cuda", "mps"),
        doc="Where the numbers are computed; auto takes a GPU where there is one",
    )
    threads: int | None = param(
        None,
        type=types.Integer(lo=1, hi=256, optional=True),
        doc="Processor threads; none chooses by the network's cost",
        advanced=True,
    )

    def batch(self, samples: int) -> int:
        """How many of so many samples to train on are in one step."""
        return samples if isinstance(self.batch_size, str) else self.batch_size
