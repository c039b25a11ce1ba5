"""Folding layers into a block, and unfolding a block into its layers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from attrs import evolve

from engine.edits import graph as edits
from engine.edits import pasting
from engine.kinds import BlockEnd
from engine.kinds.identifiers import Names, free
from engine.layers.block_ends import Entry, Exit
from engine.layers.input_output import Input, Output
from engine.message import Refused
from engine.project.blocks import Block, Use, clash
from engine.project.graph import Graph, Node, Wire, node_of
from engine.project.layout import GAP, TALL, height, trunk_x
from engine.project.project import Project

MOST = 5000  # layers that unfolding may put on the canvas at once

Value = tuple[str, str]  # a node's id and one of its outputs


def fold(project: Project, ids: Iterable[str], name: str = "Block", id: str | None = None) -> Project:
    """Fold layers into a block, with an input for every value that comes in and an output for every value
    that goes out. Inputs and Outputs stay outside. `id` is the new node's.
    """
    graph = project.graph
    wanted = set(ids)
    every = [one for one in graph.nodes if one in wanted]
    chosen = [
        one for one in every if not isinstance(graph.nodes[one].kind, Input | Output | BlockEnd)
    ] or every
    within = set(chosen)
    _may_fold(graph, chosen)
    id = edits.new_id(graph) if id is None else id
    title = edits.set_title(project, free(name.strip(), graph.blocks, " ")).graph.name
    inner, inputs, outputs = _inside(graph, chosen, title)
    use = Use(block=Block(inner))
    ends = use.block.ends
    wires: dict[Wire, None] = {}
    for wire in graph.wires:
        value = (wire.source, wire.output)
        if wire.source in within and wire.target not in within:
            wires[Wire(id, ends[outputs[value]], wire.target, wire.input)] = None
        elif wire.target in within and wire.source not in within:
            wires[Wire(*value, id, ends[inputs[value]])] = None
        elif wire.source not in within:
            wires[wire] = None
    x = trunk_x(graph, chosen)
    # where a layer stood nothing else does, as it may beside one
    place = x, min(graph.nodes[one].y for one in chosen if graph.nodes[one].x == x)
    rest = graph.without(within)
    project = edits.add(evolve(project, graph=rest), id, use, place)
    problem = clash(project.graph.nodes.values())
    if problem is not None:
        raise Refused(problem)
    return evolve(project, graph=project.graph.with_wires(tuple(wires)))


def _may_fold(graph: Graph, chosen: list[str]) -> None:
    if not chosen:
        raise Refused("there is nothing to fold; select some layers first")
    within, beyond = set(chosen), set[str]()
    for id in chosen:
        node = graph.nodes[id]
        if isinstance(node.kind, Input | Output | BlockEnd):
            raise Refused("{name} stays outside: a block is made of layers", name=node.name)
    for owner in dict.fromkeys(graph.nodes[id].shares or id for id in chosen):
        group = (owner, *graph.sharers.get(owner, ()))
        apart = next((one for one in group if one not in within), None)
        if apart is not None:
            raise Refused(
                "{name} shares its weights with {other}; fold both, or give it weights of its own",
                name=graph.nodes[next(one for one in chosen if one in group)].name,
                other=graph.nodes[apart].name,
            )
    waiting = [wire.target for id in chosen for wire in graph.outgoing(id) if wire.target not in within]
    while waiting:
        id = waiting.pop()
        if id in within:
            raise Refused("what leaves these layers comes back into them; select what lies between, too")
        if id not in beyond:
            beyond.add(id)
            waiting += [wire.target for wire in graph.outgoing(id)]


def _inside(
    graph: Graph, chosen: list[str], title: str
) -> tuple[Graph, Mapping[Value, str], Mapping[Value, str]]:
    """The graph of a new block, and which Entry and Exit stand for which value outside."""
    within = set(chosen)
    piece = graph.subgraph(within)
    coming = dict.fromkeys(
        (w.source, w.output) for w in graph.wires if w.target in within and w.source not in within
    )
    going = dict.fromkeys(
        (w.source, w.output) for w in graph.wires if w.source in within and w.target not in within
    )
    free_ports = [] if coming else [(id, port) for id in chosen for port in _unwired(graph, id)]
    if not going:
        going = dict.fromkeys(
            (id, output) for id in chosen if not graph.outgoing(id) for output in piece.nodes[id].kind.outputs
        )
    if not going:
        raise Refused("nothing comes out of these layers; a block needs an output")
    starts = [*coming, *free_ports]
    ids = edits.new_ids(piece, len(starts) + len(going))
    names = Names(node.name for node in piece.nodes.values())
    left, top = min(n.x for n in piece.nodes.values()), min(n.y for n in piece.nodes.values())
    bottom = max(n.y + height(n.kind) for n in piece.nodes.values())
    entries, exits = dict(zip(starts, ids, strict=False)), dict(zip(going, ids[len(starts) :], strict=True))
    added = []
    for place, ((source, _), id) in enumerate(entries.items()):
        name = "x" if len(starts) == 1 else graph.nodes[source].name
        spot = (left + place * (236 + GAP), top - TALL - 2 * GAP)
        added.append(Node(id, Entry(), names.give(name), *spot))
    for place, ((source, output), id) in enumerate(exits.items()):
        name = output if len(going) == 1 or output != "out" else f"{graph.nodes[source].name}_out"
        added.append(Node(id, Exit(), names.give(name), left + place * (236 + GAP), bottom + 2 * GAP))
    wires = [
        Wire(entries[w.source, w.output], "out", w.target, w.input) if w.source not in within else w
        for w in graph.wires
        if w.target in within
    ]
    wires += [Wire(entries[id, port], "out", id, port) for id, port in free_ports]
    wires += [Wire(*value, id, "x") for value, id in exits.items()]
    nodes = {**piece.nodes, **{node.id: node for node in added}}
    return Graph(title, nodes, tuple(wires)), entries, exits


def _unwired(graph: Graph, id: str) -> list[str]:
    """The inputs of a node that still wait for a wire."""
    ports = graph.nodes[id].kind.ports()
    return [port.name for port in ports if not port.optional and not graph.arriving(id, port.name)]


# --------------------------------------------------------------------------- unfolding


def unfold(project: Project, id: str) -> Project:
    """Put a block's layers in the place of it, as often as it is repeated."""
    graph = project.graph
    node = node_of(graph, id)
    use = node.kind
    if not isinstance(use, Use):
        raise Refused("{name} is not a block", name=node.name)
    if node.muted:
        raise Refused("{name} is muted; unmute it first", name=node.name)
    if node.shares or id in graph.sharers:
        raise Refused("{name} shares its weights; give it weights of its own first", name=node.name)
    if len(use.block.layers) * use.repeat > MOST:
        raise Refused("that would be more than {most} layers", most=f"{MOST:,}")
    if use.repeat > 1 and len(use.outputs) > len(use.ports()):
        raise Refused("{name} cannot be repeated: it has more outputs than inputs", name=node.name)
    return _Unfolding(project, node, use).project


class _Unfolding:
    """One block being unfolded, time after time through it."""

    def __init__(self, project: Project, node: Node, use: Use) -> None:
        self.use, self.inner = use, use.graph
        layers = self.inner.subgraph(layer.id for layer in use.block.layers)
        tall = _extent(layers)
        below = (tall + GAP) * use.repeat - GAP - height(use)
        graph = project.graph
        lower = [one.id for one in graph.nodes.values() if one.id != node.id and one.y > node.y]
        self.project = edits.move(project, lower, 0, max(0.0, below)) if layers.nodes else project
        arriving = {wire.input: (wire.source, wire.output) for wire in graph.incoming(node.id)}
        names = use.block.ends
        values = [arriving.get(names[entry.id]) for entry in use.block.entries]
        self.project = edits.remove(self.project, [node.id])
        self.wires: list[Wire] = []
        copies: dict[str, Node] = {}  # put in all at once: each time by itself would copy the growing network
        for time in range(use.repeat):
            for one in layers.nodes.values():
                id, shares = _nth(one.id, time), one.shares and _nth(one.shares, time)
                copies[id] = evolve(one, id=id, y=one.y + time * (tall + GAP), shares=shares)
        self.project, ids = pasting.merge(self.project, Graph(nodes=copies), (node.x, node.y))
        for time in range(use.repeat):
            found = self._wire({id: ids[_nth(id, time)] for id in layers.nodes}, values)
            values = [*found, *values[len(found) :]]
        outgoing = dict(zip(use.outputs, values, strict=False))
        self._finish(graph, node.id, outgoing)

    def _wire(self, ids: Mapping[str, str], values: list[Value | None]) -> list[Value | None]:
        """Draw the wires of one time through the block. Gives what comes out."""
        entries = dict(zip((entry.id for entry in self.use.block.entries), values, strict=True))
        results: dict[str, Value | None] = {}
        for wire in self.inner.wires:
            value = entries[wire.source] if wire.source in entries else (ids[wire.source], wire.output)
            if wire.target not in ids:
                results[wire.target] = value
            elif value is not None:
                self.wires.append(Wire(*value, ids[wire.target], wire.input))
        return [results.get(end.id) for end in self.use.block.exits]

    def _finish(self, before: Graph, id: str, outgoing: Mapping[str, Value | None]) -> None:
        """Put what left the block where it went, in the place of the old wires."""
        wires: list[Wire] = []
        for wire in before.wires:
            if wire.source == id:
                value = outgoing.get(wire.output)
                wires += [Wire(*value, wire.target, wire.input)] if value is not None else []
            elif wire.target != id:
                wires.append(wire)
        wires += self.wires
        graph = self.project.graph
        if len(set(wires)) < len(wires):
            double = next(wire for place, wire in enumerate(wires) if wire in wires[:place])
            raise Refused(
                "unfolded, one value would arrive twice at {name}, where a wire can be drawn once",
                name=graph.nodes[double.target].name,
            )
        self.project = evolve(self.project, graph=graph.with_wires(tuple(wires)))


def _nth(id: str, time: int) -> str:
    """What a layer of the block is called among the copies of it."""
    return f"{id} {time}"


def _extent(graph: Graph) -> float:
    """How tall a piece is, in pixels."""
    nodes = graph.nodes.values()
    if not nodes:
        return 0.0
    return max(n.y + height(n.kind) for n in nodes) - min(n.y for n in nodes)
