"""The same as in `bench_check.py` for a network of 1,000 layers that is made of repeated blocks: a block of
ten layers, used at twenty places with widths of its own at each, five times in a row.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

import torch
from torch import nn

from engine import edits
from engine.analysis.check import check
from engine.edits import blocks
from engine.kinds.declaring import join
from engine.project.blocks import Block, Exposed, Use
from engine.project.project import Project
from engine.store import project_file
from engine.templates.builder import Sketch, block
from tests.benchmarks.bench_canvas import workspace_of
from tests.benchmarks.bench_check import FRAME, ROUNDS, everything, made, repeated, row

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
PLACES, TIMES = 20, 5
WIDTH = 64  # of the layer in the middle, which the places do not choose


def rows() -> list[dict[str, Any]]:
    """The rows of the table."""
    torch.set_num_threads(1)
    torch.zeros(1, device="meta") + 1  # what torch does once is no part of any row
    everything(network(0), None)
    ours, theirs = _first()
    inside = "an edit inside a block that makes up 1,000 layers,"
    return [
        row(f"{inside} a setting: all fresh (ms of its thread)", _setting(), FRAME),
        row(f"{inside} a layer put in: all fresh (ms of its thread)", _structure(), FRAME),
        row(f"{inside} shapes of every use change (s of its thread)", _ripple(), 0.5),
        row("an edit at one use of that block: all fresh (ms of its thread)", _use(), FRAME),
        {
            "row": "first analysis of 1,000 layers of repeated blocks, against meta tensors by hand (s)",
            "ours": ours,
            "reference": theirs,
            "ratio": ours / theirs,
            "goal": "≤ 1.3",
            "met": ours <= 1.3 * theirs,
        },
        row("opening, analysing and drawing 1,000 layers of repeated blocks (s)", _opened(), 1.0),
    ]


# --------------------------------------------------------------------------- the network


def widths(first: int) -> list[int]:
    """How wide each place is; other numbers for every `first`."""
    return [100 * first + 16 + place for place in range(PLACES)]


def network(first: int) -> Project:
    """Twenty uses of one block, no two alike."""

    def draw(inner: Sketch, x: str) -> str:
        x = inner.add(made("Linear", out_features=WIDTH), x)
        y = x
        for _ in range(2):
            y = inner.chain(y, made("BatchNorm1d"), made("ReLU"), made("Dropout"))
            y = inner.add(made("Linear", out_features=WIDTH), y)
        return inner.add(made("Add"), x, y)

    drawn = block("Residual block", draw)
    first_linear, _, last_linear = _named(drawn.layers, "linear")
    ends = (Exposed("wide", first_linear, "out_features"), Exposed("last", last_linear, "out_features"))
    residual = Block(drawn.graph, ends)
    sketch = Sketch("Bench")
    x = sketch.add(made("Flatten"), sketch.add(made("Input")))
    for width in widths(first):
        x = sketch.add(Use(block=residual, repeat=TIMES, values=(("wide", width), ("last", width))), x)
    sketch.chain(x, made("Linear", out_features=10), made("Output"))
    return sketch.project()


def _named(nodes: Any, name: str) -> list[str]:
    return [node.id for node in nodes if node.name.startswith(name)]


def _uses(project: Project) -> list[str]:
    return [id for id, node in project.graph.nodes.items() if isinstance(node.kind, Use)]


def _inside(project: Project) -> tuple[str, Block]:
    """The first use of the block, and its definition."""
    first = _uses(project)[0]
    return first, blocks.used_at(project.graph, (first,)).block


# --------------------------------------------------------------------------- what is timed


def _setting() -> float:
    def change(project: Project, i: int) -> Project:
        use, definition = _inside(project)
        drop = _named(definition.layers, "dropout")[0]
        return blocks.inside(project, (use,), edits.set_param, id=drop, name="rate", value=0.1 + i / 100)

    return repeated(network(0), change)


def _structure() -> float:
    """Each time into the block as it was, so that it does not grow."""
    drawn = network(0)
    use, definition = _inside(drawn)
    wire = definition.graph.incoming(_named(definition.layers, "dropout")[0])[0]

    def change(project: Project, i: int) -> Project:
        return blocks.inside(drawn, (use,), edits.insert, id=f"new{i}", kind=made("Tanh"), wire=wire)

    return repeated(drawn, change)


def _ripple() -> float:
    def change(project: Project, i: int) -> Project:
        use, definition = _inside(project)
        middle = _named(definition.layers, "linear")[1]
        values = {"id": middle, "name": "out_features", "value": WIDTH + 1 + i}
        return blocks.inside(project, (use,), edits.set_param, **values)

    return repeated(network(0), change) / 1000


def _use() -> float:
    def change(project: Project, i: int) -> Project:
        return edits.set_param(project, _uses(project)[PLACES // 2], "repeat", TIMES + 1 + i % 2)

    return repeated(network(0), change)


def _first() -> tuple[float, float]:
    """Seconds for an analysis of what was never seen before, and for the same modules by hand."""
    ours, theirs = [], []
    for i in range(1, ROUNDS + 2):
        project = network(i)
        began = time.perf_counter()
        check(project)
        ours.append(time.perf_counter() - began)
        began = time.perf_counter()
        by_hand(i)
        theirs.append(time.perf_counter() - began)
    return median(ours[1:]), median(theirs[1:])


def by_hand(first: int) -> int:
    """Parameters as somebody would find them out in a notebook, running every layer for its shape."""
    parameters = 0

    def layers(before: int, width: int) -> Iterator[nn.Module]:
        yield nn.Linear(before, width)
        for wide, next_wide in ((width, WIDTH), (WIDTH, width)):
            yield from (nn.BatchNorm1d(wide), nn.ReLU(), nn.Dropout(), nn.Linear(wide, next_wide))

    with torch.device("meta"), torch.no_grad():
        x = torch.empty(2, 64)
        for before, width in pairwise((64, *widths(first))):
            for time_through in range(TIMES):
                start, *rest = layers(before if time_through == 0 else width, width)
                x = y = start(x)
                for module in rest:
                    y = module(y)
                x = x + y
                parameters += sum(p.numel() for module in (start, *rest) for p in module.parameters())
        head = nn.Linear(x.shape[1], 10)
        head(x)
    return parameters + sum(p.numel() for p in head.parameters())


def _opened() -> float:
    """From the file to the painted canvas, with nothing kept of an earlier analysis."""
    from PySide6.QtGui import QImage
    from PySide6.QtWidgets import QApplication

    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)
    from gui.style.apply import apply

    apply(app, "dark")
    from gui.canvas.widget import CanvasWidget

    image = QImage(1600, 1000, QImage.Format.Format_RGB32)
    found = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "blocks.loom")
        project_file.save(network(0), path)
        for _ in range(ROUNDS):
            join(())  # no kinds of plug-ins: all that was found out about layers is forgotten
            began = time.perf_counter()
            project = project_file.load(path)
            everything(project, None)
            canvas = CanvasWidget(workspace_of(project))
            canvas.resize(1600, 1000)
            canvas.render(image)
            found.append(time.perf_counter() - began)
    return median(found)
