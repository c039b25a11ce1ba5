"""What a long training takes of memory while the window is open and draws its curves.

A stand-in for the run tells of steps as fast as the window takes them in, two quantities a step and an
epoch's end now and then, and gathers them for the shelf as the engine does. The process is weighed after
10,000 steps and after a million.
"""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication

from engine.hardware.device import warm_up
from engine.project.recipe import Recipe
from engine.templates import template
from engine.training.curves import Curves
from engine.training.reports import Evaluated, Progress, Report, Started

ROOT = Path(__file__).parents[2]
FEW, MANY, AT_ONCE = 10_000, 1_000_000, 200
PER_EPOCH = 1000
GOAL = 20.0


class Told:
    """Stands for a `Run`: each time it is asked it tells of some more steps, up to `allowed`."""

    number = 1
    unsaved = False

    def __init__(self) -> None:
        self.active = False
        self.curves, self.step, self.allowed = Curves(), 0, FEW
        self._random = np.random.default_rng(0)

    def start(self) -> None:
        self.active = True

    def pause(self) -> None: ...

    def resume(self) -> None: ...

    def change(self, recipe: Recipe) -> None: ...

    def stop(self) -> None:
        self.active = False

    def save(self, place: Path | None = None) -> Path:
        raise NotImplementedError("nothing of it is kept")

    def poll(self) -> list[Report]:
        """The next reports, as many as a tenth of a second brings."""
        told: list[Report] = []
        if self.step == 0:
            told.append(Started(1, PER_EPOCH, MANY, MANY // PER_EPOCH, "cpu", 1, "eager", {}, ("accuracy",)))
        for _ in range(50):
            if self.step >= self.allowed:
                break
            told += self._next()
        for report in told:
            self.curves.add(report)
        return told

    def _next(self) -> list[Report]:
        losses, right = (tuple(self._random.random(AT_ONCE).tolist()) for _ in range(2))
        self.step += AT_ONCE
        seconds, epoch = self.step / 2000, self.step / PER_EPOCH
        found: list[Report] = [
            Progress(self.step, epoch, losses, {"accuracy": right}, 0.01, 1.0, 2000.0, seconds)
        ]
        if self.step % PER_EPOCH == 0:
            values = {"loss": losses[0], "accuracy": right[0]}
            found.append(Evaluated(epoch, self.step, values, values, False, seconds))
        return found


def rows() -> list[dict[str, Any]]:
    """One row, in MB: the middle one of three processes, since what the system rounds up differs."""
    told = [
        subprocess.run(
            [sys.executable, "-m", "tests.benchmarks.bench_memory"],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        for _ in range(3)
    ]
    more = median(float(done.stdout) for done in told)
    return [
        {
            "row": "memory after 1,000,000 training steps with the window open, more than after 10,000 (MB)",
            "ours": round(more, 1),
            "reference": GOAL,
            "ratio": round(more / GOAL, 3),
            "goal": "≤ 1",
            "met": more <= GOAL,
        }
    ]


def grown() -> float:
    """What a training of a million steps adds to this process."""
    folder = tempfile.mkdtemp()
    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME"):
        os.environ[name] = folder
    warm_up()
    from gui.style.apply import apply
    from gui.training.trainer import Trainer
    from gui.window.window import Window

    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)
    apply(app, "dark")
    window = Window()
    window.resize(1600, 1000)
    window.show()
    window.start(template("digits-mlp").project())
    run = Told()
    work = window.session.workspace
    window.session.trainer = trainer = Trainer(work, lambda document: run)
    while (
        not work.current.fresh
    ):  # what looks at the network for the first time fills the engine's memory, too
        wait(0.2)
    trainer.train(work.current)
    before = weighed(run, FEW)
    after = weighed(run, MANY)
    trainer.stop()
    return after - before


def weighed(run: Told, steps: int) -> float:
    """MB that the process holds once the window has taken in and drawn so many steps."""
    run.allowed = steps
    while run.step < steps:
        wait(0.2)
    wait(2.0)
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def wait(seconds: float) -> None:
    """Let the window live."""
    loop = QEventLoop()
    QTimer.singleShot(int(seconds * 1000), loop.quit)
    loop.exec()


if __name__ == "__main__":
    print(grown())
