"""What a run has told so far, ready to be drawn: every step's loss and metrics, and what each epoch's
end measured.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Literal

import numpy as np
from attrs import evolve, frozen

from engine.training.curves import Curves
from engine.training.reports import Changed, Evaluated, Failed, Finished, Progress, Report, Started
from gui.plots.lines import Line, Points

Axis = Literal["step", "epoch", "time"]
SMOOTHING = 0.94
"""How smooth a line is drawn until a person wants it otherwise: the share of the mean that a step keeps."""


@frozen
class Best:
    """The epoch that was the best so far by what the recipe watches, and what was measured at its end."""

    step: int
    epoch: float
    validation: Mapping[str, float]


class RunCurves:
    """What one run has told, drawn from its own curves as far as its reports came.

    `lines` holds "loss" and one line for each metric the run computes at every step; `points` the same and
    more as validation measured it, one value an epoch.
    """

    def __init__(self, recorded: Curves, smoothing: float = SMOOTHING) -> None:
        self.recorded = recorded
        self.smoothing = smoothing
        self.number = 0
        self.batch_size = 0
        self.began: datetime | None = None
        self.start: Started | None = None
        self.lines: dict[str, Line] = {"loss": Line(recorded.per_step["loss"], smoothing)}
        self.points: dict[str, Points] = {"loss": Points()}
        self.best: Best | None = None
        self.last: Progress | None = None
        self.evaluated: Evaluated | None = None
        self.changes: list[Changed] = []
        """What a person changed while it was trained."""
        self.end: Finished | Failed | None = None
        self._elapsed: tuple[np.ndarray, np.ndarray] | None = None
        """Steps and the seconds at each, until the next report."""

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

    # ------------------------------------------------------------------ reports

    def update(self, reports: Iterable[Report]) -> None:
        """Take in reports, in order. What they brought stands in the run's curves by then."""
        for report in reports:
            match report:
                case Started():
                    self._begin(report)
                case Progress():
                    self._progress(report)
                case Evaluated():
                    self._evaluated(report)
                case Changed():
                    self.changes.append(report)
                    if self.start is not None and "epochs" in report.settings:
                        self.start = evolve(self.start, epochs=report.settings["epochs"][1])
                case Finished() | Failed():
                    self.end = report

    def _begin(self, report: Started) -> None:
        self.start, self.number = report, report.number
        self.began = self.began or datetime.now()
        for name in report.metrics:
            self._line(name)
            self.points.setdefault(name, Points())
        for line in self.lines.values():
            line.expect(report.steps)

    def _progress(self, report: Progress) -> None:
        self.last, self._elapsed = report, None
        for name in ("loss", *report.metrics):
            self._line(name).show(report.step)

    def _line(self, name: str) -> Line:
        if name not in self.lines:
            self.lines[name] = Line(self.recorded.per_step[name], self.smoothing)
        return self.lines[name]

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
        """Where steps stand on an axis. Seconds between two reports are taken as even."""
        steps = np.asarray(steps, np.float64)
        if axis == "step":
            return steps
        if axis == "epoch":
            return np.interp(steps, *self._epochs()) if self._uneven else steps / self._per_epoch
        return np.interp(steps, *self._marks())

    def step_at(self, axis: Axis, place: float) -> float:
        """The step that stands at that place of an axis: the other way round."""
        if axis == "step":
            return place
        if axis == "epoch" and self._uneven:
            steps, epochs = self._epochs()
            return float(np.interp(place, epochs, steps))
        if axis == "epoch":
            return place * self._per_epoch
        steps, seconds = self._marks()
        return float(np.interp(place, seconds, steps))

    @property
    def _per_epoch(self) -> int:
        return max(1, self.start.steps_per_epoch) if self.start else 1

    @property
    def _uneven(self) -> bool:
        """Whether some epochs have more steps than others, since a person changed the size of batches."""
        return any("batch_size" in one.settings for one in self.changes)

    def _epochs(self) -> tuple[np.ndarray, np.ndarray]:
        """Steps, and how many epochs were gone through at each, where that was told."""
        points = self.points["loss"]
        steps, epochs = [0, *points.steps.values.tolist()], [0.0, *points.epochs.values.tolist()]
        if self.last is not None and self.last.step > steps[-1]:
            steps, epochs = [*steps, self.last.step], [*epochs, self.last.epoch]
        return np.array(steps, np.float64), np.array(epochs)

    def _marks(self) -> tuple[np.ndarray, np.ndarray]:
        """Steps and the seconds at each, from the beginning on."""
        if self._elapsed is None:
            steps, seconds = self.recorded.elapsed()
            self._elapsed = np.concatenate(([0.0], steps)), np.concatenate(([0.0], seconds))
        return self._elapsed
