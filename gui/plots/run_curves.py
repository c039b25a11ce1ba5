"""What a run has told so far, ready to be drawn: every step's loss and metrics, and what each epoch's
end measured.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Literal

import numpy as np
from attrs import frozen

from engine.training.reports import Evaluated, Failed, Finished, Progress, Report, Started
from engine.training.series import Series
from gui.plots.lines import Line, Points

Axis = Literal["step", "epoch", "time"]
SMOOTHING = 0.94
"""How smooth a line is drawn until a person wants it otherwise: the share of the mean that a step keeps."""
_MARK_EVERY = 0.25  # seconds; closer marks would tell nothing new about when a step was made


@frozen
class Best:
    """The epoch whose validation loss was least so far, and all that was measured at its end."""

    step: int
    epoch: float
    validation: Mapping[str, float]


class RunCurves:
    """The history of one run, fed by its reports.

    `lines` holds "loss" and one line for each metric the run computes at every step; `points` the same and
    more as validation measured it, one value an epoch.
    """

    def __init__(self, smoothing: float = SMOOTHING) -> None:
        self.smoothing = smoothing
        self.number = 0
        self.batch_size = 0
        self.began: datetime | None = None
        self.start: Started | None = None
        self.lines: dict[str, Line] = {"loss": Line(smoothing)}
        self.points: dict[str, Points] = {"loss": Points()}
        self.best: Best | None = None
        self.last: Progress | None = None
        self.evaluated: Evaluated | None = None
        self.end: Finished | Failed | None = None
        self._seconds_before = 0.0
        self._mark_steps = Series(np.float64, 64)
        self._mark_seconds = Series(np.float64, 64)

    def __len__(self) -> int:
        return len(self.lines["loss"])

    @property
    def epochs(self) -> int:
        """How many epochs the recipe asks for; 0 before the run has begun."""
        return self.start.epochs if self.start else 0

    @property
    def epoch(self) -> float:
        """How many epochs have been gone through, a fraction in the midst of one."""
        return self.last.epoch if self.last else 0.0

    @property
    def best_epoch(self) -> float:
        """The epoch whose weights are the best so far: the present one while validation has measured none."""
        return self.best.epoch if self.best is not None else self.epoch

    @property
    def names(self) -> tuple[str, ...]:
        """What there are curves of: the loss, the metrics of every step, then those of validation alone."""
        return tuple(dict.fromkeys((*self.lines, *self.points)))

    # ------------------------------------------------------------------ feeding

    def feed(self, reports: Iterable[Report]) -> bool:
        """Take in reports, in order; whether there is anything new to draw."""
        drawn = False
        for report in reports:
            match report:
                case Started():
                    self._begin(report)
                case Progress():
                    self._progress(report)
                    drawn = drawn or len(report.losses) > 0
                case Evaluated():
                    self._evaluated(report)
                    drawn = True
                case Finished() | Failed():
                    self.end = report
                    drawn = True
        return drawn

    def go_on_from(self, reports: Sequence[Report], first: Progress) -> None:
        """Begin with what an interrupted run told before `first`, the first report of what goes on."""
        self.feed(reports)
        if self.last is not None and first.seconds < self.last.seconds:
            self._seconds_before = self.last.seconds

    def _begin(self, report: Started) -> None:
        self.start, self.number = report, report.number
        self.began = self.began or datetime.now()
        for name in report.metrics:
            self.lines.setdefault(name, Line(self.smoothing))
            self.points.setdefault(name, Points())
        for line in self.lines.values():
            line.expect(report.steps)

    def _progress(self, report: Progress) -> None:
        self.last = report
        self.lines["loss"].extend(report.losses)
        for name, values in report.metrics.items():
            self.lines.setdefault(name, Line(self.smoothing)).extend(values)
        marked, seconds = self._mark_seconds.values, self._seconds_before + report.seconds
        if not len(marked) or seconds - marked[-1] >= _MARK_EVERY:
            self._mark_steps.extend([report.step])
            self._mark_seconds.extend([seconds])

    def _evaluated(self, report: Evaluated) -> None:
        self.evaluated = report
        for name, value in report.validation.items():
            self.points.setdefault(name, Points()).add(report.step, report.epoch, value)
        if report.best:
            self.best = Best(report.step, report.epoch, dict(report.validation))

    def smooth(self, smoothing: float) -> None:
        """Follow every line with another running mean."""
        self.smoothing = smoothing
        for line in self.lines.values():
            line.smooth(smoothing)

    # ------------------------------------------------------------------ axes

    def along(self, axis: Axis, steps: np.ndarray | float) -> np.ndarray:
        """Where steps stand on an axis. Seconds between two marks are taken as even."""
        steps = np.asarray(steps, np.float64)
        if axis == "step":
            return steps
        if axis == "epoch":
            return steps / self._per_epoch
        return np.interp(steps, *self._marks())

    def step_at(self, axis: Axis, place: float) -> float:
        """The step that stands at that place of an axis: the other way round."""
        if axis == "step":
            return place
        if axis == "epoch":
            return place * self._per_epoch
        steps, seconds = self._marks()
        return float(np.interp(place, seconds, steps))

    @property
    def _per_epoch(self) -> int:
        return max(1, self.start.steps_per_epoch) if self.start else 1

    def _marks(self) -> tuple[np.ndarray, np.ndarray]:
        steps = np.concatenate(([0.0], self._mark_steps.values))
        seconds = np.concatenate(([0.0], self._mark_seconds.values))
        if self.last is not None and self.last.step > steps[-1]:
            steps = np.append(steps, self.last.step)
            seconds = np.append(seconds, self._seconds_before + self.last.seconds)
        return steps, seconds
