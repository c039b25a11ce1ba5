"""The document: nodes, wires, and the project that holds them with data and recipe. Values, never changed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from attrs import evolve, field, frozen

from engine import kinds
from engine.kinds import Layer

if TYPE_CHECKING:
    from engine.data.settings import DataSettings
    from engine.recipe import Recipe


@frozen
class Node:
    """A layer at a place. `x` and `y` are its top left corner in canvas pixels at 100 %, y downwards."""

    id: str
    kind: Layer
    name: str
    x: float = 0.0
    y: float = 0.0
    muted: bool = False


@frozen
class Wire:
    """From an output of one node to an input of another."""

    source: str
    output: str
    target: str
    input: str


@frozen(slots=False)
class Graph:
    """Nodes by id, in the order they were added, and wires. Wires into a many-port count in their order.

    What is derived (neighbours, order) is computed once and kept, since a value never changes.
    """

    name: str = "Network"
    nodes: Mapping[str, Node] = field(factory=dict)
    wires: tuple[Wire, ...] = ()

    def __hash__(self) -> int:
        return hash((self.name, tuple(self.nodes), self.wires))

    @cached_property
    def _incoming(self) -> dict[str, tuple[Wire, ...]]:
        return _grouped((wire.target, wire) for wire in self.wires)

    @cached_property
    def _outgoing(self) -> dict[str, tuple[Wire, ...]]:
        return _grouped((wire.source, wire) for wire in self.wires)

    def incoming(self, id: str) -> tuple[Wire, ...]:
        """The wires that arrive at a node."""
        return self._incoming.get(id, ())

    def outgoing(self, id: str) -> tuple[Wire, ...]:
        """The wires that leave a node."""
        return self._outgoing.get(id, ())

    def arriving(self, id: str, port: str) -> tuple[Wire, ...]:
        """The wires into one port, in order."""
        return tuple(wire for wire in self.incoming(id) if wire.input == port)

    @cached_property
    def outputs(self) -> tuple[Node, ...]:
        """The Output nodes, in the order they were added."""
        return tuple(
            node for node in self.nodes.values() if node.kind.family == "io" and not node.kind.outputs
        )

    @cached_property
    def inputs(self) -> tuple[Node, ...]:
        """The Input nodes, in the order they were added."""
        return tuple(
            node for node in self.nodes.values() if node.kind.family == "io" and not node.kind.ports()
        )

    @cached_property
    def alive(self) -> frozenset[str]:
        """The nodes from which wires lead to an Output. The others are left out of training and code."""
        reached: set[str] = set()
        waiting = [node.id for node in self.outputs]
        while waiting:
            id = waiting.pop()
            if id not in reached:
                reached.add(id)
                waiting += [wire.source for wire in self.incoming(id)]
        return frozenset(reached)

    @cached_property
    def order(self) -> tuple[str, ...]:
        """Every node after all that it depends on. A branch is finished before the next one begins."""
        done: set[str] = set()
        order: list[str] = []
        ends = [node.id for node in self.outputs]
        ends += [id for id in self.nodes if not self.outgoing(id)]
        for end in (*ends, *self.nodes):
            stack: list[tuple[str, Iterator[Wire]]] = []
            if end not in done:
                done.add(end)
                stack.append((end, iter(self.incoming(end))))
            while stack:
                id, wires = stack[-1]
                for wire in wires:
                    if wire.source not in done:
                        done.add(wire.source)
                        stack.append((wire.source, iter(self.incoming(wire.source))))
                        break
                else:
                    stack.pop()
                    order.append(id)
        return tuple(order)

    def upstream(self, id: str) -> set[str]:
        """The node and everything it depends on."""
        found: set[str] = set()
        waiting = [id]
        while waiting:
            one = waiting.pop()
            if one not in found:
                found.add(one)
                waiting += [wire.source for wire in self.incoming(one)]
        return found

    def with_nodes(self, nodes: Iterable[Node]) -> Graph:
        """The same graph with these nodes put in, or in the place of those with their ids."""
        return evolve(self, nodes={**self.nodes, **{node.id: node for node in nodes}})


@frozen
class Project:
    """All that a person makes: the network, the data it learns from, and how it is trained."""

    graph: Graph
    data: DataSettings
    recipe: Recipe

    @property
    def fingerprint(self) -> str:
        """A name for what is computed: the same for two projects that differ only in places on the canvas."""
        graph = self.graph
        content = {
            "nodes": {
                id: [graph.nodes[id].name, graph.nodes[id].muted, kinds.to_json(graph.nodes[id].kind)]
                for id in sorted(graph.nodes)
            },
            "wires": [[w.source, w.output, w.target, w.input] for w in graph.wires],
            "data": kinds.values_to_json(self.data),
            "recipe": kinds.values_to_json(self.recipe),
        }
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]


def _grouped(pairs: Iterable[tuple[str, Wire]]) -> dict[str, tuple[Wire, ...]]:
    groups: dict[str, list[Wire]] = {}
    for key, wire in pairs:
        groups.setdefault(key, []).append(wire)
    return {key: tuple(wires) for key, wires in groups.items()}
