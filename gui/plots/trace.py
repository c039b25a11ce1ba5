"""What is drawn in one plot of a run, and the stretch of values that shows it best. No Qt."""

from __future__ import annotations

import numpy as np
from attrs import frozen

from gui.plots import ticks
from gui.plots.lines import Line, Points
from gui.plots.run_curves import Axis, RunCurves

_SETTLING = 0.08  # the share of a stretch in which values fall so fast that they would flatten the rest
_MARGIN = 0.04


@frozen(eq=False)
class Trace:
    """One quantity of one run: its line of steps, its points of validation, or both. `series` is its
    place in colour.
    """

    run: RunCurves
    name: str
    series: int = 0

    @property
    def line(self) -> Line | None:
        line = self.run.lines.get(self.name)
        return line if line is not None and len(line) else None

    @property
    def points(self) -> Points | None:
        points = self.run.points.get(self.name)
        return points if points is not None and len(points) else None

    @property
    def steps(self) -> int:
        """The last step that has a value."""
        line, points = self.line, self.points
        return max(len(line) if line else 0, int(points.steps.values[-1]) if points else 0)

    def stretch(self, axis: Axis, left: float, right: float) -> tuple[int, int]:
        """The indices of the line that lie between two places of an axis, and one more on either side."""
        first = int(np.floor(self.run.step_at(axis, left))) - 2
        last = int(np.ceil(self.run.step_at(axis, right))) + 1
        return max(0, first), max(0, last)


def reach(traces: list[Trace], axis: Axis) -> float:
    """How far along an axis the traces go; at least a little, so that an axis is never empty."""
    ends = [float(trace.run.along(axis, trace.steps)) for trace in traces]
    return max([*ends, 1.0 if axis != "step" else 10.0])


def limits(traces: list[Trace], axis: Axis, left: float, right: float, log: bool) -> tuple[float, float]:
    """The least and greatest value to show between two places of an axis.

    Every smoothed value and every validation is in, but for the first few hundredths of a linear axis; of
    the raw line the outliers are cut.
    """
    shown: list[np.ndarray] = []
    for trace in traces:
        line, points = trace.line, trace.points
        if line is not None:
            first, last = trace.stretch(axis, left, right)
            last = min(last, len(line))
            if not log:
                first += int((last - first) * _SETTLING)
            shown.append(line.thinned(first, last, 128, smoothed=True)[1])
            raw = _usable(line.thinned(first, last, 128)[1], log)
            if len(raw):
                shown.append(np.percentile(raw, (15, 85)))
        if points is not None:
            along = trace.run.along(axis, points.steps.values)
            start = left if log else left + (right - left) * _SETTLING
            shown.append(points.values.values[(along >= start) & (along <= right)])
    values = _usable(np.concatenate(shown), log) if shown else np.empty(0)
    if not len(values):
        return (0.1, 1.0) if log else (0.0, 1.0)
    low, high = float(values.min()), float(values.max())
    return _widened_log(low, high) if log else _widened(low, high)


def _usable(values: np.ndarray, log: bool) -> np.ndarray:
    keep = np.isfinite(values)
    return values[keep & (values > 0)] if log else values[keep]


def _widened_log(low: float, high: float) -> tuple[float, float]:
    if high / low < 1.2:
        low, high = low / 1.1, high * 1.1
    ratio = (high / low) ** _MARGIN
    return low / ratio, high * ratio


def _widened(low: float, high: float) -> tuple[float, float]:
    if high - low <= 1e-12 * max(abs(high), 1e-300):
        spare = abs(high) * 0.05 or 0.5
        low, high = low - spare, high + spare
    marks = ticks.even(low, high)
    step = marks[1] - marks[0] if len(marks) > 1 else high - low
    floor = np.floor(low / step + 1e-9) * step
    floor = low if low - floor > 0.6 * step else float(floor)
    margin = (high - floor) * _MARGIN
    return floor - margin * (floor != 0), high + margin
