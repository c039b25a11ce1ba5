"""Some of a network by itself."""

from __future__ import annotations

from collections.abc import Iterable

from attrs import evolve

from engine.project.graph import Graph, without


def subgraph(graph: Graph, ids: Iterable[str]) -> Graph:
    """Some nodes and the wires among them, as a graph of their own."""
    chosen = set(ids)
    return evolve(
        graph,
        nodes=without(graph.nodes, graph.nodes.keys() - chosen),
        wires=tuple(w for w in graph.wires if w.source in chosen and w.target in chosen),
    )
