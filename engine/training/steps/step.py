"""What a training step is, however it is computed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from attrs import frozen

from engine.training.samples import Batch


@frozen(eq=False)
class StepResults:
    """What n steps left, one number for each. They have come to the processor by now.

    `losses` are the means over each batch, `samples` (n, int64) the sizes of the batches, `sums`
    (measures×n, float64) each measure added up over the samples of a batch, `counts` (measures×n, float64)
    over how many samples: fewer where some targets do not count. `norm` is the length of the
    gradient over all weights, before any clipping, when it was last measured; `penalty` what large weights
    added to the last loss, which `losses` leave out. None where there is none.
    """

    losses: list[float]
    samples: np.ndarray
    sums: np.ndarray
    counts: np.ndarray
    norm: float | None
    penalty: float | None


class TrainingStep(Protocol):
    """Makes optimiser steps, and keeps what they leave on the device until somebody asks.

    Losses and measures are not handed back by each call: reading them would wait for the device, and measures
    of many steps are added up in one go.
    """

    def __call__(self, batches: Sequence[Batch], rates: Sequence[float], measure_norm: bool) -> None:
        """One step for each batch, at the learning rate beside it. `measure_norm` wants the length of the
        gradient at the last one.
        """

    @property
    def full(self) -> bool:
        """Whether so much memory waits for `results` that it should be called."""

    def results(self) -> StepResults | None:
        """What the steps since the last call left, None where none was made. Waits for the device."""
