"""Which ideas for ways out belong to which problem. `propose` tries each and keeps those that work.

An idea is tied to a problem where it is written: `@ideas("not-flat")` above the function that has it, or
`@network_ideas("no-output")` for a problem of the network as a whole.

Objections of layers may carry settings that would do (`settings`: pairs of name and value). What reaches
beyond the layer itself, such as putting another one before it, stands in the pages of this room.
"""

from __future__ import annotations

from collections.abc import Callable

from engine.analysis.results import Analysis, Problem
from engine.message import Illegal
from engine.repairs.site import Ideas, Place, settings

AtNode = Callable[[Place], Ideas]
OfNetwork = Callable[[Analysis], Ideas]

_AT_NODE: dict[str, AtNode] = {}
_OF_NETWORK: dict[str, OfNetwork] = {}


def ideas(*problems: str) -> Callable[[AtNode], AtNode]:
    """Tie what a function proposes to problems at a node."""

    def tie(idea: AtNode) -> AtNode:
        _AT_NODE.update(dict.fromkeys(problems, idea))
        return idea

    return tie


def network_ideas(*problems: str) -> Callable[[OfNetwork], OfNetwork]:
    """Tie what a function proposes to problems of the network, or of a block, as a whole."""

    def tie(idea: OfNetwork) -> OfNetwork:
        _OF_NETWORK.update(dict.fromkeys(problems, idea))
        return idea

    return tie


def proposals(problem: Problem, analysis: Analysis) -> Ideas:
    """Everything worth trying, the most likely first."""
    graph = analysis.project.graph
    node = graph.nodes.get(problem.node)
    if node is None:
        if problem.name in _OF_NETWORK:
            yield from _OF_NETWORK[problem.name](analysis)
        return
    place = Place(problem, analysis, graph, node)
    own = _AT_NODE.get(problem.name)
    for idea in (settings,) if own is None else (own, settings):
        try:
            yield from idea(place)
        except Illegal:  # an idea outside a setting's limits is no idea
            continue
