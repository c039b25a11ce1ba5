"""The network: nodes, wires, and the graph that holds them. Values, never changed."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from functools import cached_property
from typing import Any

from attrs import evolve, field, frozen

from engine import kinds
from engine.kinds import Definition, Layer
from engine.kinds.ports import Port
from engine.message import Refused
from engine.project.sharing import can_share

FARTHEST = 1e9  # pixels from the middle of the canvas


@frozen
class Node:
    """A layer at a place. `x` and `y` are its top left corner in canvas pixels at 100 %, y downwards.

    A node that is wider than the ordinary, for its title, reaches as far beyond that corner as at the right.
    """

    id: str
    kind: Layer
    name: str
    x: float = 0.0
    y: float = 0.0
    muted: bool = False
    shares: str = ""
    """The node whose layer, weights and all, this one uses too. Empty for a layer of its own."""

    @property
    def passable(self) -> bool:
        """Whether it can be muted: only where something arrives and something leaves can data go past."""
        return bool(self.kind.outputs) and bool(self.kind.ports())

    @property
    def skipped(self) -> bool:
        """Whether what arrives goes on unchanged, because the node is muted."""
        return self.muted and self.passable


@frozen(cache_hash=True)
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

    def used_ports(self, id: str) -> tuple[Port, ...]:
        """The inputs of a node but those that may be free and are."""
        ports = self.nodes[id].kind.ports()
        return tuple([port for port in ports if not port.optional or self.arriving(id, port.name)])

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
        """The nodes whose values an Output depends on; the others are left out of training and code.

        While nothing says what is to be learned, no node is left out.
        """
        if not self.outputs:
            return frozenset(self.nodes)
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

    @cached_property
    def sharers(self) -> Mapping[str, tuple[str, ...]]:
        """The nodes that use another one's layer, by the id of that one."""
        found: dict[str, tuple[str, ...]] = {}
        for id, node in self.nodes.items():
            if node.shares:
                found[node.shares] = (*found.get(node.shares, ()), id)
        return found

    def alike(self, id: str) -> tuple[str, ...]:
        """The node and all others of its kind that share one layer with it."""
        node = self.nodes[id]
        if not node.shares and id not in self.sharers:
            return (id,)
        first = node.shares or id
        group = (first, *self.sharers.get(first, ()))
        return tuple(one for one in group if type(self.nodes[one].kind) is type(node.kind))

    @cached_property
    def blocks(self) -> Mapping[str, Definition]:
        """The definitions that its nodes use, by name, inner ones first."""
        return {block.name: block for node in self.nodes.values() for block in node.kind.blocks}

    @property
    def essence(self) -> dict[str, Any]:
        """What is computed, as plain JSON without the places on the canvas."""
        nodes = {
            id: [node.name, node.muted, kinds.to_json(node.kind), *([node.shares] if node.shares else [])]
            for id, node in sorted(self.nodes.items())
        }
        return {"nodes": nodes, "wires": [[w.source, w.output, w.target, w.input] for w in self.wires]}

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
        put = {node.id: node for node in nodes}
        graph = evolve(self, nodes={**self.nodes, **put})
        kept = ["_incoming", "_outgoing"]  # who is wired to whom has not changed
        before = self.nodes
        if all(
            id in before and type(before[id].kind) is type(node.kind) and not (node.muted or before[id].muted)
            for id, node in put.items()
        ):
            kept += ["order", "alive"]  # nor what comes before what
        known = vars(self)
        vars(graph).update({name: known[name] for name in kept if name in known})
        return graph


def _grouped(keys: Iterable[str], wires: Iterable[Wire]) -> dict[str, tuple[Wire, ...]]:
    groups: dict[str, list[Wire]] = {}
    for key, wire in zip(keys, wires, strict=True):
        groups.setdefault(key, []).append(wire)
    return {key: tuple(group) for key, group in groups.items()}


def node_of(graph: Graph, id: str) -> Node:
    """The node of that id. Raises `Refused` where there is none."""
    try:
        return graph.nodes[id]
    except KeyError:
        raise Refused("there is no layer {id}", id=id) from None


def without(nodes: Mapping[str, Node], gone: Container[str]) -> dict[str, Node]:
    """The nodes that remain. Where the owner of shared weights goes, the first that shared them owns them."""
    heirs: dict[str, Node] = {}
    kept: dict[str, Node] = {}
    for id, node in nodes.items():
        if id not in gone:
            if node.shares in gone:
                heir = heirs.setdefault(node.shares, node)
                owned = heir.id != id and can_share(heir.kind, node.kind)
                node = evolve(node, shares=heir.id if owned else "")
            kept[id] = node
    return kept


def on_canvas(x: float, y: float) -> bool:
    """Whether a place is a place: finite numbers, and not absurdly far away."""
    return abs(x) < FARTHEST and abs(y) < FARTHEST
