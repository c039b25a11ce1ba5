"""Gathers what each step leaves and lets it go about ten times a second, so that no step waits for a
number.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor

from engine.training.control import Control
from engine.training.divergence import Diverged
from engine.training.metrics import named
from engine.training.objectives import answers, several
from engine.training.reports import Progress
from engine.training.state import Learner

EVERY = 0.1  # seconds between two reports
HELD = 64_000_000  # bytes of predictions that may wait for a report


class Ledger:
    """Losses and predictions of the steps since the last report, and what the epoch has added up to."""

    def __init__(self, learner: Learner, control: Control, sums: tuple[float, ...] = ()) -> None:
        self._learner = learner
        self._control = control
        self._measures = list(zip(learner.goals, learner.meters, strict=True))
        self.names = tuple(named(learner.goals, goal, meter.name) for goal, meter in self._measures)
        alone = all(goal.width == 1 for goal in learner.goals)
        self._said = several if alone else partial(answers, learner.goals)
        self.sums = list(sums) or [0.0] * (2 + len(self._measures))
        self._began = time.perf_counter()
        self._waited = control.waited
        self._losses: list[Tensor] = []
        self._predictions: list[Any] = []
        self._targets: list[list[Tensor]] = []
        self._norm: Tensor | None = None
        self._penalty: Tensor | None = None
        self._bytes = 0
        self.restart()

    def restart(self) -> None:
        """Begin a new stretch of time, as after a pause."""
        self._last = time.perf_counter()
        self._next = self._last + EVERY

    def seconds(self) -> float:
        """Seconds since training began, without those in which it was paused."""
        return time.perf_counter() - self._began - (self._control.waited - self._waited)

    def due(self) -> bool:
        """Whether it is time to report."""
        return time.perf_counter() >= self._next or self._bytes > HELD

    def add(
        self,
        loss: Tensor,
        prediction: Any,
        targets: list[Tensor],
        norm: Tensor | None,
        penalty: Tensor | None = None,
    ) -> None:
        """Take what a step leaves, without looking at it."""
        self._losses.append(loss)
        predictions = tuple(one.detach() for one in self._said(prediction))
        self._predictions.append(predictions)
        self._targets.append(targets)
        self._bytes += sum(one.nbytes for one in predictions)
        if norm is not None:
            self._norm = norm
        if penalty is not None:
            self._penalty = penalty.detach()

    @torch.no_grad()
    def leave(self) -> Iterator[Progress]:
        """Report the steps since the last time, if there are any. Raises `Diverged` after those that were
        finite.
        """
        if not self._losses:
            return
        learner, number = self._learner, len(self._losses)
        sizes = np.array([len(targets[0]) for targets in self._targets])
        losses = torch.stack(self._losses).tolist()
        curves = [self._curve(i, sizes) for i in range(len(self._measures))]
        good = next((i for i, loss in enumerate(losses) if not math.isfinite(loss)), number)
        norm = float(self._norm) if self._norm is not None else None
        now = time.perf_counter()
        rate = number / max(now - self._last, 1e-9)
        self._losses, self._predictions, self._targets = [], [], []
        self._bytes = 0
        self.restart()
        if good:
            self._count(losses[:good], sizes[:good], [curve[:good] for curve in curves])
            ahead = number - good
            yield Progress(
                step=learner.step - ahead,
                epoch=learner.place - ahead / len(learner.sizes),
                losses=tuple(losses[:good]),
                metrics={
                    name: tuple(map(meter.whole, curve[:good].tolist()))
                    for name, (_, meter), curve in zip(self.names, self._measures, curves, strict=True)
                },
                rate=learner.stepper.rate,
                gradient_norm=norm,
                steps_per_second=rate,
                seconds=self.seconds(),
                penalty=float(self._penalty) if self._penalty is not None else None,
            )
        if good < number:
            raise Diverged(learner.step - number + good + 1)

    def epoch_means(self) -> dict[str, float]:
        """The loss and each measure over the epoch's samples as they went by, and a fresh start for the
        next.
        """
        samples, *sums = self.sums
        self.sums = [0.0] * len(self.sums)
        return self._learner.measures([total / samples for total in sums]) if samples else {}

    def _curve(self, place: int, sizes: np.ndarray) -> np.ndarray:
        """The mean of a measure over each step's samples, before it is made whole."""
        _, meter = self._measures[place]
        said = torch.cat([predictions[place] for predictions in self._predictions])
        true = torch.cat([targets[place] for targets in self._targets])
        each = meter.each(said, true).cpu().numpy().astype(np.float64)
        means: np.ndarray = np.add.reduceat(each, np.cumsum(sizes) - sizes) / sizes
        return means

    def _count(self, losses: list[float], sizes: np.ndarray, curves: list[np.ndarray]) -> None:
        for place, values in enumerate([np.ones(len(sizes)), np.array(losses), *curves]):
            self.sums[place] += float((values * sizes).sum())
