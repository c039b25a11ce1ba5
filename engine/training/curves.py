"""The curves of a run: every step's loss and measures, and what each epoch's end found. Four bytes a
value.
"""

from __future__ import annotations

import io
from array import array
from collections import defaultdict
from collections.abc import Mapping

import numpy as np

from engine.training.reports import Evaluated, Progress, Report, Started
from engine.training.series import EXPECTED, Column

FAR = 10  # times the first loss: no batch differs that much from another
LAST = 20  # steps at the end whose median counts


class Curves:
    """Gathers reports. `arrays` names the curves:

    `loss` and each measure, one value a step; `step`, `rate`, `gradient_norm` and `seconds`, one value a
    report; `evaluated` (the step), `epoch`, `train.…` and `validation.…`, one value an epoch.
    """

    def __init__(self) -> None:
        self._steps: defaultdict[str, Column] = defaultdict(Column)
        self._moments: defaultdict[str, array[float]] = defaultdict(lambda: array("d"))

    def add(self, report: Report) -> None:
        """Take what a report brings; those without numbers bring nothing."""
        if isinstance(report, Started):
            for name in ("loss", *report.metrics):  # grown by and by, they would leave holes in memory
                self._steps[name].reserve(min(report.steps, EXPECTED))
            return
        if isinstance(report, Progress):
            self._steps["loss"].extend(report.losses)
            for name, values in report.metrics.items():
                self._steps[name].extend(values)
            norm = report.gradient_norm if report.gradient_norm is not None else float("nan")
            moment = {
                "step": report.step,
                "rate": report.rate,
                "gradient_norm": norm,
                "seconds": report.seconds,
            }
        elif isinstance(report, Evaluated):
            moment = {"evaluated": report.step, "epoch": report.epoch}
            moment |= {f"train.{name}": value for name, value in report.train.items()}
            moment |= {f"validation.{name}": value for name, value in report.validation.items()}
        else:
            return
        for name, value in moment.items():
            self._moments[name].append(value)

    def arrays(self) -> dict[str, np.ndarray]:
        """The curves so far."""
        return {
            **{name: column.values.copy() for name, column in self._steps.items() if len(column)},
            **{name: np.array(values, np.float64) for name, values in self._moments.items()},
        }

    def grown(self) -> tuple[float, float] | None:
        """The loss of the first step and that of the last ones, where it ended far above where it began."""
        losses = self._steps["loss"].values
        if not len(losses):
            return None
        first, last = float(losses[0]), float(np.median(losses[-LAST:]))
        return (first, last) if 0 < first * FAR < last else None

    def resume(self, found: Mapping[str, np.ndarray], step: int) -> None:
        """Begin with the curves of an earlier run up to a step."""
        per_report = found["step"] <= step if "step" in found else np.zeros(0, bool)
        per_epoch = found["evaluated"] <= step if "evaluated" in found else np.zeros(0, bool)
        for name, values in found.items():
            if values.dtype == np.float32:
                self._steps[name].extend(values[:step])
            else:
                kept = per_report if name in {"step", "rate", "gradient_norm", "seconds"} else per_epoch
                self._moments[name].extend(values[kept].tolist())

    def bytes(self) -> bytes:
        """The curves as a file that `numpy.load` reads."""
        buffer = io.BytesIO()
        arrays: dict[str, np.ndarray] = self.arrays()
        np.savez_compressed(buffer, allow_pickle=False, **arrays)
        return buffer.getvalue()
