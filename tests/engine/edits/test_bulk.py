"""Large networks: the thousandth edit takes no longer than the first, and twice as many layers take twice as
long.

Counted are the instructions of Python that are carried out: the same on every machine, however busy it is.
The copy of a dictionary is one of them.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from types import FrameType
from typing import Any

import pytest
from attrs import evolve

from engine import edits
from engine.data.settings import DataSettings
from engine.layers.activation import ReLU
from engine.layers.combine import Add
from engine.layers.dense import Linear
from engine.project.graph import Graph, Node, Wire
from engine.project.project import Project
from engine.project.recipe import Recipe
from engine.store import clipboard, project_file

FEW = 60
MANY = 4 * FEW


def steps(call: Callable[[], object]) -> int:
    """How many instructions a call carries out."""
    taken = 0

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal taken
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        taken += event == "opcode"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        call()
    finally:
        sys.settrace(before)
    return taken


def chain(number: int) -> Project:
    """Layers one behind the other, n1 to n…, and a pair beside them, as it is after some edits."""
    kinds = [ReLU() if i % 2 else Linear() for i in range(number)]
    nodes = [Node(f"n{i}", kind, f"{kind.stem}{i}", 0.0, 70.0 * i) for i, kind in enumerate(kinds, start=1)]
    wires = tuple(Wire(f"n{i}", "out", f"n{i + 1}", "x") for i in range(1, number))
    graph = Graph("Long", {node.id: node for node in nodes}, wires)
    project = Project(graph, DataSettings(), Recipe())
    project = edits.add(project, "loose", ReLU(), (500.0, 0.0))
    return edits.connect(edits.add(project, "end", ReLU(), (500.0, 70.0)), "loose", "out", "end", "x")


ONE: dict[str, Callable[[Project], object]] = {
    "add": lambda p: edits.add(p, edits.new_id(p.graph), Linear(), (900.0, 0.0)),
    "connect below": lambda p: edits.connect(p, last(p), "out", "loose", "x"),
    "connect above": lambda p: edits.connect(p, "end", "out", "n1", "x"),
    "rename": lambda p: edits.rename(p, "n7", "seventh"),
    "set_param": lambda p: edits.set_param(p, "n7", "out_features", 7),
    "move": lambda p: edits.move(p, ["n7", "n9"], 3.0, 4.0),
    "mute": lambda p: edits.mute(p, ["n8"], True),
}

ALL: dict[str, Callable[[Project], object]] = {
    "paste": lambda p: edits.paste(p, clipboard.from_text(clipboard.to_text(p.graph, half(p)))),
    "remove": lambda p: edits.remove(p, half(p)),
    "dissolve": lambda p: edits.dissolve(p, half(p)),
    "disconnect": lambda p: edits.disconnect(p, p.graph.wires[::2]),
    "fold": lambda p: edits.fold(p, half(p)),
    "unfold": lambda p: edits.unfold(folded(p, half(p)), "block"),
    "unfold what is repeated": lambda p: edits.unfold(
        edits.set_param(folded(p, ["n7", "n8"]), "block", "repeat", len(p.graph.nodes)), "block"
    ),
    "share": lambda p: edits.fold(shared(p), list(p.graph.nodes)),
    "file": lambda p: project_file.loads(project_file.dumps(p)),
    "one by one": lambda p: drawn(len(p.graph.nodes)),
    "one by one, from the end": lambda p: drawn(len(p.graph.nodes), upwards=True),
    "many into one": lambda p: drawn(len(p.graph.nodes), into=True),
}


def last(project: Project) -> str:
    """The end of the long chain."""
    return f"n{len(project.graph.nodes) - 2}"


def half(project: Project) -> list[str]:
    """Every layer in the middle of the chain."""
    number = len(project.graph.nodes)
    return [f"n{i}" for i in range(number // 4, 3 * number // 4)]


def folded(project: Project, ids: Iterable[str]) -> Project:
    return edits.fold(project, ids, "Block", "block")


def shared(project: Project) -> Project:
    """All Linear layers share the weights of the first."""
    nodes = [node for node in project.graph.nodes.values() if isinstance(node.kind, Linear)]
    sharing = [evolve(node, shares=nodes[0].id) for node in nodes[1:]]
    return evolve(project, graph=project.graph.with_nodes(sharing))


def drawn(number: int, upwards: bool = False, into: bool = False) -> Project:
    """A network drawn layer by layer, each wired to the one before it, or all to the first."""
    project = Project(Graph("Drawn"), DataSettings(), Recipe())
    for place in range(1, number + 1):
        id, other = f"n{place}", "n1" if into else f"n{place - 1}"
        project = edits.add(
            project, edits.new_id(project.graph), Add() if into else ReLU(), (0.0, 70.0 * place)
        )
        if place > 1:
            start, end = (id, other) if upwards or into else (other, id)
            project = edits.connect(project, start, "out", end, "xs" if into else "x")
    return project


def ratio(call: Callable[[Project], object]) -> float:
    """How many times as many instructions a call carries out among four times as many layers."""
    few, many = chain(FEW), chain(MANY)
    for project in (few, many):
        call(project)  # what is kept of kinds and wires is found out once
    return steps(lambda: call(many)) / steps(lambda: call(few))


@pytest.mark.parametrize("name", ONE)
def test_an_edit_takes_no_longer_in_a_large_network(name: str) -> None:
    assert ratio(ONE[name]) <= 1.1


@pytest.mark.parametrize("name", ALL)
def test_many_layers_take_as_many_times_as_long_as_one(name: str) -> None:
    assert ratio(ALL[name]) <= 5
