"""Edits that a gesture makes in one step: inserting with room made, splicing, duplicating. Without Qt."""

from __future__ import annotations

from collections.abc import Iterable

from attrs import evolve

from engine import edits
from engine.analysis.check import check
from engine.analysis.problems import UNWIRED
from engine.analysis.results import Analysis
from engine.analysis.wiring import broken_by, following
from engine.edits import folding, pasting
from engine.kinds import Layer
from engine.project.graph import Graph, Node, Wire
from engine.project.layout import GAP, free_spot, height
from engine.project.project import Project


def with_room(before: Project, after: Project) -> Project:
    """Give nodes that an edit brought a place in their wire's way, and move down what is in theirs.

    A new node with a wire above stands below what feeds it and over what it feeds; whatever lay lower moves
    down as far as is needed, so that the order on the canvas stays. One without a wire stays where it is.
    """
    graph = after.graph
    for id in graph.order:
        if id not in before.graph.nodes and graph.incoming(id):
            graph = _placed(graph, id)
    return after if graph is after.graph else evolve(after, graph=graph)


def _placed(graph: Graph, id: str) -> Graph:
    node = graph.nodes[id]
    source = graph.nodes[graph.incoming(id)[0].source]
    targets = [graph.nodes[wire.target] for wire in graph.outgoing(id)]
    x = targets[0].x if targets and len(graph.outgoing(source.id)) > 1 else source.x
    if not targets:
        return graph.with_nodes([evolve(node, x=source.x, y=_free_below(graph, id, source))])
    roomy = edits.make_room(graph, source, targets, height(node.kind))
    above = min(roomy.nodes[target.id].y for target in targets) - GAP - height(node.kind)
    top = _bottom(source) + GAP
    if above < top - 0.5:  # it stands beside its source or higher: the new one goes over what it feeds
        x, top = targets[0].x, above
    elif len(graph.outgoing(source.id)) > 1 or x != source.x:
        top = max(top, min(node.y, above))
    # what hangs on another wire may stand between the two
    x, top = free_spot(roomy, x, top, node.kind, id)
    return roomy.with_nodes([evolve(node, x=x, y=top)])


def _free_below(graph: Graph, id: str, source: Node) -> float:
    """A free place under a node: the usual gap below it, or below what already stands there."""
    own = height(graph.nodes[id].kind)
    top = _bottom(source) + GAP
    column = sorted(
        (other for other in graph.nodes.values() if other.id != id and abs(other.x - source.x) < 200),
        key=lambda other: other.y,
    )
    for other in column:
        if other.y < top + own and _bottom(other) > top - GAP:
            top = _bottom(other) + GAP
    return top


def _bottom(node: Node) -> float:
    return node.y + height(node.kind)


def insert(project: Project, kind: Layer, wire: Wire) -> Project:
    """Put a new layer into a wire and make room for it."""
    kind = following(project.graph, wire.source, kind)
    return with_room(project, edits.insert(project, edits.new_id(project.graph), kind, wire))


def splice(project: Project, id: str, wire: Wire, at: tuple[float, float]) -> Project:
    """Put a layer that has no wires yet into a wire, and make room for it."""
    node = project.graph.nodes[id]
    without = edits.remove(project, [id])
    filled = edits.insert(without, id, node.kind, wire, at)
    graph = filled.graph
    inserted = evolve(graph.nodes[id], name=node.name, muted=node.muted)
    nodes = {each: graph.nodes[each] if each != id else inserted for each in project.graph.nodes}
    return with_room(without, evolve(filled, graph=evolve(graph, nodes=nodes)))


def add_from(project: Project, kind: Layer, source: str, output: str, at: tuple[float, float]) -> Project:
    """Add a layer at a place and wire an output into it; one that takes no wire is only placed."""
    id, kind = edits.new_id(project.graph), following(project.graph, source, kind)
    added = edits.add(project, id, kind, at)
    if not kind.ports():
        return added
    return edits.connect(added, source, output, id, kind.ports()[0].name)


def add_before(project: Project, kind: Layer, target: str, input: str, at: tuple[float, float]) -> Project:
    """Add a layer at a place and wire it into an input."""
    id = edits.new_id(project.graph)
    added = edits.add(project, id, kind, at)
    if not kind.outputs:
        return added
    return edits.connect(added, id, kind.outputs[0], target, input, replace=True)


def delete(project: Project, analysis: Analysis | None, ids: Iterable[str], wires: Iterable[Wire]) -> Project:
    """Take layers and wires away; a chain is joined again where the shapes allow it, or what follows was
    wrong before. Where nothing is known of the shapes it is joined.
    """

    now = analysis

    def allows(healed: Project, wire: Wire) -> bool:
        nonlocal now
        if now is None or analysis is None:
            return True
        if _misfits(analysis, wire.target):
            return True
        if len(healed.graph.incoming(wire.target)) == 1:  # what it gets now is known, and nothing else counts
            return broken_by(healed, analysis, wire.target) is None
        if now.project is not healed:
            now = check(healed, now)
        return not _misfits(now, wire.target)

    return edits.heal(project, ids, wires, allows)


def _misfits(analysis: Analysis, id: str) -> bool:
    """Whether something is wrong at a layer that is no missing wire."""
    return any(one.level == "error" and one.name != UNWIRED.name for one in analysis.results[id].problems)


def reconnect(project: Project, wire: Wire, source: str, output: str, target: str, input: str) -> Project:
    """Lead an existing wire elsewhere; into a many-port it keeps its place among the wires."""
    moved = Wire(source, output, target, input)
    if moved == wire:
        return project
    without = edits.disconnect(project, [wire])
    edits.connect(without, source, output, target, input)  # raises where it may not be
    wires = tuple(moved if other == wire else other for other in project.graph.wires)
    return evolve(project, graph=project.graph.with_wires(wires))


def duplicate(
    project: Project, ids: Iterable[str], shift: tuple[float, float]
) -> tuple[Project, dict[str, str]]:
    """Copy layers beside themselves. Wires among them are copied, wires that arrive from outside are kept.

    A wire from outside into a port that takes one is drawn to the copy, too: an output may feed many.
    """
    graph = project.graph
    piece = graph.subgraph(ids)
    left = min(node.x for node in piece.nodes.values())
    top = min(node.y for node in piece.nodes.values())
    grown, new = pasting.merge(project, piece, (left + shift[0], top + shift[1]))
    outside = tuple(
        evolve(wire, target=new[wire.target])
        for wire in graph.wires
        if wire.target in new and wire.source not in new
    )
    graph = grown.graph.with_wires((*grown.graph.wires, *outside))
    return evolve(grown, graph=graph), new


def fold(project: Project, ids: Iterable[str], name: str, id: str) -> Project:
    """Fold layers into a block and move up what stood below them, where nothing stands beside them; down
    where the block needs more room than they did.
    """
    wanted = set(ids)
    chosen = [node for node in project.graph.nodes.values() if node.id in wanted]
    folded = folding.fold(project, [node.id for node in chosen], name, id)
    node = folded.graph.nodes[id]
    bottom = max(_bottom(one) for one in chosen)
    others = [one for one in folded.graph.nodes.values() if one.id != id]
    below = [one.id for one in others if one.y >= bottom - 0.5]
    beside = any(one.y < bottom - 0.5 and _bottom(one) > node.y for one in others)
    free = bottom - _bottom(node)
    fits = free == 0 or (free > 0 and beside)
    return edits.move(folded, below, 0, -free) if below and not fits else folded
