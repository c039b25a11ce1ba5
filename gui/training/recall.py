"""A run that lies on the shelf, as curves again: those of a project that was opened anew, and those that a
run goes on with.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from attrs import frozen

from engine.message import Message
from engine.project.recipe import Recipe
from engine.training.curves import Curves
from engine.training.reports import Changed, Evaluated, Failed, Finished, Progress, Report, Started
from engine.training.watching import better
from gui.plots.run_curves import RunCurves
from gui.training.run_info import samples_a_step

if TYPE_CHECKING:
    from engine.project.project import Project
    from engine.runs.record import Record


@frozen(eq=False)
class Recalled:
    """What the shelf knows of a run: its curves, its folder, the project that it trained, and whether it has
    weights.
    """

    curves: RunCurves
    folder: Path
    number: int
    epoch: float
    project: Project
    weighted: bool


def last_run(shelf: Path, path: Path, smoothing: float) -> Callable[[], Recalled | None]:
    """A task that reads the last whole run of a project's file; None where there is none."""

    def read() -> Recalled | None:
        from engine.runs.shelf import Shelf

        record = Shelf(shelf).latest(path)
        return recalled(record, smoothing) if record is not None else None

    return read


def past_run(record: Record, smoothing: float) -> Callable[[], Recalled]:
    """A task that reads that run of the shelf."""
    return partial(recalled, record, smoothing)


def recalled(record: Record, smoothing: float) -> Recalled:
    """Everything that the window shows of a run that is over. Raises `Trouble` where it cannot be read."""
    project, data = record.project, record.data
    arrays = record.curves()
    per_epoch = int(data.get("steps_per_epoch") or 1)
    epochs = project.recipe.epochs
    start = Started(
        record.number,
        per_epoch,
        per_epoch * epochs,
        epochs,
        str(data.get("device") or ""),
        int(data.get("threads") or 1),
        str(data.get("engine") or ""),
        data.get("versions") or {},
        tuple(name for name, values in arrays.items() if values.dtype == np.float32 and name != "loss"),
    )
    curves = drawn(arrays, start, smoothing, project.recipe)
    curves.update(
        Changed(one["step"], one["epoch"], {name: tuple(pair) for name, pair in one["settings"].items()})
        for one in record.changes
    )
    curves.batch_size = samples_a_step(project)
    curves.began = _moment(data.get("started"))
    epoch = float(data.get("kept_epoch") or curves.best_epoch)
    curves.update([_end(record, epoch)])
    return Recalled(curves, record.folder, record.number, epoch, project, record.weighted)


def drawn(
    arrays: Mapping[str, np.ndarray], start: Started, smoothing: float, recipe: Recipe | None = None
) -> RunCurves:
    """The curves that a run wrote down, ready to be drawn; `start` is what it told when it began."""
    recorded = Curves()
    recorded.resume(arrays, len(arrays.get("loss", ())))
    curves = RunCurves(recorded, smoothing)
    curves.update([start])
    if len(recorded.per_report["step"]):
        curves.update([_progress(recorded, start), *evaluations(arrays, recipe or Recipe())])
    return curves


def _progress(recorded: Curves, start: Started) -> Progress:
    """How far a run has come that left these curves, as its last report told it. It brings nothing itself."""
    steps, elapsed = recorded.elapsed()
    step, seconds = int(steps[-1]), float(elapsed[-1])
    norm = float(recorded.per_report["gradient_norm"].values[-1])
    return Progress(
        step,
        step / max(1, start.steps_per_epoch),
        (),
        dict.fromkeys(start.metrics, ()),
        float(recorded.per_report["rate"].values[-1]),
        norm if np.isfinite(norm) else None,
        step / max(seconds, 1e-9),
        seconds,
    )


def evaluations(arrays: Mapping[str, np.ndarray], recipe: Recipe, until: int | None = None) -> list[Report]:
    """What each epoch's end measured, up to a step, from the curves that a run wrote down. Which one is the
    best so far, the recipe says.
    """
    reports: list[Report] = []
    last = len(arrays.get("loss", ())) if until is None else until
    most: float | None = None
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
        watched = values["validation"].get(recipe.watch)
        best = better(recipe, watched, most)
        most = watched if best else most
        epoch = float(arrays["epoch"][place])
        reports.append(Evaluated(epoch, int(step), values["train"], values["validation"], best, 0.0))
    return reports


def _end(record: Record, kept_epoch: float) -> Finished | Failed:
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
    return Finished(
        record.state, kept_epoch, step, record.metrics, seconds, folder, record.number, record.caution
    )


def _moment(text: object) -> datetime | None:
    try:
        return datetime.fromisoformat(str(text)).astimezone().replace(tzinfo=None)
    except ValueError:
        return None
