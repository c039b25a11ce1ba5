"""Which layers stand near which in the templates, so that what usually comes next can be offered first.

Counted from their graphs and kept in a file, since drawing them all takes a third of a second:
`python -m engine.templates` writes it anew.
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib.resources import files

from engine.kinds import BlockEnd, Layer
from engine.project.blocks import Block, Use
from engine.project.graph import Graph

NEIGHBOURS = files("assets") / "templates" / "neighbours.json"
REACH = 3
"""So many wires further a layer still counts, each time half as much."""

Counts = Mapping[str, Mapping[str, int]]
"""For the class name of a kind, how usual each other one is behind it."""


def after(kind: Layer) -> Mapping[str, int]:
    """How usual kinds are behind this one: by `stem`, since a Conv1d is followed as a Conv2d is. What stood
    there in no template is left out.
    """
    return _stems().get(stem(type(kind)), {})


def before(kind: Layer) -> Mapping[str, int]:
    """How usual kinds are before this one, as `after`."""
    wanted = stem(type(kind))
    return {name: follow[wanted] for name, follow in _stems().items() if wanted in follow}


@cache
def anywhere() -> Mapping[str, int]:
    """How usual kinds are at all, by class name."""
    number: Counter[str] = Counter()
    for name, follow in _kept().items():
        number.update({name: sum(follow.values())})
        number.update(follow)
    return number


def stem(kind: type[Layer]) -> str:
    """The name of a kind without its number of axes."""
    return _stem(kind.__name__)


def _stem(name: str) -> str:
    return re.sub(r"\dd$", "", name)


@cache
def _kept() -> Counts:
    counts: Counts = json.loads(NEIGHBOURS.read_text(encoding="utf-8"))
    return counts


@cache
def _stems() -> Counts:
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for name, follow in _kept().items():
        for other, number in follow.items():
            counts[_stem(name)][_stem(other)] += number
    return counts


def counted(graphs: Iterable[Graph]) -> Counts:
    """The counts of these networks, most usual first. What is inside a block counts once for each network."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for whole in graphs:
        blocks = (block for block in whole.blocks.values() if isinstance(block, Block))
        for graph in (whole, *(Use(block=block).graph for block in blocks)):
            for id, node in graph.nodes.items():
                for other, weight in _ahead(graph, id):
                    if not isinstance(node.kind, Use | BlockEnd) and not isinstance(other, Use | BlockEnd):
                        counts[type(node.kind).__name__][type(other).__name__] += weight
    return {
        name: dict(sorted(follow.items(), key=lambda one: (-one[1], one[0])))
        for name, follow in sorted(counts.items())
    }


def _ahead(graph: Graph, id: str) -> Iterator[tuple[Layer, int]]:
    """What all ways from a node lead to, and how much it counts."""
    near = [id]
    for step in range(REACH):
        near = [wire.target for one in near for wire in graph.outgoing(one)]
        yield from ((graph.nodes[one].kind, 2 ** (REACH - 1 - step)) for one in near)
