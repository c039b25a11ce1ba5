"""The document: nodes, wires, and the project that holds them with data and recipe. Values, never changed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
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

    @property
    def passable(self) -> bool:
        """Whether it can be muted: only where something arrives and something leaves can data go past."""
        return bool(self.kind.outputs) and bool(self.kind.ports())

    @property
    def skipped(self) -> bool:
        """Whether what arrives goes on unchanged, because the node is muted."""
        return self.muted and self.passable


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
        return _grouped([wire.target for wire in self.wires], self.wires)

    @cached_property
    def _outgoing(self) -> dict[str, tuple[Wire, ...]]:
        return _grouped([wire.source for wire in self.wires], self.wires)

    def incoming(self, id: str) -> tuple[Wire, ...]:
        """The wires that arrive at a node."""
        return self._incoming.get(id, ())

    def outgoing(self, id: str) -> tuple[Wire, ...]:
        """The wires that leave a node."""
        return self._outgoing.get(id, ())

    def arriving(self, id: str, port: str) -> tuple[Wire, ...]:
        """The wires into one port, in order."""
        return tuple(wire for wire in self.incoming(id) if wire.input == port)

    def passed(self, id: str) -> Wire | None:
        """The wire whose value goes on where a node is muted or taken away: the first into its first wired
        port.
        """
        wires = self.incoming(id)
        if len(wires) < 2:
            return wires[0] if wires else None
        places = {port.name: i for i, port in enumerate(self.nodes[id].kind.ports())}
        return min(wires, key=lambda wire: places.get(wire.input, 0))

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
        """The nodes whose values an Output depends on. The others are left out of training and code."""
        passing = {id: self.passed(id) for id, node in self.nodes.items() if node.muted and node.skipped}
        reached: set[str] = set()
        waiting = [node.id for node in self.outputs]
        while waiting:
            id = waiting.pop()
            if id not in reached:
                reached.add(id)
                if id in passing:  # a muted node uses one of its wires alone
                    wire = passing[id]
                    waiting += [wire.source] if wire is not None else []
                else:
                    waiting += [wire.source for wire in self.incoming(id)]
        return frozenset(reached)

    @cached_property
    def order(self) -> tuple[str, ...]:
        """Every node after all that it depends on. A branch is finished before the next one begins."""
        begun: set[str] = set()
        order: list[str] = []
        ends = [node.id for node in self.outputs]
        ends += [id for id in self.nodes if not self.outgoing(id)]
        incoming = self._incoming
        for end in (*ends, *self.nodes):
            waiting = [] if end in begun else [(end, False)]
            while waiting:
                id, done = waiting.pop()
                if done:
                    order.append(id)
                elif id not in begun:
                    begun.add(id)
                    waiting.append((id, True))
                    waiting += [(wire.source, False) for wire in reversed(incoming.get(id, ()))]
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
        graph = evolve(self, nodes={**self.nodes, **{node.id: node for node in nodes}})
        known = vars(self)  # who is wired to whom has not changed
        vars(graph).update({name: known[name] for name in ("_incoming", "_outgoing") if name in known})
        return graph


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


def _grouped(keys: Iterable[str], wires: Iterable[Wire]) -> dict[str, tuple[Wire, ...]]:
    groups: dict[str, list[Wire]] = {}
    for key, wire in zip(keys, wires, strict=True):
        groups.setdefault(key, []).append(wire)
    return {key: tuple(group) for key, group in groups.items()}
