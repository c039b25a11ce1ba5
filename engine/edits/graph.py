"""Every edit is a function from a project to a project. One that may not be made raises `Refused`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import count, islice

from attrs import evolve

from engine import kinds
from engine.data.settings import DataSettings
from engine.kinds import Layer, Unknown
from engine.kinds.ports import Port
from engine.layers.weighted import NONE
from engine.message import Refused
from engine.project.blocks import Newcomers
from engine.project.graph import Graph, Node, Wire, node_of, on_canvas
from engine.project.layout import GAP, free_spot, height, width
from engine.project.project import Project
from engine.project.recipe import Recipe
from engine.project.sharing import can_share

# --------------------------------------------------------------------------- names


def new_id(graph: Graph) -> str:
    """An id that no node of the graph has."""
    return new_ids(graph, 1)[0]


def new_ids(graph: Graph, number: int) -> list[str]:
    """So many ids that no node of the graph has."""
    fresh = (id for i in count(graph.last_number + 1) if (id := f"n{i}") not in graph.nodes)
    return list(islice(fresh, number))


def _legal_name(graph: Graph, name: str, id: str) -> str:
    """A name for a node, without blanks around it. Names are unique, since the code and the saved weights use
    them.
    """
    name = name.strip()
    if not name:
        raise Refused("a layer needs a name")
    if len(name) > 60:
        raise Refused("expected a name of at most 60 characters, received {number}", number=len(name))
    if not name.isprintable():
        raise Refused("expected a name on one line, without control characters")
    if graph.names.owner(name) not in {None, id}:
        raise Refused("another layer is called {name}; a name belongs to one layer", name=name)
    return name


# --------------------------------------------------------------------------- nodes


def add(
    project: Project, id: str, kind: Layer, at: tuple[float, float] = (0.0, 0.0), name: str | None = None
) -> Project:
    """Put a new layer on the canvas."""
    graph = project.graph
    if not id or id in graph.nodes:
        raise Refused("expected a new id, but {id} is taken", id=repr(id))
    kind = Newcomers(graph.blocks).adopt(kind) if kind.blocks else kind
    name = graph.names.free(kind) if name is None else _legal_name(graph, name, id)
    node = Node(id, kind, name, *_spot(*at))
    return _with(project, graph.with_nodes([node]))


def remove(project: Project, ids: Iterable[str], wires: Iterable[Wire] = ()) -> Project:
    """Take layers away with every wire at them, and further wires by themselves."""
    gone, graph = set(ids), project.graph
    for id in gone:
        node_of(graph, id)
    return _with(project, graph.without(gone, set(wires)))


def move(project: Project, ids: Iterable[str], dx: float, dy: float) -> Project:
    """Shift layers on the canvas, in pixels at 100 %."""
    graph = project.graph
    nodes = [node_of(graph, id) for id in ids]
    return _with(project, graph.with_nodes([put(node, node.x + dx, node.y + dy) for node in nodes]))


def place(project: Project, positions: Mapping[str, tuple[float, float]]) -> Project:
    """Put layers at places, as tidying does."""
    graph = project.graph
    placed = [put(node_of(graph, id), x, y) for id, (x, y) in positions.items()]
    return _with(project, graph.with_nodes(placed))


def put(node: Node, x: float, y: float) -> Node:
    """The node at another place. Raises `Refused` where that is none."""
    return node.at(*_spot(x, y))


def _spot(x: float, y: float) -> tuple[float, float]:
    """A place in hundredths of a pixel, so that files stay short."""
    if not on_canvas(x, y):
        raise Refused("expected a place on the canvas, received {x}, {y}", x=x, y=y)
    return round(float(x), 2), round(float(y), 2)


def set_param(project: Project, id: str, name: str, value: object) -> Project:
    """Change one setting of a layer. Raises `Illegal` with the limits where the value is not allowed."""
    node = node_of(project.graph, id)
    return set_kind(project, id, kinds.changed(node.kind, name, value))


def set_kind(project: Project, id: str, kind: Layer) -> Project:
    """Put another layer in the place of one, and of those that share its weights. Wires to ports that it does
    not have are taken away. Raises `Refused` where a norm would part it from those.
    """
    graph = project.graph
    before = node_of(graph, id).kind
    kind = Newcomers(graph.blocks).adopt(kind) if kind.blocks else kind
    wires = graph.wires
    alike = graph.alike(id)
    unlike = kind.ports() != before.ports() or kind.outputs != before.outputs
    if unlike or isinstance(before, Unknown):  # a file may wire what is not known at any port
        for one in alike:
            wires = tuple(_fitting(wires, one, kind))
    changed = graph.with_nodes(evolve(graph.nodes[one], kind=kind) for one in alike)
    apart = [
        evolve(changed.nodes[one], shares="")
        for owner, sharers in changed.sharers.items()
        for one in sharers
        if not can_share(changed.nodes[owner].kind, changed.nodes[one].kind)
    ]
    if apart and type(kind) is type(before) and getattr(kind, "norm", NONE) != NONE:
        others = [graph.nodes[one] for one in (graph.nodes[id].shares or id, *graph.sharers.get(id, ()))]
        raise Refused(
            "expected weights that are used as they are, since {name} shares them with {other}; a norm would "
            "make others of them. Give it weights of its own first",
            name=graph.nodes[id].name,
            other=", ".join(one.name for one in others if one.id != id),
        )
    changed = changed.with_nodes(apart)
    return _with(project, changed if wires is graph.wires else changed.with_wires(wires))


def _fitting(wires: Iterable[Wire], id: str, kind: Layer) -> Iterator[Wire]:
    """The wires that can stay when a node becomes another kind: a port that takes one keeps its first."""
    full: set[str] = set()
    for wire in wires:
        if wire.source == id and wire.output not in kind.outputs:
            continue
        if wire.target == id:
            port = kind.port(wire.input)
            if port is None or wire.input in full:
                continue
            if not port.many:
                full.add(wire.input)
        yield wire


def rename(project: Project, id: str, name: str) -> Project:
    """Give a layer another name."""
    graph = project.graph
    node = node_of(graph, id)
    return _with(project, graph.with_nodes([evolve(node, name=_legal_name(graph, name, id))]))


def mute(project: Project, ids: Iterable[str], muted: bool) -> Project:
    """Let what arrives go through layers as if they were not there, or no longer. Where several are meant, an
    Input or Output among them stays as it is.
    """
    graph = project.graph
    nodes = [node_of(graph, id) for id in ids]
    able = [node for node in nodes if node.passable]
    if nodes and not able:
        raise Refused("{name} cannot be muted: it needs an input and an output for that", name=nodes[0].name)
    return _with(project, graph.with_nodes(evolve(node, muted=muted) for node in able))


# --------------------------------------------------------------------------- wires


def connect(
    project: Project, source: str, output: str, target: str, input: str, replace: bool = False
) -> Project:
    """Draw a wire. Refuses a cycle, and a second wire into a single port unless it replaces the first."""
    graph = project.graph
    start, end = node_of(graph, source), node_of(graph, target)
    port = end.kind.port(input)
    if output not in start.kind.outputs:
        raise Refused("{name} has no output {output}", name=start.name, output=output)
    if port is None:
        raise Refused("{name} has no input {input}", name=end.name, input=input)
    if graph.reaches(target, source):
        raise Refused(
            "this wire would close a circle: {target} already feeds {source}; a network flows one way",
            source=start.name,
            target=end.name,
        )
    wire = Wire(source, output, target, input)
    wires = graph.wires
    if wire in min(graph.outgoing(source), graph.incoming(target), key=len):
        raise Refused("that wire is already there")
    present = () if port.many else graph.arriving(target, input)
    if present:
        if not replace:
            raise Refused(
                "{name} takes one wire at its input ({input}) and has it; "
                "replace that wire, or join both with Add or Concatenate",
                name=end.name,
                input=port_label(port),
            )
        wires = tuple(other for other in wires if other not in present)
    return _with(project, graph.with_wires((*wires, wire)))


def disconnect(project: Project, wires: Iterable[Wire]) -> Project:
    """Take wires away."""
    return remove(project, (), wires)


def insert(
    project: Project, id: str, kind: Layer, wire: Wire, at: tuple[float, float] | None = None
) -> Project:
    """Put a new layer into a wire: what flowed along it now flows through the layer. Without a place it
    stands under what it follows, or beside that where another layer is in the way.
    """
    graph = project.graph
    old = next((one for one in graph.incoming(wire.target) if one == wire), None)
    if old is None:
        raise Refused("that wire is no longer there")
    if not kind.ports() or not kind.outputs:
        raise Refused("{kind} cannot stand in a wire: it needs an input and an output", kind=kind.label())
    source = graph.nodes[wire.source]
    project = _with(project, make_room(graph, source, [graph.nodes[wire.target]], height(kind)))
    under = _under(source)
    project = add(project, id, kind, free_spot(project.graph, *under, kind) if at is None else at)
    first = Wire(wire.source, wire.output, id, kind.ports()[0].name)
    second = Wire(id, kind.outputs[0], wire.target, wire.input)
    place = next(i for i, other in enumerate(graph.wires) if other is old)
    wires = (*graph.wires[:place], first, second, *graph.wires[place + 1 :])
    return _with(project, project.graph.with_wires(wires))


def make_room(graph: Graph, source: Node, targets: Iterable[Node], tall: float) -> Graph:
    """Shift layers down, as far as a layer of that height needs between a source and what stands below it.

    With them moves what they feed and what stands under any of them; the rest of the drawing stays, and so
    does a target that is not below its source.
    """
    below = source.y + height(source.kind) + GAP
    lower = [target for target in targets if target.y >= below - GAP]
    first = min((target.y for target in lower), default=below + tall + GAP)
    needed = below + tall + GAP - first
    if needed <= 0:
        return graph
    return graph.with_nodes([put(node, node.x, node.y + needed) for node in _hanging(graph, lower, first)])


def _hanging(graph: Graph, nodes: Iterable[Node], top: float) -> list[Node]:
    """Nodes with what follows them and what stands under any of these, as far as it is not above `top`."""
    low = {node.id: node for node in graph.nodes.values() if node.y >= top}
    found: dict[str, Node] = {}
    columns: set[tuple[float, float]] = set()  # most share one, which need not be looked through for each
    queue = list(nodes)
    while queue:
        node = queue.pop()
        if node.id in found:
            continue
        found[node.id] = node
        queue += [low[wire.target] for wire in graph.outgoing(node.id) if wire.target in low]
        column = (node.x, width(node.kind))
        if column not in columns:
            columns.add(column)
            queue += [one for one in low.values() if abs(one.x - node.x) < (width(one.kind) + column[1]) / 2]
    return list(found.values())


def _under(node: Node) -> tuple[float, float]:
    return node.x, node.y + height(node.kind) + GAP


def reorder(project: Project, target: str, input: str, order: Iterable[int]) -> Project:
    """Put the wires into a many-port in another order: `order` lists their present places."""
    graph = project.graph
    node_of(graph, target)
    present = graph.arriving(target, input)
    places = list(order)
    if sorted(places) != list(range(len(present))):
        raise Refused("expected each of {number} wires once", number=len(present))
    queue = iter([present[i] for i in places])
    wires = tuple(next(queue) if wire in present else wire for wire in graph.wires)
    return _with(project, graph.with_wires(wires))


def port_label(port: Port) -> str:
    """What a port is called in a sentence."""
    return port.doc or port.name


# --------------------------------------------------------------------------- the rest of a project


def set_title(project: Project, name: str) -> Project:
    """Name the network. The name becomes the class in the code."""
    name = name.strip()
    if not name or len(name) > 80:
        raise Refused("expected a name of 1 to 80 characters")
    if not name.isprintable():
        raise Refused("expected a name on one line, without control characters")
    return _with(project, evolve(project.graph, name=name))


def set_data(project: Project, data: DataSettings) -> Project:
    """Learn from other data, or split and scale it otherwise."""
    return evolve(project, data=data)


def set_recipe(project: Project, recipe: Recipe) -> Project:
    """Train otherwise."""
    return evolve(project, recipe=recipe)


def _with(project: Project, graph: Graph) -> Project:
    return evolve(project, graph=graph)
