"""What reaches no Output, said once for each part of the network that is left out: at its end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.analysis.problems import LEFT_OUT, LEFT_OUT_WITH_MANY, LEFT_OUT_WITH_ONE
from engine.analysis.results import NodeResult, Problem
from engine.project.graph import Graph


def unused_notes(graph: Graph, results: Mapping[str, NodeResult]) -> Iterator[Problem]:
    """A note for each left-out layer from which nothing leads on, with the number of layers above that are
    left out with it. Where such a layer has a problem of its own, that says enough.
    """
    alive = graph.alive
    for id in [id for id in graph.order if id not in alive]:
        if results[id].problems or any(not results[w.target].alive for w in graph.outgoing(id)):
            continue
        above = _above(graph, results, id)
        declared = {0: LEFT_OUT, 1: LEFT_OUT_WITH_ONE}.get(above, LEFT_OUT_WITH_MANY)
        yield declared(id, number=above)


def _above(graph: Graph, results: Mapping[str, NodeResult], id: str) -> int:
    """How many left-out layers lead to that one."""
    seen, waiting = {id}, [id]
    while waiting:
        for wire in graph.incoming(waiting.pop()):
            if wire.source not in seen and not results[wire.source].alive:
                seen.add(wire.source)
                waiting.append(wire.source)
    return len(seen) - 1
