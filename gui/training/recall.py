"""A run that lies on the shelf, as curves again: those of a project that was opened anew, and those that an
interrupted run goes on with.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from attrs import frozen

from engine.message import Message
from engine.training.reports import Evaluated, Failed, Finished, Progress, Report, Started
from gui.plots.run_curves import RunCurves

if TYPE_CHECKING:
    from engine.project.project import Project
    from engine.runs.record import Record

REPORTS = 2000
"""So many pieces at most: when a step was made is not told more finely than a plot shows it."""


@frozen(eq=False)
class Recalled:
    """What the shelf knows of a run: its curves, its folder, and the project that it trained."""

    curves: RunCurves
    folder: Path
    number: int
    epoch: float
    project: Project


def last_run(shelf: Path, path: Path, smoothing: float) -> Callable[[], Recalled | None]:
    """A task that reads the last whole run of a project's file; None where there is none."""

    def read() -> Recalled | None:
        from engine.runs.shelf import Shelf

        record = Shelf(shelf).latest(path)
        return recalled(record, smoothing) if record is not None else None

    return read


def recalled(record: Record, smoothing: float) -> Recalled:
    """Everything that the window shows of a run that is over. Raises `Trouble` where it cannot be read."""
    project, data = record.project, record.data
    curves = RunCurves(smoothing)
    curves.batch_size = project.recipe.batch_size
    curves.began = _moment(data.get("started"))
    per_epoch = int(data.get("steps_per_epoch") or 1)
    epochs = project.recipe.epochs
    arrays = record.curves()
    curves.feed(
        [
            Started(
                record.number,
                per_epoch,
                per_epoch * epochs,
                epochs,
                str(data.get("device") or ""),
                int(data.get("threads") or 1),
                str(data.get("engine") or ""),
                data.get("versions") or {},
                tuple(name for name in _steps(arrays) if name != "loss"),
            )
        ]
    )
    curves.feed(reports_of(arrays, per_epoch))
    kept = float(data.get("kept_epoch") or 0.0)
    curves.feed([_end(record, kept)])
    return Recalled(curves, record.folder, record.number, kept, project)


def reports_of(arrays: Mapping[str, np.ndarray], per_epoch: int, until: int | None = None) -> list[Report]:
    """What a run reported, up to a step, from the curves that it wrote down."""
    steps = arrays.get("step", np.zeros(0))
    losses = arrays.get("loss", np.zeros(0, np.float32))
    last = len(losses) if until is None else min(until, len(losses))
    ends = steps[steps <= last].astype(np.int64)
    if not len(ends):
        return []
    chosen = np.unique(np.linspace(0, len(ends) - 1, min(len(ends), REPORTS)).astype(np.intp))
    seconds = _rising(arrays["seconds"])
    reports: list[Report] = []
    before, measures = 0, {name: arrays[name] for name in _steps(arrays) if name != "loss"}
    for place in chosen.tolist():
        step, norm = int(ends[place]), float(arrays["gradient_norm"][place])
        reports.append(
            Progress(
                step,
                step / per_epoch,
                losses[before:step],  # type: ignore[arg-type]  # a line takes arrays as well as tuples
                {name: values[before:step] for name, values in measures.items()},  # type: ignore[misc]  # as above
                float(arrays["rate"][place]),
                norm if np.isfinite(norm) else None,
                step / max(float(seconds[place]), 1e-9),
                float(seconds[place]),
            )
        )
        before = step
    return reports + _evaluations(arrays, last)


def _evaluations(arrays: Mapping[str, np.ndarray], last: int) -> list[Report]:
    """What each epoch's end measured. The best one so far has the least loss."""
    found: list[Report] = []
    least = float("inf")
    for place, step in enumerate(arrays.get("evaluated", np.zeros(0)).tolist()):
        if step > last:
            break
        values = {
            part: {
                name.removeprefix(f"{part}."): float(column[place])
                for name, column in arrays.items()
                if name.startswith(f"{part}.") and place < len(column)
            }
            for part in ("train", "validation")
        }
        loss = values["validation"].get("loss", float("nan"))
        best = loss < least
        least = min(least, loss) if best else least
        epoch = float(arrays["epoch"][place])
        found.append(Evaluated(epoch, int(step), values["train"], values["validation"], best, 0.0))
    return found


def _end(record: Record, kept: float) -> Finished | Failed:
    data = record.data
    folder = str(record.folder)
    if record.state == "failed":
        return Failed(
            Message("{reason}", reason=str(data.get("message") or "?")),
            data.get("node"),
            data.get("failed_step"),
            folder,
            record.number,
        )
    step = int(data.get("steps") or 0)
    seconds = float(data.get("seconds") or 0.0)
    return Finished(record.state, kept, step, record.metrics, seconds, folder, record.number, record.caution)


def _steps(arrays: Mapping[str, np.ndarray]) -> list[str]:
    """The curves with one value a step."""
    return [name for name, values in arrays.items() if values.dtype == np.float32]


def _rising(seconds: np.ndarray) -> np.ndarray:
    """Seconds of a run that was interrupted begin again where it went on; here they are added up."""
    starts = np.flatnonzero(np.diff(seconds) < 0)
    added = np.zeros(len(seconds))
    added[starts + 1] = seconds[starts]
    return seconds + np.cumsum(added)


def _moment(text: object) -> datetime | None:
    try:
        return datetime.fromisoformat(str(text)).astimezone().replace(tzinfo=None)
    except ValueError:
        return None
