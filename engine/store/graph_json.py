"""A network as plain JSON, and back: its nodes, its wires and the definitions of its blocks. What a file has
and this version does not know is kept as it is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from attrs import evolve

from engine import kinds
from engine.kinds import Layer, Unknown
from engine.message import Illegal, Message, Trouble
from engine.project.blocks import DEEPEST, Block, Exposed, Use
from engine.project.graph import Graph, Node, Wire, on_canvas
from engine.project.sharing import can_share
from engine.store.json_text import excerpt, member


def graph_to_json(graph: Graph) -> dict[str, Any]:
    """The network alone: name, the definitions of its blocks, inner ones first, nodes and wires."""
    blocks = [block_to_json(block) for block in graph.blocks.values() if isinstance(block, Block)]
    return {"name": graph.name, **({"blocks": blocks} if blocks else {}), **_drawing(graph)}


def _drawing(graph: Graph) -> dict[str, Any]:
    return {
        "nodes": [_node_to_json(node) for node in graph.nodes.values()],
        "wires": [[w.source, w.output, w.target, w.input] for w in graph.wires],
    }


def graph_from_json(data: Mapping[str, Any], drop_wires: bool = False) -> Graph:
    """The network that `graph_to_json` wrote; a layer that is not known is kept as it is. A wire that cannot
    be is refused, or left out and told of among the `dropped`. Raises `Trouble`.
    """
    blocks = _BlockReader()
    try:
        for item in member({"blocks": [], **data}, "blocks", list):
            blocks.read(item)
        return _graph(data, blocks, drop_wires)
    except RecursionError:
        raise Trouble("its blocks are nested too deeply") from None


def _graph(data: Mapping[str, Any], blocks: _BlockReader, drop_wires: bool = False) -> Graph:
    name = member(data, "name", str)
    nodes: dict[str, Node] = {}
    for item in member(data, "nodes", list):
        node = _node_from_json(item, blocks)
        if node.id in nodes:
            raise Trouble("two layers have the id {id}", id=node.id)
        nodes[node.id] = node
    if len({node.name for node in nodes.values()}) < len(nodes):
        raise Trouble("two layers have the same name")
    items = member(data, "wires", list)
    nodes = as_declared(nodes, [item for item in items if isinstance(item, list)])
    dropped: list[Message] = []
    graph = Graph(name, nodes, _wires(items, nodes, dropped))
    graph = evolve(graph, wires=_without_circles(graph, dropped), dropped=tuple(dropped))
    if dropped and not drop_wires:
        raise Trouble(dropped[0])
    _must_share_correctly(graph)
    return graph


# --------------------------------------------------------------------------- blocks


def block_to_json(block: Block) -> dict[str, Any]:
    """A definition as plain JSON. Those inside it stand beside it."""
    exposed = [[one.name, one.node, one.param] for one in block.exposed]
    return {"name": block.name, **({"exposed": exposed} if exposed else {}), **_drawing(block.graph)}


class _BlockReader:
    """The definitions in a file. One that cannot be read is kept as it is, with the layers that use it."""

    def __init__(self) -> None:
        self._known: dict[str, Block] = {}
        self._damaged: dict[str, tuple[Any, Message]] = {}
        self._depth = 0

    def read(self, item: Any) -> None:
        """Take in a definition. Those inside it have come before."""
        name = item.get("name") if isinstance(item, dict) else None
        if not isinstance(name, str) or name in self._known:
            raise Trouble("expected a block with a name of its own, received {item}", item=excerpt(item))
        self._depth += 1
        try:
            if self._depth > DEEPEST:
                raise Trouble("it is nested too deeply")
            self._known[name] = self._block(item)
        except Trouble as trouble:
            self._damaged[name] = (item, trouble.message)
        finally:
            self._depth -= 1

    def _block(self, item: Mapping[str, Any]) -> Block:
        graph = _graph(item, self)
        exposed = []
        for one in member({"exposed": [], **item}, "exposed", list):
            match one:
                case [str(name), str(node), str(param)]:
                    exposed.append(Exposed(name, node, param))
                case _:
                    raise Trouble("expected a setting as three names, received {item}", item=excerpt(one))
        block = Block(graph, tuple(exposed))
        if any(block.param(one) is None for one in exposed):
            raise Trouble("it offers a setting that no layer inside has")
        if len({(one.node, one.param) for one in exposed}) < len(exposed):
            raise Trouble("it offers one setting twice")
        if block.depth > DEEPEST:
            raise Trouble("it is nested too deeply")
        return block

    def layer(self, data: Mapping[str, Any]) -> Layer:
        """A layer, or an unknown one that keeps what the file says."""
        return self._use(data) if data.get("kind") == "Use" else kinds.layer_from_json(data)

    def _use(self, layer: Mapping[str, Any]) -> Layer:
        raw = dict(layer)
        name = layer.get("block")
        if isinstance(name, str) and name in self._damaged and "definition" not in raw:
            raw["definition"] = self._damaged[name][0]
        try:
            if isinstance(name, str) and name not in self._known and "definition" in raw:
                self.read(raw["definition"])
            if not isinstance(name, str):
                raise Illegal("expected the name of its block, received {name}", name=excerpt(name))
            if name not in self._known:
                reason = self._damaged[name][1] if name in self._damaged else Message("it is not in the file")
                return Unknown(raw, Message("its block cannot be read: {reason}", reason=reason))
            values = layer.get("values", {})
            if not isinstance(values, dict):
                raise Illegal("expected the values of settings, received {values}", values=excerpt(values))
            return Use(block=self._known[name], repeat=layer.get("repeat", 1), values=tuple(values.items()))
        except Trouble as trouble:
            return Unknown(raw, trouble.message)


def whole_layer_from_json(data: Mapping[str, Any]) -> Layer:
    """A layer by itself, or an unknown one. Where it uses a block, the definition stands in the same JSON."""
    return _BlockReader().layer(data)


# --------------------------------------------------------------------------- nodes and wires


def _node_to_json(node: Node) -> dict[str, Any]:
    item: dict[str, Any] = {"id": node.id, "name": node.name, "at": [_short(node.x), _short(node.y)]}
    if node.muted:
        item["muted"] = True
    if node.shares:
        item["shares"] = node.shares
    return {**item, "layer": kinds.to_json(node.kind)}


def _node_from_json(item: Any, blocks: _BlockReader) -> Node:
    match item:
        case {"id": str(id), "name": str(name), "at": [int() | float() as x, int() | float() as y]}:
            layer = item.get("layer")
            if id and isinstance(layer, dict) and on_canvas(x, y):
                muted = item.get("muted") is True
                kind = blocks.layer(layer)
                shares = item.get("shares", "")
                return Node(
                    id, kind, name, float(x), float(y), muted, shares if isinstance(shares, str) else ""
                )
    raise Trouble(
        'expected a layer with "id", "name", "at" (two numbers on the canvas) and "layer", received {item}',
        item=excerpt(item),
    )


def _wire_from_json(item: Any, nodes: Mapping[str, Node]) -> Wire:
    match item:
        case [str(source), str(output), str(target), str(input)]:
            wire = Wire(source, output, target, input)
        case _:
            raise Trouble(
                "expected a wire as four names (from, output, to, input), received {item}",
                item=excerpt(item),
            )
    for id in (source, target):
        if id not in nodes:
            raise Trouble("a wire goes to the layer {id}, which is not there", id=id)
    start, end = nodes[source].kind, nodes[target].kind
    if not isinstance(start, Unknown) and output not in start.outputs:
        name = nodes[source].name
        raise Trouble("a wire leaves {name} at {output}, which it does not have", name=name, output=output)
    if not isinstance(end, Unknown) and end.port(input) is None:
        name = nodes[target].name
        raise Trouble("a wire arrives at {name} at {input}, which it does not have", name=name, input=input)
    return wire


def _short(number: float) -> float | int:
    return int(number) if float(number).is_integer() else number


# --------------------------------------------------------------------------- what must hold


def as_declared(nodes: Mapping[str, Node], wires: Sequence[Sequence[Any]]) -> dict[str, Node]:
    """The nodes, where a plug-in's kind no longer has an input or output that a wire needs as unknown ones.

    A wire is a list of four: from, output, to, input. What is wrong with other wires is not seen here.
    """
    from_plugins = {id for id, node in nodes.items() if node.kind.plugin}
    if not from_plugins:
        return dict(nodes)
    legible = [wire for wire in wires if len(wire) == 4 and all(isinstance(one, str) for one in wire)]
    arriving = Counter((target, input) for _, _, target, input in legible)
    lost: dict[str, str] = {}
    for source, output, target, input in legible:
        if source in from_plugins and output not in nodes[source].kind.outputs:
            lost[nodes[source].shares or source] = output
        if target in from_plugins:
            port = nodes[target].kind.port(input)
            if port is None or (not port.many and arriving[target, input] > 1):
                lost[nodes[target].shares or target] = input
    return {
        id: _unknown(node, lost[owner])
        if id in from_plugins and (owner := node.shares or id) in lost
        else node
        for id, node in nodes.items()
    }


def _unknown(node: Node, name: str) -> Node:
    message = Message(
        "plug-in {plugin} has changed; its wires need {name}", plugin=node.kind.plugin, name=name[:40]
    )
    return evolve(node, kind=Unknown(kinds.to_json(node.kind), message))


def _wires(items: Sequence[Any], nodes: Mapping[str, Node], dropped: list[Message]) -> tuple[Wire, ...]:
    """The wires that can be, each once and no two at one input; what is wrong with others is put to the
    `dropped`.
    """
    wires: dict[Wire, None] = {}
    taken: set[tuple[str, str]] = set()
    for item in items:
        try:
            wire = _wire_from_json(item, nodes)
        except Trouble as trouble:
            dropped.append(trouble.message)
            continue
        target = nodes[wire.target]
        port = target.kind.port(wire.input)
        if wire in wires:
            dropped.append(Message("the same wire stands there twice"))
        elif port is not None and not port.many and (wire.target, wire.input) in taken:
            dropped.append(Message("two wires arrive at one input of {name}", name=target.name))
        else:
            wires[wire] = None
            taken.add((wire.target, wire.input))
    return tuple(wires)


def _without_circles(graph: Graph, dropped: list[Message]) -> tuple[Wire, ...]:
    """The wires that lead onwards in the order of the graph: those that lead back close a circle."""
    place = {id: i for i, id in enumerate(graph.order)}
    onwards = tuple([wire for wire in graph.wires if place[wire.source] < place[wire.target]])
    if len(onwards) == len(graph.wires):
        return graph.wires
    for wire in graph.wires:
        if place[wire.source] >= place[wire.target]:
            name = graph.nodes[wire.target].name
            dropped.append(Message("its wires form a circle through {name}", name=name))
    return onwards


def _must_share_correctly(graph: Graph) -> None:
    for node in graph.nodes.values():
        if node.shares:
            owner = graph.nodes.get(node.shares)
            if owner is None or owner.shares or not can_share(owner.kind, node.kind):
                raise Trouble(
                    "{name} shares the weights of {owner}, which is not possible",
                    name=node.name,
                    owner=owner.name if owner is not None else node.shares,
                )
