"""A training in a background thread: start, pause, resume, stop, and what it reports, without ever waiting
for it.
"""

from __future__ import annotations

import threading
from collections import deque
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from engine.message import Trouble
from engine.project.project import Project
from engine.project.recipe import Recipe
from engine.runs.record import Record
from engine.runs.recording import Recording
from engine.runs.shelf import Shelf
from engine.training.control import Control
from engine.training.curves import Curves
from engine.training.reports import Failed, Finished, Report

if TYPE_CHECKING:
    from torch import nn

    from engine.training.predict import Predictor


class Run:
    """One training in a thread of its own, written down by a `Recording`.

    Its reports belong to this object alone, so those of an old run never reach a new one. `state` is "ready",
    "training", "paused", "stopping", "finished" or "failed".
    """

    def __init__(
        self,
        project: Project,
        folder: Path | str | None = None,
        *,
        shelf: Shelf | None = None,
        path: Path | str | None = None,
        resumed: Record | None = None,
    ) -> None:
        self._recording = Recording(project, shelf or Shelf(), folder, path, resumed)
        self._control = Control()
        self._reports: deque[Report] = deque()
        self._thread: threading.Thread | None = None
        self._ended = ""

    # ----------------------------------------------------------------------- from any thread

    @property
    def project(self) -> Project:
        """What is trained."""
        return self._recording.project

    @property
    def number(self) -> int:
        """The run's number; 0 until it has one."""
        return self._recording.number

    @property
    def curves(self) -> Curves:
        """The losses and measures so far."""
        return self._recording.curves

    @property
    def checkpoint(self) -> Path | None:
        """The last checkpoint on disk, while there is one."""
        return self._recording.checkpoint

    @property
    def saved(self) -> Path | None:
        """The run's folder, once it is whole."""
        return self._recording.saved

    @property
    def unsaved(self) -> bool:
        """Whether it is over and what it learnt could not be saved: `save` may be tried again."""
        return bool(self._ended) and self._recording.trained is not None and self.saved is None

    @property
    def state(self) -> str:
        """Where the run stands."""
        if self._ended:
            return self._ended
        if self._thread is None:
            return "ready"
        if self._control.stopping:
            return "stopping"
        return "paused" if self._control.paused else "training"

    @property
    def active(self) -> bool:
        """Whether it has begun and not ended."""
        return self._thread is not None and not self._ended

    def start(self) -> None:
        """Begin, in a thread of its own. A run starts once."""
        if self._thread is not None:
            raise RuntimeError("a run starts once")
        self._thread = threading.Thread(target=self._work, name="layerloom-run", daemon=True)
        self._thread.start()

    def pause(self) -> None:
        """Wait before the next step."""
        self._control.pause()

    def resume(self) -> None:
        """Go on after a pause."""
        self._control.resume()

    def stop(self) -> None:
        """End before the next step and keep what was learnt."""
        self._control.stop()

    def change(self, recipe: Recipe) -> None:
        """Go on by another recipe, as far as it can be changed while it is trained by."""
        self._control.change(recipe)

    def poll(self) -> list[Report]:
        """The reports since the last call, oldest first. Never waits."""
        reports: list[Report] = []
        with suppress(IndexError):
            while True:
                reports.append(self._reports.popleft())
        return reports

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until the run has ended; whether it has."""
        if self._thread is not None:
            self._thread.join(timeout)
        return bool(self._ended)

    def save(self, place: Path | None = None) -> Path:
        """Save after all what could not be saved, at the run's place or at another one; then report how the
        training ended. Raises `Trouble`; may then be tried again.
        """
        last = self._recording.save(place)
        self._report(last)
        return Path(last.run)

    def module(self) -> nn.Module:
        """The trained network in evaluation mode. Raises `Trouble` while there is none."""
        if self._recording.trained is None:
            raise Trouble("There is no trained network yet. Let the training end, or stop it.")
        return self._recording.trained.built.module

    def predictor(self) -> Predictor:
        """The trained network, to be asked about single samples. Raises `Trouble` while there is none."""
        from engine.training.predict import Predictor  # with torch

        return Predictor(self.project, self.module())

    # ----------------------------------------------------------------------- the thread

    def _work(self) -> None:
        for report in self._recording.train(self._control):
            self._report(report)

    def _report(self, report: Report) -> None:
        self._reports.append(report)
        if isinstance(report, Finished | Failed):  # after it has been reported: then nothing more comes
            self._ended = "finished" if isinstance(report, Finished) else "failed"
