"""Turns what steps leave into reports about ten times a second, so that no step waits for a number."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator

import numpy as np

from engine.training.control import Control
from engine.training.divergence import Diverged
from engine.training.metrics import with_names
from engine.training.reports import Progress
from engine.training.state import TrainingState
from engine.training.steps.step import StepResults, TrainingStep

EVERY = 0.1  # seconds between two reports


class Recorder:
    """Reports the steps since the last report, and adds up the epoch's means."""

    def __init__(
        self, state: TrainingState, step: TrainingStep, control: Control, sums: tuple[float, ...] = ()
    ) -> None:
        self._state = state
        self._step = step
        self._control = control
        self.sums = list(sums) or [0.0] * (2 + 2 * len(state.meters))
        """Of this epoch: samples, the loss times samples, what each measure added up to and over how many."""
        if len(self.sums) == 2 + len(state.meters):  # of a version that took every measure over all samples
            self.sums += self.sums[:1] * len(state.meters)
        self._began = time.perf_counter()
        self._waited = control.waited
        self.restart()

    @property
    def names(self) -> tuple[str, ...]:
        """What the measures are called."""
        return tuple(meter.name for meter in self._state.meters)

    def restart(self) -> None:
        """Begin a new stretch of time, as after a pause."""
        self._last = time.perf_counter()
        self._next = self._last + EVERY

    def seconds(self) -> float:
        """Seconds since training began, without those in which it was paused."""
        return time.perf_counter() - self._began - (self._control.waited - self._waited)

    def due(self) -> bool:
        """Whether it is time to report."""
        return time.perf_counter() >= self._next or self._step.full

    def report(self) -> Iterator[Progress]:
        """Report the steps since the last time, if there are any. Raises `Diverged` after those that were
        finite.
        """
        results = self._step.results()
        if results is None:
            return
        state, losses = self._state, results.losses
        means = results.sums / np.where(results.counts == 0, 1, results.counts)
        steps = len(losses)
        rate = steps / max(time.perf_counter() - self._last, 1e-9)
        self.restart()
        # steps were made ahead of this look at them, and the loss may have left the numbers on the way
        finite = next((i for i, loss in enumerate(losses) if not math.isfinite(loss)), steps)
        if finite:
            self._add(results, finite)
            ahead = steps - finite  # the state has gone beyond the last step that is reported
            yield Progress(
                step=state.step - ahead,
                epoch=state.progress - ahead / len(state.sizes),
                losses=tuple(losses[:finite]),
                metrics={
                    meter.name: tuple(map(meter.whole, values[:finite].tolist()))
                    for meter, values in zip(state.meters, means, strict=True)
                },
                rate=state.fused_update.rate,
                gradient_norm=results.norm,
                steps_per_second=rate,
                seconds=self.seconds(),
                penalty=results.penalty,
            )
        if finite < steps:
            raise Diverged(state.step - steps + finite + 1)

    def epoch_means(self) -> dict[str, float]:
        """The loss and each measure over the epoch's samples as they went by, and a fresh start for the
        next.
        """
        meters = self._state.meters
        samples, loss, *measured = self.sums
        self.sums = [0.0] * len(self.sums)
        if not samples:
            return {}
        pairs = zip(measured[: len(meters)], measured[len(meters) :], strict=True)
        return with_names(meters, [loss / samples, *(total / (count or 1) for total, count in pairs)])

    def _add(self, results: StepResults, finite: int) -> None:
        """Add so many steps, the first ones, to the epoch."""
        samples = results.samples[:finite]
        losses = float((np.array(results.losses[:finite]) * samples).sum())
        measured = [float(row[:finite].sum()) for row in (*results.sums, *results.counts)]
        for index, value in enumerate([float(samples.sum()), losses, *measured]):
            self.sums[index] += value
