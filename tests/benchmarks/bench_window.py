"""What an open window with live curves costs the training, and what the training costs the window.

A run in its thread, under the real window with the Training panel in sight. By turns of a second the window
takes in and draws what the run tells, and lies still, as if the run were alone: a busy machine slows both.
Steps a second are counted from report to report, evaluations included. While the window draws, a timer that
should beat every 10 ms tells how late it is: that is how long a hand would wait.
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
from engine.hardware.device import warm_up
from engine.project.project import Project
from engine.templates import templates
from engine.training.curves import Curves

ROUNDS = 16
TURN, SECONDS = 1.0, 4.0
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
        stage.begin(project)
        pairs = [(stage.speed(drawing=True), stage.speed(drawing=False)) for _ in range(ROUNDS)]
        late += stage.lateness()  # apart, since a hundred beats a second cost the training something too
        stage.end()
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


class Stage(QObject):
    """The window, and one run after the other in it."""

    def __init__(self) -> None:
        from gui.style.apply import apply
        from gui.window.window import Window

        self.app = QApplication.instance() or QApplication([])
        assert isinstance(self.app, QApplication)
        super().__init__()
        apply(self.app, "dark")
        self.window = Window()
        self.window.resize(1600, 1000)
        self.window.show()
        self.loop = QEventLoop()
        self.late: list[float] = []
        self.last = 0.0
        self.beat = QTimer(self)
        self.beat.setTimerType(Qt.TimerType.PreciseTimer)
        self.beat.setInterval(int(BEAT))
        self.beat.timeout.connect(self._beat)

    def begin(self, project: Project) -> None:
        """Start a run under the window."""
        self.window.start(project)
        self._wait(0.5)
        self.trainer = self.window.session.trainer
        self.trainer.train(self.window.session.workspace.current)
        while not len(self._curves().per_report["seconds"]):
            self._wait(0.1)
        self._wait(SETTLED)

    def speed(self, drawing: bool) -> float:
        """Steps a second during a turn in which the window draws, or lies still."""
        polling = self.trainer.polling
        polling.start() if drawing else polling.stop()
        self._wait(0.2)  # what the last turn left is taken in and drawn
        first = self._told()
        self._wait(TURN)
        last = self._told()
        return float((last[0] - first[0]) / (last[1] - first[1]))

    def lateness(self) -> list[float]:
        """How late each heartbeat was, in ms, while the window draws."""
        self.trainer.polling.start()
        self._wait(SETTLED)
        self.last, self.late = time.perf_counter(), []
        self.beat.start()
        self._wait(SECONDS)
        self.beat.stop()
        return self.late

    def end(self) -> None:
        """Stop the run, which goes on until then."""
        if not self.trainer.running:
            raise RuntimeError("the run ended by itself")
        self.trainer.finished.connect(self.loop.quit)
        self.trainer.stop()
        self.loop.exec()
        self.trainer.finished.disconnect(self.loop.quit)

    def _told(self) -> tuple[float, float]:
        """The step of the newest report, and the run's seconds at it."""
        told = self._curves().per_report
        seconds = told["seconds"].values  # the last of a report: it may have come while the steps were read
        return float(told["step"].values[len(seconds) - 1]), float(seconds[-1])

    def _curves(self) -> Curves:
        if self.trainer.run is None:
            raise RuntimeError("the run ended by itself")
        return self.trainer.run.curves

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
