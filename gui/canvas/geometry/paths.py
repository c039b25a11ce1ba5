"""What lies before and behind a layer."""

from __future__ import annotations

from engine.project.graph import Graph


def downstream(graph: Graph, id: str) -> set[str]:
    """The node and everything that depends on it."""
    found: set[str] = set()
    waiting = [id]
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            waiting += [wire.target for wire in graph.outgoing(one)]
    return found
