"""What is known of the last run of each open document: its curves, and where its weights lie."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import frozen
from PySide6.QtCore import QObject, Signal

from engine.message import Trouble
from engine.project.project import Project
from gui import settings
from gui.background import Worker
from gui.document.document import Document
from gui.document.workspace import Workspace
from gui.plots.run_curves import SMOOTHING, RunCurves
from gui.training.recall import Recalled, last_run, past_run

if TYPE_CHECKING:
    from engine.runs.record import Record


@frozen
class RunWeights:
    """Where the weights of a run lie, and what they are of."""

    folder: Path
    number: int
    epoch: float
    project: Project


class LastRuns(QObject):
    """Holds what runs tell while the window is open. Of a file that is opened it reads the last run from the
    shelf, beside the window.
    """

    recalled = Signal(object)
    """A document whose last run was found on the shelf: its curves and weights are known now."""

    def __init__(self, workspace: Workspace, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._curves: dict[str, RunCurves] = {}
        self._weights: dict[str, RunWeights] = {}
        self._known: set[str] = set()
        """Documents that were trained here, or whose last run was looked for."""
        self._wanted: dict[str, tuple[Document, Callable[[], Recalled | None]]] = {}
        """Documents whose run is still to be read, and how; one is read after the other."""
        self._newest: RunCurves | None = None
        self._worker = Worker(self)
        self._worker.done.connect(self._take)
        self._worker.failed.connect(self._not_read)
        workspace.closing.connect(self._forget)
        workspace.switched.connect(self._recall)
        self._recall(workspace.current)

    @property
    def smoothing(self) -> float:
        """How smooth the lines of a run begin: as those of the newest run are."""
        return self._newest.smoothing if self._newest is not None else SMOOTHING

    def curves_of(self, document: Document) -> RunCurves | None:
        """What the document's last run told, or is telling."""
        return self._curves.get(document.key)

    def weights_of(self, document: Document) -> RunWeights | None:
        """The weights of the document's last run that kept any, for Try and export."""
        weights = self._weights.get(document.key)
        return weights if weights is not None and weights.folder.exists() else None

    def begin(self, document: Document, curves: RunCurves) -> None:
        """A run of the document begins, and this is what it will have told."""
        self._curves[document.key] = self._newest = curves
        self._known.add(document.key)

    def keep(self, document: Document, weights: RunWeights) -> None:
        """A run of the document has left its weights; of one that was closed nobody asks for them."""
        if document in self._workspace.documents:
            self._weights[document.key] = weights

    def _forget(self, document: Document) -> None:
        self._curves.pop(document.key, None)
        self._weights.pop(document.key, None)
        self._known.discard(document.key)
        self._wanted.pop(document.key, None)

    # ------------------------------------------------------------------ the shelf

    def _recall(self, document: Document) -> None:
        """Look for the last run of a file that was opened."""
        if document.path is None or document.key in self._known:
            return
        self._read(document, last_run(settings.runs_folder(), document.path, self.smoothing))

    def recall(self, document: Document, record: Record) -> None:
        """Let a document that was opened from a run of the shelf show what that run told."""
        document.show_run(record.number)
        self._read(document, past_run(record, self.smoothing))

    def _read(self, document: Document, read: Callable[[], Recalled | None]) -> None:
        self._wanted[document.key] = document, read
        self._read_next()

    def _read_next(self) -> None:
        if self._wanted and not self._worker.busy:
            document, read = self._wanted.pop(next(iter(self._wanted)))
            self._worker.run(lambda: (document, read()))

    def _take(self, result: tuple[Document, Recalled | None]) -> None:
        document, run = result
        if document in self._workspace.documents and document.key not in self._known:
            self._show(document, run)
        self._read_next()

    def _show(self, document: Document, run: Recalled | None) -> None:
        self._known.add(document.key)
        if run is not None:
            self._curves[document.key] = run.curves
            if run.weighted:
                self._weights[document.key] = RunWeights(run.folder, run.number, run.epoch, run.project)
            self.recalled.emit(document)

    def _not_read(self, error: Exception) -> None:
        """What is broken on the shelf is told in the list of runs; a network is opened without it."""
        self._read_next()
        if not isinstance(error, Trouble):
            raise error
