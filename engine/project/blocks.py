"""Blocks: layers folded into one, defined once and used wherever they are wanted.

A definition is a value that every use holds, so that equality, undo, memory and threads treat a use like any
other layer. To change a definition is to put another one in the place of it, at every use
(`engine.edits.blocks`).
"""

from __future__ import annotations

import hashlib
import json
import keyword
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

from attrs import evolve, field, frozen

from engine import kinds
from engine.kinds import BlockEnd, Definition, Layer, Param, types
from engine.kinds.identifiers import Names, free, identifier
from engine.kinds.ports import Port
from engine.kinds.shapes import Pattern
from engine.message import Illegal, Message, counted
from engine.project.graph import Graph, Node

DEEPEST = 40  # blocks within blocks
REPEAT = Param(
    "repeat", 1, types.Integer(1, 1000), "How many times in a row, each with weights of its own", "", False
)
_CODE = frozenset({*keyword.kwlist, "torch", "nn", "F", "m", "self"})


@frozen
class Exposed:
    """A setting of a layer within a block that each use of the block may choose for itself. Settings of one
    name are chosen together.
    """

    name: str
    node: str
    param: str


@frozen(slots=False, eq=False)
class Block:
    """A definition: a graph whose ends are Entries and Exits, and the settings that it offers to its uses.

    Two are equal where they are drawn alike, layer by layer in the same order. Blocks within blocks are
    compared once, however often they are used.
    """

    graph: Graph
    exposed: tuple[Exposed, ...] = ()

    def __eq__(self, other: object) -> bool:
        if self is other or not isinstance(other, Block):
            return self is other
        return self._hash == other._hash and self._digest == other._digest

    def __hash__(self) -> int:
        return self._hash

    @cached_property
    def _hash(self) -> int:
        return hash((self.graph, tuple(self.graph.nodes.values()), self.exposed))

    def __repr__(self) -> str:
        return f"Block({self.name!r}, {len(self.layers)} layers)"

    @cached_property
    def _digest(self) -> bytes:
        """A short text that only equal blocks have in common."""
        drawn = [
            (node, kinds.to_json(node.kind), [block._digest.hex() for block in _definitions(node)[-1:]])
            for node in self.graph.nodes.values()
        ]
        drawing = [
            self.graph.name,
            [[n.id, n.name, n.x, n.y, n.muted, n.shares, kind, block] for n, kind, block in drawn],
            [[w.source, w.output, w.target, w.input] for w in self.graph.wires],
            [[one.name, one.node, one.param] for one in self.exposed],
        ]
        return hashlib.sha256(json.dumps(drawing, sort_keys=True).encode()).digest()

    @property
    def name(self) -> str:
        """What the block is called. Its class in the code is called after it."""
        return self.graph.name

    @cached_property
    def entries(self) -> tuple[Node, ...]:
        """The nodes where values come in, in the order of the block's inputs."""
        return tuple(n for n in self.graph.nodes.values() if isinstance(n.kind, BlockEnd) and n.kind.outputs)

    @cached_property
    def exits(self) -> tuple[Node, ...]:
        """The nodes where values go out, in the order of the block's outputs."""
        return tuple(
            n for n in self.graph.nodes.values() if isinstance(n.kind, BlockEnd) and not n.kind.outputs
        )

    @cached_property
    def ends(self) -> Mapping[str, str]:
        """The names of inputs and outputs in wires and code, by the ids of the Entries and Exits."""
        names = Names(_CODE)
        return {node.id: names.give(identifier(node.name, "value")) for node in (*self.entries, *self.exits)}

    @cached_property
    def layers(self) -> tuple[Node, ...]:
        """The nodes that are layers, not ends."""
        return tuple(node for node in self.graph.nodes.values() if not isinstance(node.kind, BlockEnd))

    @cached_property
    def within(self) -> tuple[Block, ...]:
        """The definitions that stand inside this one, at any depth, inner ones first."""
        return tuple(dict.fromkeys(block for node in self.layers for block in _definitions(node)))

    @cached_property
    def depth(self) -> int:
        """How many levels of blocks stand in one another, this one counted."""
        return 1 + max((block.depth for block in self.within), default=0)

    @cached_property
    def family(self) -> str:
        """The family that most of its layers with weights to learn belong to."""
        families = Counter(node.kind.family for node in self.layers)
        telling = [name for name in _TELLING if families[name]]
        return max(telling or families or ["combine"], key=lambda name: families[name])

    @property
    def essence(self) -> list[Any]:
        """What it computes, as plain JSON without places on the canvas."""
        return [self.graph.essence, [[one.name, one.node, one.param] for one in self.exposed]]

    def param(self, exposed: Exposed) -> Param | None:
        """The exposed setting as the block offers it, or None where the layer no longer has it."""
        node = self.graph.nodes.get(exposed.node)
        if node is None:
            return None
        own = next((p for p in kinds.params(node.kind) if p.name == exposed.param), None)
        if own is None:
            return None
        return evolve(own, name=exposed.name, default=getattr(node.kind, own.name))

    @cached_property
    def params(self) -> tuple[Param, ...]:
        """The settings that it offers; a use has its own value of each, or the definition's."""
        offered: dict[str, Param] = {}
        for one in self.exposed:
            if one.name not in offered and (param := self.param(one)) is not None:
                offered[one.name] = param
        return tuple(offered.values())

    def accept(self, name: str, value: Any) -> Any:
        """The value as an offered setting can have it. Raises `Illegal` where one of the layers cannot."""
        for one in self.exposed:
            if one.name == name and (param := self.param(one)) is not None:
                value = param.type.accept(value)
        return value


_TELLING = ("convolution", "recurrent", "attention", "dense")


def _times(value: Any) -> int:
    number: int = REPEAT.type.accept(value)
    return number


@frozen(slots=False, kw_only=True, cache_hash=True)
class Use(Layer):
    """A block where it is used: a layer made of layers.

    Change the block and every use of it follows.
    """

    block: Block
    repeat: int = field(default=1, converter=_times)
    values: tuple[tuple[str, Any], ...] = ()

    def __attrs_post_init__(self) -> None:
        if not self.values:
            return
        given = dict(self.values)
        known = [param.name for param in self.block.params]
        for name in given:
            if name not in known:
                raise Illegal("{block} has no setting {name}", block=self.block.name, name=name)
        accepted = ((name, self.block.accept(name, given[name])) for name in known if name in given)
        object.__setattr__(self, "values", tuple(accepted))  # in the block's order, so that equal is equal

    def __getattr__(self, name: str) -> Any:
        """The value of an exposed setting, as any other layer has its settings."""
        block = vars(self).get("block")
        if block is not None and not name.startswith("_"):
            for param in block.params:
                if param.name == name:
                    return dict(self.values).get(name, param.default)
        raise AttributeError(name)

    @cached_property
    def graph(self) -> Graph:
        """What the block is made of, here, with this use's own values put in."""
        if self.repeat != 1:
            return self.once.graph  # every time through it is the same value, so that it is looked at once
        given, graph = dict(self.values), self.block.graph
        changed: dict[str, Layer] = {}
        for one in self.block.exposed:
            if one.name in given:
                kind = changed.get(one.node) or graph.nodes[one.node].kind
                kind = kinds.changed(kind, one.param, given[one.name])
                changed.update(dict.fromkeys(graph.alike(one.node), kind))
        if not changed:
            return graph
        _ = graph.order, graph.alive  # what is known of the definition need not be found out for each use
        return graph.with_nodes(evolve(graph.nodes[id], kind=kind) for id, kind in changed.items())

    @cached_property
    def once(self) -> Use:
        """The same without repetition."""
        return self if self.repeat == 1 else evolve(self, repeat=1)

    # ------------------------------------------------------------------ as a layer

    def label(self) -> str:  # type: ignore[override]  # a kind's name belongs to its class, a block's to its value
        """The block's name."""
        return self.block.name

    def doc(self) -> str:  # type: ignore[override]  # as above
        """What it is made of, in words."""
        labels = Counter(node.kind.label() for node in self.block.layers)
        parts = [name if number == 1 else f"{number} {name}" for name, number in labels.items()]
        if not parts:
            return "Empty: what arrives goes on."
        named = " and ".join([", ".join(parts[:-1]), parts[-1]]) if len(parts) > 1 else parts[0]
        return f"Made of {counted(len(self.block.layers), 'layer')}: {named}."

    @property
    def in_a_row(self) -> str:
        """How often it is repeated."""
        return f"×{self.repeat}" if self.repeat > 1 else ""

    @property
    def family(self) -> str:  # type: ignore[override]  # as above
        """That of most of its layers."""
        return self.block.family

    @property
    def stem(self) -> str:  # type: ignore[override]  # as above
        """What nodes that use it are called."""
        return identifier(self.block.name, "block")

    icon = "block"

    @cached_property
    def outputs(self) -> tuple[str, ...]:  # type: ignore[override]  # as above
        """One for each Exit."""
        return tuple(self.block.ends[node.id] for node in self.block.exits)

    @property
    def blocks(self) -> tuple[Block, ...]:  # type: ignore[override]  # as above
        """Its definition, after those that stand inside it."""
        return (*self.block.within, self.block)

    def ports(self) -> tuple[Port, ...]:
        """One for each Entry. It accepts what the first layer behind it accepts."""
        return self._ports

    @cached_property
    def _ports(self) -> tuple[Port, ...]:
        return (
            self.once._ports if self.repeat != 1 else tuple(self._port(node) for node in self.block.entries)
        )

    def _port(self, entry: Node) -> Port:
        graph = self.graph
        fed = [
            port
            for wire in graph.outgoing(entry.id)
            if wire.target in graph.alive and not graph.nodes[wire.target].muted
            if (port := graph.nodes[wire.target].kind.port(wire.input)) is not None
        ]
        name = self.block.ends[entry.id]
        if not fed:
            return Port(Pattern("N *"), entry.name, name, "any")
        tells = min(fed, key=lambda port: (port.pattern.text == "N *", port.dtype == "any", port.many))
        return Port(tells.pattern, tells.doc, name, tells.dtype)

    def summary(self) -> str:
        """How many layers it is made of."""
        number = len(self.block.layers)
        return f"{counted(number, 'layer')} inside"

    def own_params(self) -> tuple[Param, ...]:
        """What the block offers, then how often it is repeated."""
        return (*self.block.params, REPEAT)

    def with_setting(self, name: str, value: Any) -> Use:
        """The same with another repetition, or with a value of its own for an exposed setting."""
        if name == REPEAT.name:
            return evolve(self, repeat=value)
        return evolve(self, values=(*((n, v) for n, v in self.values if n != name), (name, value)))

    def json(self) -> dict[str, Any]:
        """Its block by name: the definition stands beside the network it is used in."""
        values = {name: kinds.plain(value) for name, value in self.values}
        return {"kind": "Use", "block": self.block.name, "repeat": self.repeat, "values": values}

    def of(self, block: Block) -> Use:
        """The same use of another definition; own values stay where they are still legal."""
        values = []
        for param in block.params:
            if param.name in dict(self.values):
                try:
                    values.append((param.name, block.accept(param.name, dict(self.values)[param.name])))
                except Illegal:
                    continue
        return evolve(self, block=block, values=tuple(values))


def _definitions(node: Node) -> tuple[Block, ...]:
    return node.kind.blocks if isinstance(node.kind, Use) else ()


class Newcomers:
    """Takes in layers from elsewhere: a block whose name another one has here gets a new name."""

    def __init__(self, known: Mapping[str, Definition]) -> None:
        self._known = dict(known)
        self._made: dict[Block, Block] = {}

    def adopt(self, kind: Layer) -> Layer:
        """The layer as it can stand here."""
        return kind.of(self._adopted(kind.block)) if isinstance(kind, Use) else kind

    def _adopted(self, block: Block) -> Block:
        if block not in self._made:
            nodes = [
                evolve(node, kind=self.adopt(node.kind))
                for node in block.layers
                if isinstance(node.kind, Use)
            ]
            made = block if not nodes else evolve(block, graph=block.graph.with_nodes(nodes))
            if self._known.get(made.name, made) != made:
                made = evolve(made, graph=evolve(made.graph, name=free(made.name, self._known, " ")))
            self._known[made.name] = self._made[block] = made
        return self._made[block]


def clash(nodes: Iterable[Node]) -> Message | None:
    """Why these nodes cannot stand together: two blocks of one name, or blocks nested too deeply."""
    known: dict[str, Definition] = {}
    for node in nodes:
        for block in node.kind.blocks:
            if known.setdefault(block.name, block) != block:
                return Message("two blocks cannot both be called {name}; rename one", name=block.name)
            if block.depth > DEEPEST:
                return Message("blocks can be nested {deepest} deep and no deeper", deepest=DEEPEST)
    return None


def layers_in_all(nodes: Iterable[Node]) -> int:
    """How many layers these nodes stand for: those within a block count each time that it is used."""
    return sum(
        layers_in_all(node.kind.block.layers) * node.kind.repeat if isinstance(node.kind, Use) else 1
        for node in nodes
    )
