"""Trains what a document holds: one run at a time in this process, in a thread of the engine's."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

import numpy as np
from attrs import frozen
from PySide6.QtCore import QObject, QTimer, Signal

from engine.message import Message, Trouble
from engine.project.project import Project
from engine.training.reports import Failed, Finished, Progress, Report, Started
from gui import settings
from gui.background import Aside
from gui.controls import question
from gui.controls.question import Choice
from gui.plots.run_curves import RunCurves

if TYPE_CHECKING:
    from engine.runs.record import Record
    from gui.document.document import Document
    from gui.document.workspace import Workspace
    from gui.training.recall import Recalled

POLL = 100
"""Milliseconds between two looks at what the run has told: the engine reports as often, and every look costs
the training some of its time."""

State = Literal["ready", "starting", "running", "paused", "stopping", "done", "early", "stopped", "failed"]


class Training(Protocol):
    """A run as the trainer needs it: `engine.runs.thread.Run`, or a test's own."""

    @property
    def number(self) -> int: ...
    @property
    def active(self) -> bool: ...
    def start(self) -> None: ...
    def pause(self) -> None: ...
    def resume(self) -> None: ...
    def stop(self) -> None: ...
    def poll(self) -> list[Report]: ...


@frozen(eq=False)
class RunInfo:
    """A run that was started: of which document, of which project, and what it tells."""

    document: Document
    project: Project
    curves: RunCurves


@frozen
class Kept:
    """Where the weights of a document's last run lie, and what they are of."""

    folder: Path
    number: int
    epoch: float
    project: Project


class Trainer(QObject):
    """Starts, pauses and stops runs, and passes on what they tell.

    A run is known by its own object: whatever an old one still tells is never asked for again, so nothing
    of it can reach a new one.
    """

    started = Signal(object)
    """The `RunInfo` of a run that begins."""
    reports = Signal(object)
    """The newest reports of the run, a list in order; `curves` has taken them in already."""
    finished = Signal(object)
    """The `RunInfo` of a run that is over: whatever is kept of it lies on the shelf."""
    recalled = Signal(object)
    """A document whose last run was found on the shelf: its curves and weights are known now."""
    blocked = Signal(object)
    """A document that cannot be trained as it stands: its problems say why."""
    saved = Signal(object)
    """The folder of a run that was saved after all."""
    unsaved = Signal(object)
    """The `RunInfo` of a run that is over and could not be saved: `save_again` tries once more."""
    state_changed = Signal()
    """What the run bar shows changed: started, paused, going on, stopping, over, another epoch."""

    def __init__(self, workspace: Workspace, make: Callable[..., Training] | None = None) -> None:
        super().__init__(workspace)
        self._workspace = workspace
        self._make = make or _engine_run
        self.ask: Callable[[str, str, Sequence[Choice]], str] = self._ask
        self.run: Training | None = None
        self.run_document: Document | None = None
        self.curves: RunCurves | None = None
        self.state: State = "ready"
        self.failure: Failed | None = None
        self._info: RunInfo | None = None
        self._next: tuple[Document, Record | None] | None = None
        self._earlier: tuple[Record, Mapping[str, np.ndarray]] | None = None
        self._lost: tuple[Training, RunInfo] | None = None
        self._looked: set[str] = set()
        self._curves: dict[str, RunCurves] = {}
        self._kept: dict[str, Kept] = {}
        self._timer = QTimer(self)
        self._timer.setInterval(POLL)
        self._timer.timeout.connect(self._poll)
        workspace.closing.connect(self._forget)
        self._shelf = Aside(self)
        self._shelf.done.connect(self._found)
        self._shelf.failed.connect(self._not_read)
        self._saver = Aside(self)
        self._saver.done.connect(self._saved)
        self._saver.failed.connect(self._not_saved)
        workspace.switched.connect(self._recall)
        self._recall(workspace.current)

    # ------------------------------------------------------------------ what it is

    @property
    def running(self) -> bool:
        """Whether a run goes on, waits, or is about to end."""
        return self.run is not None

    @property
    def paused(self) -> bool:
        """Whether the run waits."""
        return self.state == "paused"

    def runs_here(self, document: Document) -> bool:
        """Whether the run is of that document."""
        return self.running and self.run_document is document

    def is_of_now(self, document: Document) -> bool:
        """Whether the run is of just what the document holds now."""
        return self.runs_here(document) and self._info is not None and self._info.project is document.project

    def curves_of(self, document: Document) -> RunCurves | None:
        """What the document's last run told, or is telling."""
        return self._curves.get(document.key)

    def kept_of(self, document: Document) -> Kept | None:
        """The weights of the document's last run that kept any, for Try and export."""
        kept = self._kept.get(document.key)
        return kept if kept is not None and kept.folder.exists() else None

    def unit_of(self, document: Document) -> str:
        """The unit of what the document's network foretells, where its target has one."""
        from engine.data.prepare import schema

        known = schema(document.project.data)
        return known.columns[known.target].unit

    # ------------------------------------------------------------------ what a person does

    def train(self, document: Document, earlier: Record | None = None) -> bool:
        """Start a run of what the document holds now. While another runs, ask; False where nothing was
        started, as where a problem is known that stops it. With `earlier`, an interrupted run of the same
        project, it goes on from there.
        """
        if document.fresh and not self._sound(document):
            return False
        if self.running:
            if not self._may_replace():
                return False
            if self.running:  # it may have ended while the question stood
                self._next = (document, earlier)
                self.stop()
                return True
        return self._start(document, earlier)

    def pause(self) -> None:
        """Wait before the next step."""
        if self.run is not None and self.state in {"starting", "running"}:
            self.run.pause()
            self._become("paused")

    def resume(self) -> None:
        """Go on after a pause."""
        if self.run is not None and self.state == "paused":
            self.run.resume()
            self._become("running")

    def stop(self) -> None:
        """End before the next step and keep what was learnt."""
        if self.run is not None and self.state != "stopping":
            self.run.stop()
            self._become("stopping")

    # ------------------------------------------------------------------ inside

    def _sound(self, document: Document) -> bool:
        """Whether no problem is known that stops training; tells of one that does."""
        if document.analysis is None or document.analysis.trainable:
            return True
        self.blocked.emit(document)
        return False

    def _may_replace(self) -> bool:
        assert self.run_document is not None
        title = self.tr("{name} is training").format(name=self.run_document.title)
        text = self.tr(
            "One network trains at a time. The running one stops, and its run is kept with its weights."
        )
        choices = (Choice("", self.tr("Cancel")), Choice("stop", self.tr("Stop it and train"), primary=True))
        return self.ask(title, text, choices) == "stop"

    def _ask(self, title: str, text: str, choices: Sequence[Choice]) -> str:
        return question.ask(None, title, text, choices)

    def _start(self, document: Document, earlier: Record | None = None) -> bool:
        project = document.project
        try:
            self._earlier = (earlier, earlier.curves()) if earlier is not None else None
            run = self._make(document) if earlier is None else self._make(document, earlier)
            run.start()
        except Trouble as trouble:
            self._workspace.say(trouble)
            return False
        self.run, self.run_document, self.failure = run, document, None
        self.curves = RunCurves(self.curves.smoothing if self.curves is not None else 0.94)
        self.curves.batch_size = project.recipe.batch_size
        self._curves[document.key] = self.curves
        self._looked.add(document.key)
        self._info = RunInfo(document, project, self.curves)
        self._become("starting")
        self._timer.start()
        self.started.emit(self._info)
        return True

    def _poll(self) -> None:
        run, info = self.run, self._info
        if run is None or info is None:
            self._timer.stop()
            return
        active = run.active  # asked first: what a run tells last, it tells before it is over
        reports = run.poll()
        if reports:
            if self.state == "starting" and any(isinstance(report, Started) for report in reports):
                self._become("running")
            self._go_on_from(info.curves, reports)
            info.curves.feed(reports)
            self.reports.emit(reports)
            for report in reports:
                if isinstance(report, Finished | Failed):
                    self._keep(info, report)
        if not active:
            self._over(info)

    def _go_on_from(self, curves: RunCurves, reports: Sequence[Report]) -> None:
        """Before the first steps of a run that goes on, show those that the interrupted one had made."""
        first = next((report for report in reports if isinstance(report, Progress)), None)
        if self._earlier is not None and first is not None:
            from gui.training.recall import told

            record, arrays = self._earlier
            self._earlier = None
            per_epoch = int(record.data.get("steps_per_epoch") or 1)
            curves.go_on_from(told(arrays, per_epoch, first.step - len(first.losses)), first)

    def _keep(self, info: RunInfo, report: Finished | Failed) -> None:
        number = report.number or info.curves.number
        if report.run and info.document in self._workspace.documents:
            epoch = report.kept_epoch if isinstance(report, Finished) else self._best_epoch(info)
            self._kept[info.document.key] = Kept(Path(report.run), number, epoch, info.project)
        if isinstance(report, Failed):
            self.failure = report
            self._tell(info, report)

    def _best_epoch(self, info: RunInfo) -> float:
        return info.curves.best.epoch if info.curves.best is not None else info.curves.epoch

    def _tell(self, info: RunInfo, failed: Failed) -> None:
        """Bring the layer where it went wrong into sight, and say what happened."""
        document = info.document
        if failed.node is not None and document in self._workspace.documents:
            self._workspace.switch(document)
            if failed.node in document.project.graph.nodes:
                document.level.open(())
                document.select([failed.node])
                self._workspace.reveal.emit(frozenset([failed.node]))
        self._workspace.say(failed.message)

    def _over(self, info: RunInfo) -> None:
        end, run = info.curves.end, self.run
        self.run = None
        self._timer.stop()
        if end is None:
            self.failure = Failed(Message("The training ended without a word. Start it again."))
            info.curves.feed([self.failure])
            self._workspace.say(self.failure.message)
        self._become(end_of(info.curves))
        self.finished.emit(info)
        if info.curves.start is None and info.document in self._workspace.documents:
            self._sound(info.document)  # it may have been started before its problems were known
        if getattr(run, "unsaved", False):
            self._lost = (run, info)
            self.unsaved.emit(info)
        following, self._next = self._next, None
        if following is not None and following[0] in self._workspace.documents:
            self._start(*following)

    # ------------------------------------------------------------------ the shelf

    def _recall(self, document: Document) -> None:
        """Look for the last run of a file that was opened, beside the window."""
        if document.path is None or document.key in self._looked:
            return
        from gui.training.recall import last_run

        smoothing = self.curves.smoothing if self.curves is not None else 0.94
        read = last_run(settings.runs_folder(), document.path, smoothing)
        self._shelf.do(lambda: (document, read()))

    def _found(self, found: tuple[Document, Recalled | None]) -> None:
        document, run = found
        if document not in self._workspace.documents or document.key in self._looked:
            return
        self._looked.add(document.key)
        if run is not None:
            self._curves[document.key] = run.curves
            self._kept[document.key] = Kept(run.folder, run.number, run.epoch, run.project)
            self.recalled.emit(document)
            self.state_changed.emit()
        self._recall(self._workspace.current)  # another may have come to the front meanwhile

    def _not_read(self, error: Exception) -> None:
        """What is broken on the shelf is told in the list of runs; a network is opened without it."""
        if not isinstance(error, Trouble):
            raise error

    def save_again(self) -> None:
        """Try once more to save the run that is over and could not be saved, beside the window."""
        if self._lost is not None:
            self._saver.do(self._lost[0].save)  # type: ignore[attr-defined]  # others are not kept for it

    def _saved(self, folder: Path) -> None:
        assert self._lost is not None
        (run, info), self._lost = self._lost, None
        if info.document in self._workspace.documents:
            kept = Kept(folder, run.number, self._best_epoch(info), info.project)
            self._kept[info.document.key] = kept
        self._workspace.say(Message("The run is saved in {folder}.", folder=str(folder)))
        self.saved.emit(folder)

    def _not_saved(self, error: Exception) -> None:
        if not isinstance(error, Trouble):
            raise error
        self._workspace.say(error)
        if self._lost is not None:
            self.unsaved.emit(self._lost[1])

    def _become(self, state: State) -> None:
        if state != self.state:
            self.state = state
            self.state_changed.emit()

    def _forget(self, document: Document) -> None:
        """A document is closed: its run, if it still goes on, is stopped and kept on the shelf."""
        if self.runs_here(document):
            self.stop()
        self._curves.pop(document.key, None)
        self._kept.pop(document.key, None)
        self._looked.discard(document.key)


_ENDS: dict[str, State] = {"done": "done", "early": "early", "stopped": "stopped"}


def end_of(curves: RunCurves) -> State:
    """How a run that is over ended."""
    return _ENDS.get(curves.end.reason, "done") if isinstance(curves.end, Finished) else "failed"


def _engine_run(document: Document, earlier: Record | None = None) -> Training:
    from engine.runs.shelf import Shelf
    from engine.runs.thread import Run

    return Run(document.project, shelf=Shelf(settings.runs_folder()), path=document.path, resumed=earlier)
