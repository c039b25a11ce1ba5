"""Ways out for the network as a whole."""

from __future__ import annotations

from itertools import pairwise
from math import prod

from engine import edits, kinds
from engine.analysis.check import check
from engine.analysis.memory import footprint
from engine.analysis.problems import BATCH_OF_ONE, EMPTY, MEMORY, NO_INPUT, NO_OUTPUT, NOTHING_TO_TRAIN
from engine.analysis.results import Analysis
from engine.data.schema import Schema
from engine.hardware import memory
from engine.kinds import Layer
from engine.layers.dense import Linear
from engine.layers.input_output import Input, Output
from engine.layers.reshape import Flatten
from engine.losses.loss import Loss
from engine.message import Message
from engine.project.graph import Graph, Node
from engine.project.layout import free_spot
from engine.repairs.ideas import ideas, network_ideas
from engine.repairs.repair import NamedEdit, Repair, single
from engine.repairs.site import Ideas, Site, set_param


@network_ideas(NO_OUTPUT)
def no_output(analysis: Analysis) -> Ideas:
    """An Output after one of the layers at which the network ends, the lowest first; with the layers that the
    usual loss for this data needs before it, where what arrives does not suit it.
    """
    graph, schema = analysis.project.graph, analysis.schema
    if schema is None:
        return
    ends = [n for n in graph.nodes.values() if n.kind.outputs and not graph.outgoing(n.id)]
    ends.sort(key=lambda n: -n.y)
    loss, size = usual_loss(schema)
    for node in ends[:3]:
        yield add_below(graph, node, Message("Add an Output after {name}", name=node.name), Output(loss=loss))
    linear = Linear(out_features=size)
    for node in ends[:3]:
        title = Message(
            "Add a Linear with {size} output{size:|s} and an Output after {name}", size=size, name=node.name
        )
        yield add_below(graph, node, title, linear, Output(loss=loss))
        title = Message("Add Flatten, a Linear with {size} output{size:|s} and an Output", size=size)
        yield add_below(graph, node, title, Flatten(), linear, Output(loss=loss))


def usual_loss(schema: Schema) -> tuple[Loss, int]:
    """The usual loss for the data's target, and how many outputs it takes."""
    column = schema.columns[schema.target]
    loss = "CrossEntropy" if column.classes else "MeanSquaredError"
    return kinds.registry(Loss)[loss](), len(column.classes) or prod(column.shape)


def add_below(graph: Graph, node: Node, title: Message, *layers: Layer) -> Repair:
    """Put new layers below one that nothing follows, in a row and wired."""
    steps: list[NamedEdit] = []
    source, output, x = node.id, node.kind.outputs[0], node.x
    for i, (id, layer) in enumerate(zip(edits.new_ids(graph, len(layers)), layers, strict=True), start=1):
        x, y = free_spot(graph, x, node.y + i * 86.0, layer)
        steps.append(NamedEdit("add", {"id": id, "kind": layer, "at": (x, y)}))
        wire = {"source": source, "output": output, "target": id, "input": layer.ports()[0].name}
        steps.append(NamedEdit("connect", wire))
        source, output = id, "out"
    return Repair(title, tuple(steps))


@network_ideas(NOTHING_TO_TRAIN)
def nothing_to_train(analysis: Analysis) -> Ideas:
    """To train a layer that is frozen, or to put one with weights before an Output."""
    graph = analysis.project.graph
    for node in graph.nodes.values():
        if getattr(node.kind, "frozen", False) and analysis.nodes[node.id].frozen:
            yield set_param(
                node, "frozen", False, Message("Thaw {name}, so that it is trained", name=node.name)
            )
    for output in graph.outputs:
        for wire in graph.incoming(output.id):
            shape = analysis.nodes[wire.source].outputs.get(wire.output)
            if shape is not None and shape.sample:
                title = Message("Insert a Linear before {name}", name=output.name)
                linear = Linear(out_features=shape.sample[-1])
                yield single(title, "insert", id=edits.new_id(graph), kind=linear, wire=wire)


@network_ideas(MEMORY)
def less_memory(analysis: Analysis) -> Ideas:
    """As many samples a step as fit into nine tenths of what is free: it is not the same a moment later. Else
    a narrower layer, or fewer samples of data that is made up.
    """
    free = memory.available()
    needed = footprint(analysis)
    size = needed.batch_within(free * 9 // 10) if free is not None else 0
    if needed.largest == "data" and free is not None:
        yield from _fewer_samples(analysis, free * 9 // 10)
    if size:
        recipe = analysis.project.recipe.with_setting("batch_size", size)
        title = Message("Set the batch size to {size}", size=size)
        yield single(title, "set_recipe", recipe=recipe)
    elif free is not None:
        yield from _narrower(analysis, free * 9 // 10)


def _fewer_samples(analysis: Analysis, room: int) -> Ideas:
    """As many samples as fit, where the source lets one choose how many there are."""
    data = analysis.project.data
    samples = getattr(data.source, "samples", None)
    if not isinstance(samples, int):
        return
    needed = footprint(analysis)
    most = samples * room // max(1, needed.whole)
    fewer = data.with_setting("source", data.source.with_setting("samples", max(1, most)))
    yield single(Message("Make up {samples} samples", samples=f"{most:,}"), "set_data", data=fewer)


def _narrower(analysis: Analysis, room: int) -> Ideas:
    """The Linear layer with the most weights, halved until its training fits."""
    graph = analysis.project.graph
    linears = [(node, node.kind) for node in graph.nodes.values() if isinstance(node.kind, Linear)]
    if not linears:
        return
    node, kind = max(linears, key=lambda one: analysis.nodes[one[0].id].parameters)
    size = kind.out_features
    while size > 1:
        size //= 2
        title = Message("Set {name} to {size} output{size:|s}", name=node.name, size=f"{size:,}")
        narrower = set_param(node, "out_features", size, title)
        if footprint(check(narrower.apply(analysis.project), analysis)).whole <= room:
            yield narrower
            return


@ideas(BATCH_OF_ONE)
def batch_of_two(site: Site) -> Ideas:
    """The smallest batch that has a spread."""
    recipe = site.analysis.project.recipe.with_setting("batch_size", 2)
    yield single(Message("Set the batch size to {size}", size=2), "set_recipe", recipe=recipe)


@network_ideas(NO_INPUT)
def no_input(analysis: Analysis) -> Ideas:
    """An Input before one of the layers at which the network begins, the highest first."""
    graph = analysis.project.graph
    starts = [n for n in graph.nodes.values() if n.kind.ports() and not graph.incoming(n.id)]
    starts.sort(key=lambda n: n.y)
    for node in starts[:3]:
        id = edits.new_id(graph)
        wire = {"source": id, "output": "out", "target": node.id, "input": node.kind.ports()[0].name}
        spot = free_spot(graph, node.x, node.y - 86.0, Input())
        add = NamedEdit("add", {"id": id, "kind": Input(), "at": spot})
        yield Repair(Message("Add an Input before {name}", name=node.name), (add, NamedEdit("connect", wire)))


@network_ideas(EMPTY)
def smallest_network(analysis: Analysis) -> Ideas:
    """The fewest layers that can learn this data: from the Input through one Linear to the Output."""
    project = analysis.project
    ids = edits.new_ids(project.graph, 4)
    schema = analysis.schema
    if schema is None:
        return
    loss, size = usual_loss(schema)
    layers: list[Layer] = [Input(), Flatten(), Linear(out_features=size), Output(loss=loss)]
    steps = [
        NamedEdit("add", {"id": id, "kind": layer, "at": (0.0, i * 70.0)})
        for i, (id, layer) in enumerate(zip(ids, layers, strict=True))
    ]
    steps += [
        NamedEdit("connect", {"source": a, "output": "out", "target": b, "input": "x"})
        for a, b in pairwise(ids)
    ]
    yield Repair(Message("Begin with the smallest network for this data"), tuple(steps))
