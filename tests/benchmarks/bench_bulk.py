"""What 5,000 layers cost that are drawn one by one through the edits, and what is done with many at once.

Counted is processor time of the thread, so that other programs on the machine do not count.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

from engine import edits
from engine.project.project import Project
from engine.store import clipboard, project_file
from engine.templates.builder import Sketch
from tests.benchmarks.bench_check import made, row

NUMBER, ROUNDS = 5000, 3


def rows() -> list[dict[str, Any]]:
    """The rows of the table, in seconds."""
    project = drawn()
    ids = list(project.graph.nodes)[NUMBER // 4 : 3 * NUMBER // 4]
    return [
        row(f"{NUMBER:,} layers and their wires drawn one by one (s of the thread)", timed(drawn), 2.0),
        row(f"saving and opening {NUMBER:,} layers (s of the thread)", timed(lambda: filed(project)), 0.5),
        row(
            f"copying, pasting, folding, unfolding and dissolving {len(ids):,} of them (s of the thread)",
            timed(lambda: handled(project, ids)),
            0.5,
        ),
    ]


def drawn() -> Project:
    """A long network, drawn as a person draws it: a layer, then the wire to it."""
    project = Sketch("Long").project()
    for place in range(NUMBER):
        id = edits.new_id(project.graph)
        project = edits.add(project, id, made("Linear" if place % 2 else "ReLU"), (0.0, 70.0 * place))
        if place:
            project = edits.connect(project, f"n{place}", "out", id, "x")
    assert len(project.graph.wires) == NUMBER - 1
    return project


def filed(project: Project) -> Project:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "long.loom")
        project_file.save(project, path)
        return project_file.load(path)


def handled(project: Project, ids: list[str]) -> Project:
    pasted = edits.paste(project, clipboard.from_text(clipboard.to_text(project.graph, ids)), (500.0, 0.0))
    folded = edits.fold(pasted, ids, "Middle", "middle")
    unfolded = edits.unfold(folded, "middle")
    assert len(unfolded.graph.nodes) == NUMBER + len(ids)
    new = [id for id in unfolded.graph.nodes if id not in project.graph.nodes]
    return edits.dissolve(unfolded, new)


def timed(call: Callable[[], object]) -> float:
    """Seconds of this thread, the median of some rounds."""
    spent = []
    for _ in range(ROUNDS):
        began = time.thread_time()
        call()
        spent.append(time.thread_time() - began)
    return median(spent)


if __name__ == "__main__":
    for one in rows():
        print(one)
