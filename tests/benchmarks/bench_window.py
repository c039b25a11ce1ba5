"""What an open window with live curves costs the training, and what the training costs the window.

The same run, in its thread, once with nothing beside it and once under the real window with the Training
panel in sight; the two take turns. Steps a second are counted after the first second, evaluations included.
While the window is open a timer that should beat every 10 ms tells how late it is: that is how long a hand
would wait.
"""

from __future__ import annotations

import os
import tempfile
import time
from statistics import median, quantiles
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from attrs import evolve
from PySide6.QtCore import QEventLoop, QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication

from engine import edits
from engine.device import warm_up
from engine.graph import Project
from engine.reports import Progress, Report
from engine.run import Run
from engine.runs import Shelf
from engine.templates import templates

ROUNDS = 5
SECONDS = 4.0
SETTLED = 1.0  # seconds after which a run is up to speed
BEAT = 10.0
CASES = (("digits CNN", "digits-cnn", 0.97), ("digits MLP", "digits-mlp", 0.85))


def rows() -> list[dict[str, Any]]:
    """The rows of the table: steps a second, and milliseconds of lateness."""
    folder = tempfile.mkdtemp()
    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME"):
        os.environ[name] = folder
    warm_up()
    stage = Stage()
    table = []
    late: list[float] = []
    for name, template, goal in CASES:
        project = long(template)
        pairs = []
        for _ in range(ROUNDS):
            pairs.append((stage.watched(project), alone(project, folder)))
        stage.watched(project, late)  # apart, since a hundred beats a second cost the training something too
        ratio = median(ours / reference for ours, reference in pairs)
        table.append(
            {
                "row": f"training under the window, curves live, {name} (steps/s)",
                "ours": round(median(ours for ours, _ in pairs), 1),
                "reference": round(median(reference for _, reference in pairs), 1),
                "ratio": round(ratio, 3),
                "goal": f"≥ {goal:g}",
                "met": ratio >= goal,
            }
        )
    for what, value, goal in (("p99", quantiles(late, n=100)[-1], 16.0), ("at worst", max(late), 50.0)):
        table.append(
            {
                "row": f"lateness of a 10 ms heartbeat in the window while training, {what} (ms)",
                "ours": round(value, 1),
                "reference": goal,
                "ratio": round(value / goal, 3),
                "goal": "≤ 1",
                "met": value <= goal,
            }
        )
    return table


def long(template: str) -> Project:
    """A template that trains for longer than it is watched, on one thread."""
    project = next(one for one in templates() if one.id == template).project()
    recipe = evolve(project.recipe, epochs=100_000, threads=1, device="cpu", patience=None)
    return edits.set_recipe(project, recipe)


def speed(reports: list[Report]) -> float:
    """Steps a second, from the first report after the run has settled to the last."""
    told = [report for report in reports if isinstance(report, Progress) and report.seconds >= SETTLED]
    return (told[-1].step - told[0].step) / (told[-1].seconds - told[0].seconds)


def alone(project: Project, folder: str) -> float:
    """The run with nothing beside it."""
    run = Run(project, shelf=Shelf(folder))
    run.start()
    time.sleep(SETTLED + SECONDS)
    run.stop()
    run.wait()
    return speed(run.poll())


class Stage(QObject):
    """The window, and one run after the other in it."""

    def __init__(self) -> None:
        from gui import theme
        from gui.window import Window

        self.app = QApplication.instance() or QApplication([])
        assert isinstance(self.app, QApplication)
        super().__init__()
        theme.apply(self.app, "dark")
        self.window = Window()
        self.window.resize(1600, 1000)
        self.window.show()
        self.loop = QEventLoop()
        self.reports: list[Report] = []
        self.late: list[float] = []
        self.last = 0.0
        self.beat = QTimer(self)
        self.beat.setTimerType(Qt.TimerType.PreciseTimer)
        self.beat.setInterval(int(BEAT))
        self.beat.timeout.connect(self._beat)

    def watched(self, project: Project, late: list[float] | None = None) -> float:
        """A run under the window; with `late`, adds how late each heartbeat was."""
        self.window.start(project)
        self._wait(0.5)
        trainer = self.window.workspace.trainer
        self.reports = []
        trainer.reports.connect(self.reports.extend)
        trainer.train(self.window.workspace.current)
        self._wait(SETTLED)
        if late is not None:
            self.last, self.late = time.perf_counter(), late
            self.beat.start()
        self._wait(SECONDS)
        self.beat.stop()
        if not trainer.running:
            raise RuntimeError(f"the run ended by itself: {self.reports[-1:]}")
        trainer.finished.connect(self.loop.quit)
        trainer.stop()
        self.loop.exec()
        trainer.finished.disconnect(self.loop.quit)
        trainer.reports.disconnect(self.reports.extend)
        return speed(self.reports)

    def _beat(self) -> None:
        now = time.perf_counter()
        self.late.append(max(0.0, (now - self.last) * 1000 - BEAT))
        self.last = now

    def _wait(self, seconds: float) -> None:
        QTimer.singleShot(int(seconds * 1000), self.loop.quit)
        self.loop.exec()


if __name__ == "__main__":
    for row in rows():
        print(row)
