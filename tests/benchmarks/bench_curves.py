"""Panning and zooming a plot of eight curves of a million points each, in milliseconds of the interface
thread.

Eight curves are the raw and the smoothed line of four runs, each with a validation of 300 epochs. A frame is
the change of the view, everything that follows from it, and the painting; it is taken as processor time of
the thread, so that other programs on the machine do not count.
"""

from __future__ import annotations

import os
import time
from statistics import quantiles
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from PySide6.QtWidgets import QApplication

from engine.training.curves import Curves
from engine.training.reports import Evaluated, Progress, Started
from gui.plots.plot import Plot
from gui.plots.run_curves import RunCurves
from gui.plots.trace import Trace
from gui.style.apply import apply
from tests.gui.scripted import tell

STEPS = 1_000_000
RUNS = 4
EPOCHS = 300
FRAMES = 120
GOAL = 16.0


def rows() -> list[dict[str, Any]]:
    """The rows of the table, in milliseconds."""
    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)
    apply(app, "dark")
    plot = Plot("Loss")
    plot.resize(700, 200)
    plot.set_log(True)
    plot.set_axis("step")
    plot.show()
    plot.show_traces([Trace(run(seed), "loss", seed) for seed in range(RUNS)])
    app.processEvents()
    table = []
    for name, views in (("pan", pans()), ("zoom", zooms())):
        spent = [frame(plot, *view) for view in views]
        p95 = quantiles(spent, n=20)[-1]
        table.append(
            {
                "row": f"8 curves of 1,000,000 points, {name}, a frame (ms, p95)",
                "ours": round(p95, 2),
                "reference": GOAL,
                "ratio": round(p95 / GOAL, 3),
                "goal": "≤ 1",
                "met": p95 <= GOAL,
            }
        )
    return table


def run(seed: int) -> RunCurves:
    """A run of a million noisy steps that fall as losses do."""
    random = np.random.default_rng(seed)
    steps = np.arange(STEPS)
    losses = 2.3 * np.exp(-steps / 90_000) + 0.05 + 0.02 * seed
    losses *= np.exp(random.normal(0, 0.4, STEPS))
    curves = RunCurves(Curves())
    tell(curves, Started(seed + 1, STEPS // EPOCHS, STEPS, EPOCHS, "cpu", 1, "eager", {}, ()))
    size = 10_000
    for first in range(0, STEPS, size):
        last = first + size
        part = tuple(losses[first:last].tolist())
        tell(curves, Progress(last, last * EPOCHS / STEPS, part, {}, 0.01, None, 5000.0, last / 5000))
    for epoch in range(1, EPOCHS + 1):
        step = epoch * STEPS // EPOCHS
        loss = float(losses[step - 1000 : step].mean() * random.normal(1, 0.05))
        tell(curves, Evaluated(float(epoch), step, {}, {"loss": loss}, False, step / 5000))
    return curves


def pans() -> list[tuple[float, float]]:
    """Ten seconds of pulling a third of the run along."""
    width = STEPS * 0.31
    return [(left, left + width) for left in np.linspace(0, STEPS - width, FRAMES)]


def zooms() -> list[tuple[float, float]]:
    """From the whole run down to a hundred steps."""
    centre = STEPS * 0.37
    widths = np.geomspace(STEPS, 100, FRAMES)
    return [(max(0.0, centre - width * 0.37), centre + width * 0.63) for width in widths]


def frame(plot: Plot, left: float, right: float) -> float:
    """Milliseconds that one view costs the interface thread."""
    began = time.thread_time()
    plot.setXRange(left, right, padding=0)
    plot.viewport().repaint()
    return (time.thread_time() - began) * 1000


if __name__ == "__main__":
    for row in rows():
        print(row)
