"""What the engine does after every edit, in a network of 1,000 layers: shapes, parameters, problems, code.

Times of one edit are processor time of the thread, so that other programs on the machine do not count. The
first analysis stands beside building and running the very modules on meta tensors by hand, round by round.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

import torch
from attrs import evolve
from torch import nn

from engine import edits
from engine.analysis.check import check
from engine.analysis.measure import measure_layer
from engine.analysis.results import Analysis
from engine.codegen.emit import emit
from engine.data.settings import DataSettings
from engine.kinds import Layer, registry
from engine.project.graph import Graph, Node, Wire
from engine.project.project import Project
from engine.project.recipe import Recipe
from engine.repairs.propose import propose_each
from engine.store import project_file

LAYERS = 1000
ROUNDS = 5
EDITS = 20
FRAME = 16.0  # milliseconds


def rows() -> list[dict[str, Any]]:
    """The rows of the table."""
    torch.set_num_threads(1)
    torch.zeros(1, device="meta") + 1  # what torch does once is no part of any row
    ours, theirs = _first()
    return [
        row(
            "an edit among 1,000 layers, 20 shapes change: all fresh (ms of its thread)",
            _edit("out_features"),
            FRAME,
        ),
        row(
            "an edit among 1,000 layers, a layer put in or out: all fresh (ms of its thread)",
            _structure(),
            FRAME,
        ),
        row("an edit that changes every shape of 1,000 layers (s of its thread)", _ripple(), 0.5),
        {
            "row": "first analysis of 1,000 different layers, against meta tensors by hand (s)",
            "ours": ours,
            "reference": theirs,
            "ratio": ours / theirs,
            "goal": "≤ 1.3",
            "met": ours <= 1.3 * theirs,
        },
        row("opening and analysing a project of 1,000 layers (s)", _opened(), 1.0),
        row(
            "ways out of 300 problems, of layers that nobody has wired yet (s of its thread)", _repairs(), 3.0
        ),
    ]


def row(name: str, ours: float, goal: float) -> dict[str, Any]:
    """A row of the table whose goal is a time."""
    return {
        "row": name,
        "ours": ours,
        "reference": goal,
        "ratio": ours / goal,
        "goal": "≤ 1",
        "met": ours <= goal,
    }


# --------------------------------------------------------------------------- networks


def made(name: str, **settings: Any) -> Layer:
    """A layer of that kind."""
    return registry(Layer)[name](**settings)


def chained(kinds: list[Layer]) -> Project:
    """Layers that follow one another, from an Input to an Output."""
    nodes: dict[str, Node] = {}
    wires = []
    for i, kind in enumerate([made("Input"), *kinds, made("Output")]):
        id = f"n{i + 1}"
        nodes[id] = Node(id, kind, f"{kind.stem}{i}", 0.0, i * 70.0)
        if i:
            wires.append(Wire(f"n{i}", "out", id, kind.ports()[0].name))
    return Project(Graph("Bench", nodes, tuple(wires)), DataSettings(), Recipe())


def dense() -> Project:
    """Linear layers, each with eighteen layers behind it that keep its shape."""
    between = [made("BatchNorm1d"), made("ReLU"), made("Dropout")] * 6
    kinds = [made("Flatten")]
    while len(kinds) < LAYERS - 4:
        kinds += [made("Linear", out_features=64), *between]
    return chained([*kinds[: LAYERS - 3], made("Linear", out_features=10)])


def unlike(first: int) -> list[tuple[int, int]]:
    """Channels in and out of convolutions of which no two are alike, whatever other `first` there was."""
    widths = [1, *(16 + (first * 331 + 7 * i) % 4001 for i in range(LAYERS // 3))]
    return list(pairwise(widths))


def convolutions(first: int) -> Project:
    """Convolutions, normalisations and activations, no convolution like another."""
    kinds: list[Layer] = []
    for _, width in unlike(first):
        kinds += [made("Conv2d", out_channels=width, padding=1), made("BatchNorm2d"), made("ReLU")]
    return chained([*kinds, made("Flatten"), made("Linear", out_features=10)])


# --------------------------------------------------------------------------- what is timed


def everything(project: Project, before: Analysis | None) -> Analysis:
    """All that is known of a network that can be trained, and its code."""
    analysis = check(project, before)
    assert analysis.trainable
    assert analysis.parameters
    assert analysis.problems == ()
    emit(project, analysis)
    return analysis


def repeated(project: Project, edit: Callable[[Project, int], Project]) -> float:
    """Milliseconds of this thread for an edit and all that follows from it, the median of many."""
    analysis = everything(project, None)
    found = []
    for i in range(EDITS):
        began = time.thread_time()
        project = edit(project, i)
        analysis = everything(project, analysis)
        found.append((time.thread_time() - began) * 1000)
    return median(found)


def _edit(setting: str) -> float:
    project = dense()
    middle = [id for id, node in project.graph.nodes.items() if node.name.startswith("linear")][25]
    return repeated(project, lambda project, i: edits.set_param(project, middle, setting, 65 + i))


def _structure() -> float:
    def change(project: Project, i: int) -> Project:
        if i % 2:
            return edits.remove(edits.dissolve(project, ["new"]), [])
        return edits.insert(project, "new", made("Tanh"), project.graph.incoming("n500")[0])

    return repeated(dense(), change)


def _ripple() -> float:
    """Another size of the first map, so that all the others are of another size too."""
    found = []
    for i in range(ROUNDS):
        project = convolutions(100 + i)
        before = check(project)
        began = time.thread_time()
        after = check(edits.set_param(project, "n2", "padding", 2), before)
        assert after.parameters > before.parameters
        found.append(time.thread_time() - began)
    return median(found)


def _first() -> tuple[float, float]:
    """Seconds for an analysis of what was never seen before, and for the same modules by hand."""
    ours, theirs = [], []
    for i in range(ROUNDS + 1):
        project = convolutions(i)
        began = time.perf_counter()
        check(project)
        ours.append(time.perf_counter() - began)
        began = time.perf_counter()
        by_hand(i)
        theirs.append(time.perf_counter() - began)
    return median(ours[1:]), median(theirs[1:])


def by_hand(first: int) -> tuple[int, int]:
    """Shapes and parameters as somebody would find them out in a notebook."""
    parameters = 0
    with torch.device("meta"), torch.no_grad():
        x = torch.empty(2, 1, 8, 8)
        for channels, width in unlike(first):
            for module in (nn.Conv2d(channels, width, 3, padding=1), nn.BatchNorm2d(width), nn.ReLU()):
                x = module(x)
                parameters += sum(p.numel() for p in module.parameters())
        x = x.flatten(1)
        head = nn.Linear(x.shape[1], 10)
        return head(x).shape[1], parameters + sum(p.numel() for p in head.parameters())


def _repairs() -> float:
    """All that is offered for 300 copies of a layer that lie beside a network."""
    project = chained([made("Flatten"), made("Linear", out_features=10)])
    loose = [Node(f"x{i}", made("Linear"), f"loose{i}", 300.0, i * 70.0) for i in range(300)]
    analysis = check(evolve(project, graph=project.graph.with_nodes(loose)))
    began = time.thread_time()
    offered = [repairs for _, repairs in propose_each(analysis.problems)]
    assert len(offered) == 300
    assert all(offered)
    return time.thread_time() - began


def _opened() -> float:
    found = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "big.loom")
        project_file.save(dense(), path)
        for _ in range(ROUNDS):
            measure_layer.cache_clear()
            began = time.perf_counter()
            everything(project_file.load(path), None)
            found.append(time.perf_counter() - began)
    return median(found)
