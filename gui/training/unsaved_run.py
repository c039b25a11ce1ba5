"""A run that is over and could not be saved: what it learnt stays in memory, and can be saved once more."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from engine.message import Message, Trouble
from gui.background import Worker
from gui.document.workspace import Workspace
from gui.training.last_runs import LastRuns, RunWeights
from gui.training.run_info import RunInfo

if TYPE_CHECKING:
    from engine.runs.protocol import Training


class UnsavedRun(QObject):
    """Holds the last run that could not be saved, until it is."""

    waiting = Signal(object)
    """The `RunInfo` of a run that is not saved: `save` tries once more."""
    saved = Signal(object)
    """The folder of a run that was saved after all."""

    def __init__(self, workspace: Workspace, last_runs: LastRuns, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._last_runs = last_runs
        self._held: tuple[Training, RunInfo] | None = None
        self._worker = Worker(self)
        self._worker.done.connect(self._saved)
        self._worker.failed.connect(self._not_saved)

    def hold(self, run: Training, info: RunInfo) -> None:
        """Keep a run in memory, and tell that it waits to be saved."""
        self._held = (run, info)
        self.waiting.emit(info)

    def save(self) -> None:
        """Try once more to save it, beside the window. Nothing where none waits."""
        if self._held is not None:
            self._worker.run(self._held[0].save)

    def save_elsewhere(self) -> None:
        """Save it now in whichever folder takes it. Nothing where none waits."""
        from engine.runs.elsewhere import save_elsewhere  # at the very end

        if self._held is not None:
            run, info = self._held
            save_elsewhere(run, info.project.graph.name)

    def _saved(self, folder: Path) -> None:
        assert self._held is not None
        (run, info), self._held = self._held, None
        self._last_runs.keep(
            info.document, RunWeights(folder, run.number, info.curves.best_epoch, info.project)
        )
        self._workspace.say(Message("The run is saved in {folder}.", folder=str(folder)))
        self.saved.emit(folder)

    def _not_saved(self, error: Exception) -> None:
        if not isinstance(error, Trouble):
            raise error
        self._workspace.say(error)
        if self._held is not None:
            self.waiting.emit(self._held[1])
