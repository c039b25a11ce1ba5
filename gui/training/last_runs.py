"""What is known of the last run of each open document: its curves, and where its weights lie."""

from __future__ import annotations

from pathlib import Path

from attrs import frozen
from PySide6.QtCore import QObject, Signal

from engine.message import Trouble
from engine.project.project import Project
from gui import settings
from gui.background import Worker
from gui.document.document import Document
from gui.document.workspace import Workspace
from gui.plots.run_curves import SMOOTHING, RunCurves
from gui.training.recall import Recalled, last_run


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

    # ------------------------------------------------------------------ the shelf

    def _recall(self, document: Document) -> None:
        """Look for the last run of a file that was opened."""
        if document.path is None or document.key in self._known:
            return
        read = last_run(settings.runs_folder(), document.path, self.smoothing)
        self._worker.run(lambda: (document, read()))

    def _take(self, result: tuple[Document, Recalled | None]) -> None:
        document, run = result
        if document not in self._workspace.documents or document.key in self._known:
            return
        self._known.add(document.key)
        if run is not None:
            self._curves[document.key] = run.curves
            self._weights[document.key] = RunWeights(run.folder, run.number, run.epoch, run.project)
            self.recalled.emit(document)
        self._recall(self._workspace.current)  # another may have come to the front meanwhile

    def _not_read(self, error: Exception) -> None:
        """What is broken on the shelf is told in the list of runs; a network is opened without it."""
        if not isinstance(error, Trouble):
            raise error
