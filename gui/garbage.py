"""Collects garbage on the interface thread alone.

Python collects cycles on whichever thread happens to make an object. Where that is the thread of a training
or of an analysis, an object of Qt that is freed there, a timer or a widget, can end the process.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

EVERY = 250
"""Milliseconds between two looks at how much there is."""


class Garbage(QObject):
    """From now on cycles are collected when a timer of this thread looks, no more often than Python would."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        gc.disable()
        self._timer = QTimer(self, interval=EVERY)
        self._timer.timeout.connect(collect)
        self._timer.start()


def collect() -> None:
    """Collect the oldest generation that is due, if any is."""
    counts, limits = gc.get_count(), gc.get_threshold()
    due = [generation for generation in range(3) if counts[generation] > limits[generation] > 0]
    if due:
        gc.collect(due[-1])
