"""Which ideas for ways out belong to which problem. `propose` tries each and keeps those that work.

An idea is tied to a problem where it is written: `@ideas(NOT_FLAT)` above the function that has it, or
`@network_ideas(NO_OUTPUT)` for a problem of the network as a whole.

Objections of layers may carry settings that would do (`settings`: pairs of name and value). What reaches
beyond the layer itself, such as putting another one before it, stands in the pages of this room.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from engine.analysis.problems import ProblemKind
from engine.analysis.results import Analysis, Problem
from engine.kinds.objections import ObjectionKind
from engine.message import Illegal
from engine.repairs.site import Ideas, Site, settings

AtNode = Callable[[Site], Ideas]
OfNetwork = Callable[[Analysis], Ideas]
Idea = TypeVar("Idea", AtNode, OfNetwork)

_AT_NODE: dict[str, AtNode] = {}
_OF_NETWORK: dict[str, OfNetwork] = {}


def ideas(*problems: ProblemKind | ObjectionKind) -> Callable[[AtNode], AtNode]:
    """Tie what a function proposes to problems at a node, however they are worded."""
    return _tie(_AT_NODE, problems)


def network_ideas(*problems: ProblemKind) -> Callable[[OfNetwork], OfNetwork]:
    """Tie what a function proposes to problems of the network, or of a block, as a whole."""
    return _tie(_OF_NETWORK, problems)


def _tie(table: dict[str, Idea], problems: Iterable[ProblemKind | ObjectionKind]) -> Callable[[Idea], Idea]:
    def tie(idea: Idea) -> Idea:
        for problem in problems:
            if table.setdefault(problem.name, idea) is not idea:
                raise ValueError(f"{problem.name} has ideas already")
        return idea

    return tie


def has_ideas(problem: ProblemKind | ObjectionKind) -> bool:
    """Whether something is proposed for a problem, at a node or of the network as a whole."""
    return problem.name in _AT_NODE or problem.name in _OF_NETWORK


def proposals(problem: Problem, analysis: Analysis) -> Ideas:
    """Everything worth trying, the most likely first."""
    graph = analysis.project.graph
    node = graph.nodes.get(problem.node)
    if node is None:
        if problem.name in _OF_NETWORK:
            yield from _OF_NETWORK[problem.name](analysis)
        return
    site = Site(problem, analysis, graph, node)
    own = _AT_NODE.get(problem.name)
    for idea in (settings,) if own is None else (own, settings):
        try:
            yield from idea(site)
        except Illegal:  # an idea outside a setting's limits is no idea
            continue
