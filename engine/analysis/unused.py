"""What reaches no Output, said once for each part of the network that is left out: at its end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.analysis.results import NodeResult, Problem
from engine.message import Message
from engine.project.graph import Graph


def unused_notes(graph: Graph, results: Mapping[str, NodeResult]) -> Iterator[Problem]:
    """A note for each left-out layer from which nothing leads on, with the number of layers above that are
    left out with it. Where such a layer has a problem of its own, that says enough.
    """
    for id in graph.order:
        one = results[id]
        if one.alive or one.problems or any(not results[w.target].alive for w in graph.outgoing(id)):
            continue
        yield Problem(
            id,
            "left-out",
            "note",
            _message(_above(graph, results, id)),
            Message("a wire that leads to an Output"),
            Message("none"),
            Message("Only what an Output depends on is computed and trained."),
        )


def _above(graph: Graph, results: Mapping[str, NodeResult], id: str) -> int:
    """How many left-out layers lead to that one."""
    seen, waiting = {id}, [id]
    while waiting:
        for wire in graph.incoming(waiting.pop()):
            if wire.source not in seen and not results[wire.source].alive:
                seen.add(wire.source)
                waiting.append(wire.source)
    return len(seen) - 1


def _message(above: int) -> Message:
    if above == 0:
        return Message("reaches no output, so it is left out of training")
    if above == 1:
        return Message("reaches no output, so it and the layer above are left out of training")
    return Message(
        "reaches no output, so it and the {number} layers above are left out of training", number=above
    )
