"""Where a layer goes that is added without pointing: after the selected one, wired in where it fits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine import edits
from engine.analysis.wiring import following, outcome
from engine.kinds import Layer
from engine.kinds.shapes import Shape
from engine.message import Message, Refused, Trouble
from engine.project.graph import Graph, Node, Wire
from engine.project.layout import BESIDE, GAP, WIDTH, free_spot, height
from engine.project.project import Project

if TYPE_CHECKING:
    from engine.analysis.results import Analysis
    from gui.document.workspace import Workspace


def add_to(workspace: Workspace, kind: Layer) -> None:
    """Add a layer after the selected one of what is open in front, and select it."""
    level = workspace.current.level
    id = edits.new_id(level.project.graph)
    after = next(iter(level.selection)) if len(level.selection) == 1 else None
    analysis = level.analysis if level.fresh else None
    label = Message("Add {kind}", kind=kind.label())
    if level.do(add_after, id, kind, after, analysis, label=label):
        level.select([id])
        workspace.reveal.emit(frozenset([id]))


def add_after(
    project: Project, id: str, kind: Layer, after: str | None = None, analysis: Analysis | None = None
) -> Project:
    """Add a layer below another. Where one wire leaves that layer the new one goes into it, unless that would
    break what follows; else it gets a wire of its own, where it fits. `analysis` must be of this project.
    """
    graph = project.graph
    if after is None or after not in graph.nodes:
        return edits.add(project, id, kind, _below_all(graph))
    node, kind = graph.nodes[after], following(graph, after, kind)
    if not node.kind.outputs or not kind.ports():
        return edits.add(project, id, kind, free_spot(graph, node.x + WIDTH + BESIDE, node.y, kind))
    leaving = graph.outgoing(after)
    if len(leaving) == 1 and _passes(analysis, after, leaving[0].output, kind):
        inserted = _inserted(project, id, kind, leaving[0], node, analysis)
        if inserted is not None:
            return inserted
    spot = free_spot(graph, node.x, node.y + height(node.kind) + GAP, kind)
    added = edits.add(project, id, kind, spot)
    output, port = node.kind.outputs[0], kind.ports()[0].name
    if analysis is not None and not _passes(analysis, after, output, kind):
        return added
    try:
        return edits.connect(added, after, output, id, port)
    except Refused:
        return added


def _passes(analysis: Analysis | None, after: str, output: str, kind: Layer) -> bool:
    """Whether the layer takes what the other gives, or nothing is known of it yet."""
    if analysis is None:
        return True
    facts = analysis.nodes.get(after)
    if facts is None or output not in facts.outputs:
        return True
    many = kind.ports()[0].many or len(kind.ports()) > 1
    return many or isinstance(outcome(analysis, after, output, kind), Shape)


def _inserted(
    project: Project, id: str, kind: Layer, wire: Wire, node: Node, analysis: Analysis | None
) -> Project | None:
    """The layer in the wire, with room made for it; None where it cannot be or would break what follows."""
    if not kind.outputs:
        return None
    room = height(kind) + GAP
    bottom = node.y + height(node.kind)
    try:
        grown = edits.insert(project, id, kind, wire, (node.x, bottom + GAP))
    except Trouble:
        return None
    if analysis is not None and _errors(grown, analysis) - _errors(project, analysis):
        return None
    below = [other for other in project.graph.nodes.values() if other.y >= bottom]
    first = min((other.y for other in below if abs(other.x - node.x) < WIDTH), default=None)
    missing = 0.0 if first is None else bottom + GAP + room - first
    return edits.move(grown, [other.id for other in below], 0, missing) if missing > 0 else grown


def _errors(project: Project, analysis: Analysis) -> set[str]:
    """Which of the layers that were there before have an error."""
    from engine.analysis.check import check

    known = analysis.nodes
    now = analysis if analysis.project is project else check(project, analysis)
    return {p.node for p in now.problems if p.level == "error" and p.node in known}


def _below_all(graph: Graph) -> tuple[float, float]:
    """Below the lowest layer, in its column."""
    if not graph.nodes:
        return (0.0, 0.0)
    lowest = max(graph.nodes.values(), key=lambda node: node.y + height(node.kind))
    return (lowest.x, lowest.y + height(lowest.kind) + GAP)
