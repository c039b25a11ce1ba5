"""A run that tells what a test wants, when it wants: no thread, no clock, no torch."""

from __future__ import annotations

from collections.abc import Sequence

from engine import edits, kinds
from engine.data.settings import DataSettings
from engine.message import Message
from engine.project.graph import Graph
from engine.project.project import Project
from engine.project.recipe import Recipe
from engine.training.curves import Curves
from engine.training.reports import Evaluated, Failed, Finished, Progress, Report, Started
from gui.document.document import Document
from gui.document.workspace import Workspace
from gui.plots.run_curves import RunCurves
from gui.training.trainer import Trainer

PER_EPOCH = 10


class ScriptedRun:
    """Stands for `engine.runs.thread.Run`. What is put into `told` comes out at the next poll."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.told: list[Report] = []
        self.curves = Curves()
        self.active = self.unsaved = False
        self.asked: list[str] = []
        self.number = 0

    def start(self) -> None:
        self.active = True

    def pause(self) -> None:
        self.asked.append("pause")

    def resume(self) -> None:
        self.asked.append("resume")

    def stop(self) -> None:
        self.asked.append("stop")

    def change(self, recipe: Recipe) -> None:
        self.asked.append("change")

    def poll(self) -> list[Report]:
        told, self.told = self.told, []
        for report in told:
            self.curves.add(report)
        return told

    def end(self, report: Report | None = None) -> None:
        """Tell a last report, if any, and be over."""
        if report is not None:
            self.told.append(report)
        self.active = False


class Stage:
    """A workspace whose trainer makes scripted runs; `answers` are what a person says to questions."""

    def __init__(self, epochs: int = 4) -> None:
        self.workspace = Workspace(project(epochs=epochs), held=True)  # one layer alone could not be trained
        self.runs: list[ScriptedRun] = []
        self.questions: list[str] = []
        self.answers: list[str] = []
        self.notices: list[str] = []
        self.trainer = Trainer(self.workspace, self._make)
        self.trainer.ask = self._answer
        self.workspace.notice.connect(self._noticed)

    def _make(self, document: Document) -> ScriptedRun:
        self.runs.append(ScriptedRun(document))
        return self.runs[-1]

    def _answer(self, title: str, text: str, choices: Sequence[object]) -> str:
        self.questions.append(title)
        return self.answers.pop(0)

    def _noticed(self, message: object) -> None:
        self.notices.append(str(message))

    @property
    def run(self) -> ScriptedRun:
        return self.runs[-1]

    def train(self, number: int = 14, epochs: int = 4) -> ScriptedRun:
        """Start a run of the document in front, and let it say that it has begun."""
        self.trainer.train(self.workspace.current)
        self.run.told.append(started(number, epochs))
        return self.run


def tell(run: RunCurves, *reports: Report) -> None:
    """Let a run tell something: its curves take it in, and whoever draws them hears of it."""
    for report in reports:
        run.recorded.add(report)
    run.update(reports)


def project(name: str = "Digits CNN", epochs: int = 4) -> Project:
    """A project of one layer, `n1`: scripted runs need no more, and an empty one would give way to the
    next.
    """
    empty = Project(Graph(name), DataSettings(), Recipe(epochs=epochs, batch_size=32))
    return edits.add(empty, "n1", kinds.registry(kinds.Layer)["ReLU"]())


def started(number: int = 14, epochs: int = 4) -> Started:
    return Started(number, PER_EPOCH, PER_EPOCH * epochs, epochs, "cpu", 1, "eager", {}, ("accuracy",))


def progress(first: int, last: int, speed: float = 20.0) -> Progress:
    """The steps from the first to the last, both counted from 1, with losses that fall."""
    steps = range(first, last + 1)
    losses = tuple(2.0 / step for step in steps)
    right = tuple(1 - 1 / (step + 1) for step in steps)
    return Progress(last, last / PER_EPOCH, losses, {"accuracy": right}, 0.02, 1.318, speed, last / 20.0)


def evaluated(epoch: int, loss: float, best: bool = True) -> Evaluated:
    values = {"loss": loss, "accuracy": 1 - loss / 10}
    return Evaluated(float(epoch), epoch * PER_EPOCH, {}, values, best, epoch * PER_EPOCH / 20.0)


def finished(reason: str = "done", epoch: float = 4.0, run: str = "", number: int = 14) -> Finished:
    return Finished(reason, epoch, int(epoch * PER_EPOCH), {}, 2.0, run, number)


def failed(node: str | None = None, text: str = "The loss is no longer finite.") -> Failed:
    return Failed(Message(text), node, 12, "", 14)
