"""Trains what a document holds: one run at a time in this process, in a thread of the engine's."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from engine import edits
from engine.message import Message, Trouble
from engine.training.changes import adopted
from engine.training.reports import Changed, Failed, Finished, Progress, Report, Started
from gui import settings
from gui.controls import question
from gui.controls.question import Reply
from gui.document.document import Document
from gui.document.workspace import Workspace
from gui.plots.run_curves import RunCurves
from gui.training.last_runs import LastRuns, RunWeights
from gui.training.recall import evaluations
from gui.training.run_info import RunInfo, samples_a_step
from gui.training.unsaved_run import UnsavedRun

if TYPE_CHECKING:
    from engine.project.project import Project
    from engine.runs.protocol import Training
    from engine.runs.record import Record

POLL = 100
"""Milliseconds between two looks at what the run has told: the engine reports as often, and every look costs
the training some of its time."""

State = Literal[
    "ready",
    "starting",
    "running",
    "paused",
    "stopping",
    "done",
    "early",
    "goal",
    "time",
    "stopped",
    "failed",
    "interrupted",
    "elsewhere",
]
"""How the newest run stands, or how one of the shelf ended; "elsewhere": another program trains it."""


class Trainer(QObject):
    """Starts, pauses and stops runs, and passes on what they tell.

    A run is known by its own object: whatever an old one still tells is never asked for again, so nothing
    of it can reach a new one. What is known of runs that are over stands in `last_runs`; one that could not
    be saved waits in `unsaved`.
    """

    started = Signal(object)
    """The `RunInfo` of a run that begins."""
    reports = Signal(object)
    """The newest reports of the run, a list in order; `curves` has taken them in already."""
    finished = Signal(object)
    """The `RunInfo` of a run that is over: whatever is kept of it lies on the shelf."""
    blocked = Signal(object)
    """A document that cannot be trained as it stands: its problems say why."""
    state_changed = Signal()
    """What the run bar shows changed: started, paused, going on, stopping, over, found on the shelf."""

    def __init__(self, workspace: Workspace, make: Callable[..., Training] | None = None) -> None:
        super().__init__(workspace)
        self._workspace = workspace
        self._make = make or _engine_run
        self.ask: Callable[[str, str, Sequence[Reply]], str] = partial(question.ask, None)
        self.run: Training | None = None
        """The run that goes on, waits, or is about to end."""
        self.info: RunInfo | None = None
        """What the newest run is of, also when it is over."""
        self.state: State = "ready"
        self._next: tuple[Document, Record | None] | None = None
        self._earlier: Mapping[str, np.ndarray] | None = None
        """The curves of the run that goes on, until its first steps are told."""
        self.last_runs = LastRuns(workspace, self)
        self.last_runs.recalled.connect(self._recalled)
        self.unsaved = UnsavedRun(workspace, self.last_runs, self)
        self.polling = QTimer(self)
        """Asks the run, while there is one, what it has to tell."""
        self.polling.setInterval(POLL)
        self.polling.timeout.connect(self._poll)
        workspace.closing.connect(self._closing)

    # ------------------------------------------------------------------ what it is

    @property
    def running(self) -> bool:
        """Whether a run goes on, waits, or is about to end."""
        return self.run is not None

    @property
    def paused(self) -> bool:
        """Whether the run waits."""
        return self.state == "paused"

    @property
    def run_document(self) -> Document | None:
        """The document of the newest run."""
        return self.info.document if self.info is not None else None

    @property
    def curves(self) -> RunCurves | None:
        """What the newest run has told."""
        return self.info.curves if self.info is not None else None

    def runs_here(self, document: Document) -> bool:
        """Whether the run is of that document."""
        return self.running and self.run_document is document

    def is_of_now(self, document: Document) -> bool:
        """Whether the run is of just what the document holds now."""
        return self.runs_here(document) and self.info is not None and self.info.project is document.project

    # ------------------------------------------------------------------ what a person does

    def train(self, document: Document, earlier: Record | None = None) -> bool:
        """Start a run of what the document holds now. While another runs, ask; False where nothing was
        started, as where a problem is known that stops it. With `earlier`, a run of the same network that is
        over, it goes on from there.
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

    def change(self, document: Document) -> None:
        """Let the run of a document go on by the recipe that the document has now, as far as that can be."""
        if self.run is not None and self.runs_here(document) and self._sound(document):
            self.run.change(document.project.recipe)

    def keep(self) -> None:
        """The program ends: wait until the run is saved, wherever it is taken."""
        if self.run is not None and self.info is not None:
            self.run.stop()
            while self.run.active:
                time.sleep(0.02)
            if self.run.unsaved:
                self.unsaved.hold(self.run, self.info)
        self.unsaved.save_elsewhere()

    # ------------------------------------------------------------------ a run begins

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
        choices = (Reply("", self.tr("Cancel")), Reply("stop", self.tr("Stop it and train"), primary=True))
        return self.ask(title, text, choices) == "stop"

    def _start(self, document: Document, earlier: Record | None = None) -> bool:
        project = document.project
        try:
            self._earlier = earlier.curves() if earlier is not None else None
            run = self._make(document) if earlier is None else self._make(document, earlier)
            run.start()
        except Trouble as trouble:
            self._workspace.say(trouble)
            return False
        curves = RunCurves(run.curves, self.last_runs.smoothing)
        curves.batch_size = samples_a_step(project)
        self.run, self.info = run, RunInfo(document, project, curves)
        self.last_runs.begin(document, curves)
        self._note_training(document, project)
        self._become("starting")
        self.polling.start()
        self.started.emit(self.info)
        return True

    # ------------------------------------------------------------------ a run tells

    def _poll(self) -> None:
        run, info = self.run, self.info
        if run is None or info is None:
            self.polling.stop()
            return
        active = run.active  # asked first: what a run tells last, it tells before it is over
        reports = run.poll()
        if reports:
            if self.state == "starting" and any(isinstance(report, Started) for report in reports):
                self._become("running")
                if info.document.run_number is not None:
                    info.document.show_run(run.number)
            self._go_on_from(info, reports)
            info.curves.update(reports)
            self.reports.emit(reports)
            for report in reports:
                if isinstance(report, Changed):
                    info = self._changed(info, report)
                if isinstance(report, Finished | Failed):
                    self._ended(info, report)
        if not active:
            self._over(info)

    def _go_on_from(self, info: RunInfo, reports: Sequence[Report]) -> None:
        """Before the first steps of a run that goes on, show what had been measured before."""
        first = next((report for report in reports if isinstance(report, Progress)), None)
        if self._earlier is not None and first is not None:
            arrays, self._earlier = self._earlier, None
            until = first.step - len(first.losses)
            info.curves.update(evaluations(arrays, info.project.recipe, until))

    def _changed(self, info: RunInfo, report: Changed) -> RunInfo:
        """The run goes on by another recipe."""
        after = {name: values[1] for name, values in report.settings.items()}
        project = edits.set_recipe(info.project, adopted(info.project.recipe, after))
        self.info = info = RunInfo(info.document, project, info.curves)
        info.curves.batch_size = samples_a_step(project)
        self._note_training(info.document, project)
        return info

    def _ended(self, info: RunInfo, report: Finished | Failed) -> None:
        """Remember where the weights lie; bring the layer where it went wrong into sight, and say why."""
        if report.run:
            number = report.number or info.curves.number
            epoch = report.kept_epoch if isinstance(report, Finished) else info.curves.best_epoch
            self.last_runs.keep(info.document, RunWeights(Path(report.run), number, epoch, info.project))
        if isinstance(report, Failed):
            if report.node is not None and info.document in self._workspace.documents:
                _show_layer(self._workspace, info.document, report.node)
            self._workspace.say(report.message)

    def _over(self, info: RunInfo) -> None:
        end, run = info.curves.end, self.run
        self.run = None
        self._note_training(info.document, None)
        self.polling.stop()
        if end is None:
            failure = Failed(Message("The training ended without a word. Start it again."))
            info.curves.update([failure])
            self._workspace.say(failure.message)
        self._become(end_of(info.curves))
        self.finished.emit(info)
        if info.curves.start is None and info.document in self._workspace.documents:
            self._sound(info.document)  # it may have been started before its problems were known
        if run is not None and run.unsaved:
            self.unsaved.hold(run, info)
        following, self._next = self._next, None
        if following is not None and following[0] in self._workspace.documents:
            self._start(*following)

    def _note_training(self, document: Document, project: Project | None) -> None:
        document.in_training = project
        self._workspace.training_changed.emit(document)

    def _become(self, state: State) -> None:
        if state != self.state:
            self.state = state
            self.state_changed.emit()

    def _recalled(self, _: Document) -> None:
        self.state_changed.emit()

    def _closing(self, document: Document) -> None:
        """The run of a document that is closed is stopped, and kept on the shelf."""
        if self.runs_here(document):
            self.stop()


_ENDS: dict[str, State] = {
    "done": "done",
    "early": "early",
    "goal": "goal",
    "time": "time",
    "stopped": "stopped",
    "interrupted": "interrupted",
    "running": "elsewhere",
}


def end_of(curves: RunCurves) -> State:
    """How a run that is over ended."""
    return _ENDS.get(curves.end.reason, "done") if isinstance(curves.end, Finished) else "failed"


def _show_layer(workspace: Workspace, document: Document, node: str) -> None:
    """Bring a layer of a document into sight, selected; only the document where it has gone meanwhile."""
    workspace.switch(document)
    if node in document.project.graph.nodes:
        document.level.open(())
        document.select([node])
        workspace.reveal.emit(frozenset([node]))


def _engine_run(document: Document, earlier: Record | None = None) -> Training:
    from engine.runs.shelf import Shelf  # here, where a run begins: the window is shown without them
    from engine.runs.thread import Run

    return Run(document.project, shelf=Shelf(settings.runs_folder()), path=document.path, resumed=earlier)
