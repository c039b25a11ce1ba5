"""The network: nodes, wires, and the graph that holds them. Values, never changed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

from attrs import evolve, field, frozen

from engine import kinds
from engine.kinds import Definition, Layer
from engine.kinds.ports import Port
from engine.message import Message, Refused
from engine.project.names import NodeNames
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

    def at(self, x: float, y: float) -> Node:
        """The same node elsewhere."""
        return Node(self.id, self.kind, self.name, x, y, self.muted, self.shares)

    def only_moved(self, after: Node) -> bool:
        """Whether a later value of the node differs from this one by its place at most."""
        return (
            self.kind is after.kind
            and self.name == after.name
            and self.muted == after.muted
            and self.shares == after.shares
        )

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
    dropped: tuple[Message, ...] = field(default=(), eq=False)
    """What a file said of wires that cannot be, which were left out; known until layers or wires are
    edited."""

    def __hash__(self) -> int:
        return hash((self.name, tuple(self.nodes), self.wires))

    # ------------------------------------------------------------------ derived

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
        return first_wired(self.nodes[id].kind, self.incoming(id))

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
        incoming = self._incoming
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
                    for wire in incoming.get(id, ()):
                        waiting.append(wire.source)
        return frozenset(reached)

    @cached_property
    def order(self) -> tuple[str, ...]:
        """Every node after all that it depends on. A branch is finished before the next one begins."""
        begun: set[str] = set()
        order: list[str] = []
        incoming, outgoing = self._incoming, self._outgoing
        ends = [node.id for node in self.outputs]
        ends += [id for id in self.nodes if id not in outgoing]
        for end in (*ends, *self.nodes):
            waiting: list[str | None] = [] if end in begun else [end]
            while waiting:
                id = waiting.pop()
                if id is None:  # all before the node below are in order
                    order.append(str(waiting.pop()))
                elif id not in begun:
                    begun.add(id)
                    waiting += (id, None)
                    for wire in reversed(incoming.get(id, ())):
                        waiting.append(wire.source)
        return tuple(order)

    @cached_property
    def sharers(self) -> Mapping[str, tuple[str, ...]]:
        """The nodes that use another one's layer, by the id of that one."""
        sharers: dict[str, tuple[str, ...]] = {}
        for id, node in self.nodes.items():
            if node.shares:
                sharers[node.shares] = (*sharers.get(node.shares, ()), id)
        return sharers

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

    @cached_property
    def names(self) -> NodeNames:
        """Which node has which name."""
        return NodeNames({node.name: id for id, node in self.nodes.items()})

    @cached_property
    def last_number(self) -> int:
        """The highest number in an id such as n12, or 0."""
        return max(map(_number, self.nodes), default=0)

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
        reached: set[str] = set()
        waiting = [id]
        while waiting:
            one = waiting.pop()
            if one not in reached:
                reached.add(one)
                waiting += [wire.source for wire in self.incoming(one)]
        return reached

    def reaches(self, start: str, end: str) -> bool:
        """Whether what leaves one node comes to another, or they are the same.

        The way is sought from both ends by turns, so that it takes no longer than the shorter side has nodes:
        a wire at the end of a long network is drawn as quickly as one in a short network.
        """
        below, above = {start}, {end}
        down, up = [start], [end]
        while down and up and start != end:
            reached = {wire.target for wire in self.outgoing(down.pop())} - below
            if not reached.isdisjoint(above):
                return True
            below |= reached
            down += reached
            reached = {wire.source for wire in self.incoming(up.pop())} - above
            if not reached.isdisjoint(below):
                return True
            above |= reached
            up += reached
        return start == end

    # ------------------------------------------------------------------ the graph after an edit
    #
    # What was derived of a graph is handed on to the one after an edit where the edit leaves it true. So the
    # thousandth edit asks for as little as the first.

    def with_nodes(self, nodes: Iterable[Node]) -> Graph:
        """The same graph with these nodes put in, or in the place of those with their ids."""
        put = {node.id: node for node in nodes}
        graph = Graph(self.name, {**self.nodes, **put}, self.wires)
        graph._inherit(self, ["_incoming", "_outgoing"])  # who is wired to whom has not changed
        changes = [
            (old, new)
            for id, new in put.items()
            if (old := self.nodes.get(id)) is None or not old.only_moved(new)
        ]
        if all(
            old and type(old.kind) is type(new.kind) and not (old.muted or new.muted) for old, new in changes
        ):
            graph._inherit(self, ["order", "alive"])
        before = [old for old, _ in changes if old is not None]
        if not any(node.kind.family == "io" for node in (*before, *put.values())):
            graph._inherit(self, ["inputs", "outputs"])
        if all(new.shares == (old.shares if old else "") for old, new in changes):
            graph._inherit(self, ["sharers"])
        if all(self._known_blocks(old, new) for old, new in changes):
            graph._inherit(self, ["blocks"])
        renamed = [(old, new) for old, new in changes if old is None or old.name != new.name]
        if not renamed:
            graph._inherit(self, ["names"])
        elif "names" in vars(self):
            names = self.names.copy()
            names.take_away(old.name for old, _ in renamed if old)
            for _, new in renamed:
                names.give(new.name, new.id)
            vars(graph)["names"] = names
        if "last_number" in vars(self):
            vars(graph)["last_number"] = max([self.last_number, *map(_number, put)])
        return graph

    def _known_blocks(self, old: Node | None, new: Node) -> bool:
        """Whether `blocks` is the same after a node was put in, or in the place of an old one."""
        if old is not None:
            return new.kind is old.kind or not (old.kind.blocks or new.kind.blocks)
        return all(self.blocks.get(block.name) is block for block in new.kind.blocks)

    def with_wires(self, wires: tuple[Wire, ...]) -> Graph:
        """The same nodes, wired so."""
        graph = Graph(self.name, self.nodes, wires)
        graph._inherit(self, ["inputs", "outputs", "sharers", "blocks", "names", "last_number"])
        if wires[: len(self.wires)] == self.wires:
            more = wires[len(self.wires) :]
            if "_incoming" in vars(self):
                vars(graph)["_incoming"] = _grouped([wire.target for wire in more], more, self._incoming)
            if "_outgoing" in vars(self):
                vars(graph)["_outgoing"] = _grouped([wire.source for wire in more], more, self._outgoing)
        return graph

    def without(self, gone: Collection[str], cut: Collection[Wire] = ()) -> Graph:
        """The graph without some nodes and the wires at them, and without some more wires. Where the owner of
        shared weights goes, the first that shared them owns them.
        """
        nodes = {id: node for id, node in self.nodes.items() if id not in gone}
        for owner, sharers in self.sharers.items():
            if owner in gone and (left := [nodes[id] for id in sharers if id in nodes]):
                heir = left[0]
                nodes[heir.id] = evolve(heir, shares="")
                for node in left[1:]:
                    nodes[node.id] = evolve(node, shares=heir.id if can_share(heir.kind, node.kind) else "")
        wires = [wire for wire in self.wires if wire.source not in gone and wire.target not in gone]
        graph = Graph(self.name, nodes, tuple([wire for wire in wires if wire not in cut] if cut else wires))
        if "last_number" in vars(self) and all(_number(id) < self.last_number for id in gone):
            graph._inherit(self, ["last_number"])
        return graph

    def subgraph(self, ids: Iterable[str]) -> Graph:
        """Some nodes and the wires among them, as a graph of their own."""
        return self.without(self.nodes.keys() - set(ids))

    def _inherit(self, before: Graph, names: Iterable[str]) -> None:
        """Take over what is known of the graph before an edit."""
        known = vars(before)
        vars(self).update({name: known[name] for name in names if name in known})


def _grouped(
    keys: Iterable[str], wires: Iterable[Wire], before: Mapping[str, tuple[Wire, ...]] | None = None
) -> dict[str, tuple[Wire, ...]]:
    """The wires by their keys, each group in order, behind those that were there before."""
    groups = dict(before or {})
    for key, wire in zip(keys, wires, strict=True):
        groups[key] = (*groups.get(key, ()), wire)
    return groups


def _number(id: str) -> int:
    """The number in an id such as n12, or 0. Of an endless one there is no next."""
    return int(id[1:]) if len(id) < 10 and id[1:].isdecimal() else 0


def first_wired(kind: Layer, wires: Sequence[Wire]) -> Wire | None:
    """Of the wires into a layer the first into its first wired port, or None where there is none."""
    if len(wires) < 2:
        return wires[0] if wires else None
    places = {port.name: i for i, port in enumerate(kind.ports())}
    return min(wires, key=lambda wire: places.get(wire.input, 0))


def node_of(graph: Graph, id: str) -> Node:
    """The node of that id. Raises `Refused` where there is none."""
    try:
        return graph.nodes[id]
    except KeyError:
        raise Refused("there is no layer {id}", id=id) from None


def on_canvas(x: float, y: float) -> bool:
    """Whether a place is a place: finite numbers, and not absurdly far away."""
    return abs(x) < FARTHEST and abs(y) < FARTHEST
