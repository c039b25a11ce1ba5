"""The curves of a run: every step's loss and measures, and what each epoch's end found. Four bytes a
value.
"""

from __future__ import annotations

import io
from collections.abc import Mapping

import numpy as np

from engine.training.growing_array import EXPECTED, GrowingArray
from engine.training.reports import Evaluated, Progress, Report, Started

FAR = 10  # times the first loss: no batch differs that much from another
LAST = 20  # steps at the end whose median counts
MOST = 1e15  # steps, seconds or epochs: no run comes near it
REPORTED = ("step", "rate", "gradient_norm", "seconds")


class Curves:
    """Gathers reports, and is read as a mapping of curves to numbers. One thread may add while others read.

    `per_step`: "loss" and each measure, float32, on the samples of that step.
    `per_report`: the "step" at which it was told, and the "rate", "gradient_norm" (NaN where it was not
    measured) and "seconds" of then.
    `per_epoch`: the step at which it was "evaluated", the "epoch", "train.…" and "validation.…" for the loss
    and each measure.
    """

    def __init__(self) -> None:
        self.per_step = {"loss": GrowingArray()}
        self.per_report = {name: GrowingArray(np.float64, 64) for name in REPORTED}
        self.per_epoch: dict[str, GrowingArray] = {}

    def __len__(self) -> int:
        """How many steps there are."""
        return len(self.per_step["loss"])

    def add(self, report: Report) -> None:
        """Take what a report brings; those without numbers bring nothing."""
        match report:
            case Started():
                for name in ("loss", *report.metrics):  # grown by and by, they would leave holes in memory
                    self._step_curve(name).reserve(min(report.steps, EXPECTED))
            case Progress():
                self.per_step["loss"].extend(report.losses)
                for name, values in report.metrics.items():
                    self._step_curve(name).extend(values)
                norm = report.gradient_norm if report.gradient_norm is not None else float("nan")
                for name, value in zip(
                    REPORTED, (report.step, report.rate, norm, report.seconds), strict=True
                ):
                    self.per_report[name].extend([value])
            case Evaluated():
                measured = {"evaluated": report.step, "epoch": report.epoch}
                measured |= {f"train.{name}": value for name, value in report.train.items()}
                measured |= {f"validation.{name}": value for name, value in report.validation.items()}
                for name, value in measured.items():
                    self._epoch_curve(name).extend([value])

    def arrays(self) -> dict[str, np.ndarray]:
        """The curves so far by name, copied: float32 with one value a step, float64 the others."""
        series = {**self.per_step, **self.per_report, **self.per_epoch}
        return {name: one.values.copy() for name, one in series.items() if len(one)}

    def elapsed(self) -> tuple[np.ndarray, np.ndarray]:
        """Steps, and the seconds of training that had gone by at each, for all reports. Those of a run that
        was interrupted begin again where it goes on; here they are added up.
        """
        seconds = self.per_report["seconds"].values
        steps = self.per_report["step"].values[: len(seconds)]
        added = np.zeros(len(seconds))
        starts = np.flatnonzero(np.diff(seconds) < 0)
        added[starts + 1] = seconds[starts]
        return steps, seconds + np.cumsum(added)

    def grown(self) -> tuple[float, float] | None:
        """The loss of the first step and that of the last ones, where it ended far above where it began."""
        losses = self.per_step["loss"].values
        if not len(losses):
            return None
        first, last = float(losses[0]), float(np.median(losses[-LAST:]))
        return (first, last) if 0 < first * FAR < last else None

    def resume(self, arrays: Mapping[str, np.ndarray], step: int) -> None:
        """Begin with the curves of an earlier run, as `arrays` gave them, up to a step."""
        none = np.zeros(0)
        reported = arrays.get("step", none) <= step
        evaluated = arrays.get("evaluated", none) <= step
        for name, values in arrays.items():
            if values.dtype == np.float32:
                self._step_curve(name).extend(values[:step])
            elif name in REPORTED:
                self.per_report[name].extend(values[reported])
            else:
                self._epoch_curve(name).extend(values[evaluated])

    def bytes(self) -> bytes:
        """The curves as a file that `numpy.load` reads."""
        buffer = io.BytesIO()
        arrays: dict[str, np.ndarray] = self.arrays()
        np.savez_compressed(buffer, allow_pickle=False, **arrays)
        return buffer.getvalue()

    def _step_curve(self, name: str) -> GrowingArray:
        return self.per_step.setdefault(name, GrowingArray())

    def _epoch_curve(self, name: str) -> GrowingArray:
        return self.per_epoch.setdefault(name, GrowingArray(np.float64, 64))


def misshapen(arrays: Mapping[str, np.ndarray]) -> str:
    """The name of a curve that cannot be one of a run's, such as `Curves.arrays` gives them; "" where all
    can: vectors of floats, as long as those that were taken at the same moments, and counts that are some.
    """
    for name, values in arrays.items():
        if values.ndim != 1 or values.dtype not in (np.float32, np.float64):
            return name
    for group in (REPORTED, ("evaluated", "epoch")):
        lengths = [len(arrays[name]) for name in group if name in arrays]
        if lengths and (len(lengths) < len(group) or len(set(lengths)) > 1):
            return next(name for name in group if len(arrays.get(name, ())) != max(lengths))
    for name in ("step", "seconds", "evaluated", "epoch"):
        values = arrays.get(name, np.zeros(0))
        if not ((values >= 0) & (values < MOST)).all():  # what is not a number is neither
            return name
    return ""
