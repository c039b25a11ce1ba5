"""How to train: the part of a project that is neither network nor data."""

from __future__ import annotations

from engine.kinds import Kind, param, settings, types
from engine.kinds.nested import Nested
from engine.optim.averaging import Averaging, NoAveraging
from engine.optim.optimiser import Optimiser, Schedule
from engine.optim.optimisers import Adam
from engine.optim.schedules import Constant

ALL = "all"
ONCE, BALANCED = "each once", "balanced"
FULL, TF32, BF16, FP16 = "float32", "tf32", "bfloat16", "float16"


@settings
class Recipe(Kind):
    """Everything that decides what training does: the same recipe gives the same weights on one machine."""

    optimiser: Optimiser = param(Adam(), type=Nested(Optimiser), doc="How a step changes the weights")
    schedule: Schedule = param(
        Constant(), type=Nested(Schedule), doc="How the learning rate changes over training"
    )
    averaging: Averaging = param(
        NoAveraging(),
        type=Nested(Averaging),
        doc="Which weights are judged and kept: the last ones, or an average over the training",
        advanced=True,
        later=True,
    )
    epochs: int = param(20, lo=1, hi=100_000, doc="How often the whole training part is gone through")
    batch_size: int | str = param(
        32,
        type=types.Size(1, 1, (ALL,)),
        unit="samples",
        doc="Samples in one step; all takes the whole training part at once",
    )
    accumulate: int = param(
        1,
        lo=1,
        hi=10_000,
        unit="batches",
        doc="Batches whose gradients are added up to one step: larger steps in the memory of one batch",
        advanced=True,
        later=True,
    )
    sampling: str = param(
        ONCE,
        options=(ONCE, BALANCED),
        doc="Which samples an epoch has: each one once, or drawn so that all classes come up equally often",
        advanced=True,
        later=True,
    )
    watch: str = param(
        "loss",
        type=types.MeasureName(),
        doc="The measure on validation data that says which epoch is the best one",
        later=True,
    )
    patience: int | None = param(
        None,
        type=types.Integer(lo=1, optional=True),
        unit="epochs",
        doc="Stop when what is watched has not got better for so many epochs; none trains to the end",
    )
    least_change: float = param(
        0.0,
        lo=0,
        doc="By how much it must get better to count",
        advanced=True,
        later=True,
    )
    goal: float | None = param(
        None,
        type=types.Number(optional=True),
        doc="Stop as soon as what is watched has reached this",
        advanced=True,
        later=True,
    )
    minutes: float | None = param(
        None,
        type=types.Number(lo=0, optional=True, above=True),
        unit="minutes",
        doc="Stop after training for so long",
        advanced=True,
        later=True,
    )
    keep_best: bool = param(
        True, doc="End with the weights of the epoch that was best by what is watched, not with the last ones"
    )
    keep_every: int | None = param(
        None,
        type=types.Integer(lo=1, optional=True),
        unit="epochs",
        doc="Keep a file of the weights after every so many epochs as well",
        advanced=True,
        later=True,
    )
    clip: float | None = param(
        None,
        type=types.Number(lo=0, optional=True, above=True),
        doc="Shorten the gradient of a step to at most this length; none leaves it as it is",
        advanced=True,
    )
    clip_value: float | None = param(
        None,
        type=types.Number(lo=0, optional=True, above=True),
        doc="Cut every number of the gradient off at this size; none leaves them as they are",
        advanced=True,
        later=True,
    )
    precision: str = param(
        FULL,
        options=(FULL, TF32, BF16, FP16),
        doc="In which numbers layers compute while training: fewer digits are faster where the device has "
        "circuits for them. Weights stay float32",
        advanced=True,
        later=True,
    )
    channels_last: bool = param(
        False,
        doc="Keep the channels of a pixel side by side in memory, faster for convolutions on many devices",
        advanced=True,
        later=True,
    )
    recompute: bool = param(
        False,
        doc="Let blocks keep only what goes in and compute the rest anew for the gradients: less memory, "
        "a third more time",
        advanced=True,
        later=True,
    )
    seed: int = param(
        0, lo=0, hi=2**31 - 1, doc="Starts every random choice: weights, order of samples, dropout"
    )
    exact: bool = param(
        False,
        doc="Take only algorithms that repeat to the last bit, on a GPU too, even where they are slower",
        advanced=True,
        later=True,
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
        """How many of so many samples to train on go through the network at once."""
        return samples if isinstance(self.batch_size, str) else self.batch_size

    def samples_a_step(self, samples: int) -> int:
        """How many of them change the weights once: a batch, or several whose gradients are added up."""
        return self.batch(samples) * self.accumulate
