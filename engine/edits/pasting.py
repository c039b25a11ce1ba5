"""Putting one graph into another: copied layers, and the inside of a block that is unfolded."""

from __future__ import annotations

from attrs import evolve

from engine.edits import graph as edits
from engine.project.blocks import Newcomers
from engine.project.graph import Graph, Wire
from engine.project.project import Project


def merge(
    project: Project, piece: Graph, at: tuple[float, float] | None = None
) -> tuple[Project, dict[str, str]]:
    """Put the nodes and wires of another graph in, with new ids and free names. Also gives old id -> new id.

    `at` is where the piece's top left corner comes to stand; None keeps the places.
    """
    graph = project.graph
    ids = dict(zip(piece.nodes, edits.new_ids(graph, len(piece.nodes)), strict=True))
    left = min((node.x for node in piece.nodes.values()), default=0.0)
    top = min((node.y for node in piece.nodes.values()), default=0.0)
    dx, dy = (at[0] - left, at[1] - top) if at else (0.0, 0.0)
    names = graph.names.copy()
    newcomers = Newcomers(graph.blocks)
    added = []
    for old, node in piece.nodes.items():
        name = node.name if node.name not in names else names.free(node.kind)
        names.give(name, ids[old])
        moved = edits.put(node, node.x + dx, node.y + dy)
        kind, shares = newcomers.adopt(node.kind), ids.get(node.shares, "")
        added.append(evolve(moved, id=ids[old], kind=kind, name=name, shares=shares))
    wires = tuple(
        Wire(ids[w.source], w.output, ids[w.target], w.input)
        for w in piece.wires
        if w.source in ids and w.target in ids
    )
    grown = graph.with_nodes(added).with_wires((*graph.wires, *wires))
    return evolve(project, graph=grown), ids


def paste(project: Project, piece: Graph, at: tuple[float, float] | None = None) -> Project:
    """Put copied layers in, with their top left corner at a place."""
    return merge(project, piece, at)[0]
