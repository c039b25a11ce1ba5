"""How long it takes from the start of the process until the gallery is drawn and can be clicked.

Beside it stands an empty window of PySide6 in the same Python. Both processes end the moment their first
paint is done and the events that waited are answered; the two take turns. The machine may be busy with
other things, so the processor time of each process is told, too.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from statistics import median
from typing import Any

ROOT = Path(__file__).parents[2]
ROUNDS = 15
BARE = """
import os
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QWidget

class Bare(QWidget):
    def paintEvent(self, event):
        QTimer.singleShot(0, lambda: os._exit(0))

app = QApplication([])
window = Bare()
window.resize(1600, 960)
window.show()
app.exec()
"""
OURS = """
import os, sys
from gui import app

def painted(self):
    os._exit(1 if "torch" in sys.modules else 0)

app.Start.go_on = painted
app.main([])
"""


def rows() -> list[dict[str, Any]]:
    """One row in seconds of the clock, one in seconds of the processor."""
    taken = {code: [measured(code) for _ in range(2)][1:] for code in (BARE, OURS)}  # the first one compiles
    for _ in range(ROUNDS):
        for code, times in taken.items():
            times.append(measured(code))
    table = []
    for place, what in enumerate(("", ", processor time")):
        pairs = [(ours[place], bare[place]) for ours, bare in zip(taken[OURS], taken[BARE], strict=True)]
        ratio = median(ours / bare for ours, bare in pairs)
        table.append(
            {
                "row": f"start to the gallery drawn and clickable{what} (s)",
                "ours": round(median(ours for ours, _ in pairs), 3),
                "reference": round(median(bare for _, bare in pairs), 3),
                "ratio": round(ratio, 3),
                "goal": "≤ 2",
                "met": ratio <= 2,
            }
        )
    return table


def measured(code: str) -> tuple[float, float]:
    """Seconds that a process with that code lives, and those that it keeps a processor busy."""
    with tempfile.TemporaryDirectory() as folder:
        surroundings = {
            name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"
        }
        surroundings |= {f"XDG_{name}_HOME": folder for name in ("CONFIG", "STATE", "DATA")}
        surroundings.setdefault("QT_QPA_PLATFORM", "offscreen")
        before, began = getrusage(RUSAGE_CHILDREN), time.perf_counter()
        subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, env=surroundings, check=True, stderr=subprocess.DEVNULL
        )
        seconds, after = time.perf_counter() - began, getrusage(RUSAGE_CHILDREN)
    return seconds, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    for row in rows():
        print(row)
