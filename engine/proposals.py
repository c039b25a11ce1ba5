"""Ideas for ways out of a problem, by its name. `engine.repairs` tries each and keeps those that work.

Objections of layers may carry settings that would do (`settings`: pairs of name and value). What reaches
beyond the layer itself, such as putting another one before it, stands here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import pairwise
from math import isqrt, prod
from typing import Any

from attrs import frozen

from engine import edits, kinds
from engine.analysis import Analysis, Problem
from engine.data.schema import Schema
from engine.graph import Graph, Node, Wire
from engine.kinds import Kind, Layer, Loss
from engine.layers.adaptive import AdaptiveAvgPool1d, AdaptiveAvgPool2d, GlobalAvgPool
from engine.layers.block_ends import Entry, Exit
from engine.layers.combine import Add
from engine.layers.convolution import Convolution
from engine.layers.dense import Linear
from engine.layers.ends import Input, Output
from engine.layers.recurrent import Recurrent
from engine.layers.reshape import Flatten, Permute, Reshape
from engine.message import Illegal, Message
from engine.repairs import Repair, Step
from engine.shapes import Shape

Ideas = Iterator[Repair]


@frozen
class Place:
    """Where a problem is: its node and what stands around it."""

    problem: Problem
    analysis: Analysis
    graph: Graph
    node: Node

    @property
    def wires(self) -> tuple[Wire, ...]:
        """The wires into the port that the problem names, or into the node."""
        if self.problem.port:
            return self.graph.arriving(self.node.id, self.problem.port)
        return self.graph.incoming(self.node.id)

    def shape(self, wire: Wire) -> Shape | None:
        """What a wire carries."""
        return self.analysis.nodes[wire.source].outputs.get(wire.output)

    def put_in(self, title: Message, wire: Wire, *layers: Layer) -> Repair:
        """Put layers into a wire, one after the other."""
        steps, here = [], wire
        for id, layer in zip(edits.new_ids(self.graph, len(layers)), layers, strict=True):
            steps.append(Step("insert", {"id": id, "kind": layer, "wire": here}))
            here = Wire(id, layer.outputs[0], wire.target, wire.input)
        return Repair(title, tuple(steps))

    def feeding(self, wire: Wire, family: type[Layer]) -> Node | None:
        """The nearest layer of a family above a wire, through layers that have one input."""
        id = wire.source
        while True:
            node = self.graph.nodes[id]
            if isinstance(node.kind, family):
                return node
            above = self.graph.incoming(id)
            if len(above) != 1:
                return None
            id = above[0].source


def proposals(problem: Problem, analysis: Analysis) -> Ideas:
    """Everything worth trying, the most likely first."""
    graph = analysis.project.graph
    node = graph.nodes.get(problem.node)
    if node is None:
        yield from _GENERAL.get(problem.name, _nothing)(analysis)
        return
    place = Place(problem, analysis, graph, node)
    for name in (problem.name, "*"):
        try:
            yield from _AT_NODE.get(name, _none)(place)
        except Illegal:  # an idea outside a setting's limits is no idea
            continue


def _none(place: Place) -> Ideas:
    yield from ()


def _nothing(analysis: Analysis) -> Ideas:
    yield from ()


# --------------------------------------------------------------------------- any objection


def set_param(node: Node, name: str, value: Any) -> Repair:
    """Change one setting of a layer."""
    label = next((p.label.lower() for p in kinds.params(node.kind) if p.name == name), name)
    if isinstance(value, bool):
        title = Message("Turn {setting} on" if value else "Turn {setting} off", setting=label)
    elif value is None:
        title = Message("Clear {setting}", setting=label)
    else:
        shown = "×".join(map(str, value)) if isinstance(value, tuple) else value
        shown = shown.label().lower() if isinstance(shown, Kind) else shown
        title = Message("Set {setting} to {value}", setting=label, value=shown)
    return Repair(title, (Step("set_param", {"id": node.id, "name": name, "value": value}),))


def _settings(place: Place) -> Ideas:
    """Settings that the layer itself says would do, then taking the layer out of the way."""
    found = place.problem.facts.get("settings", ())
    for name, value in found if isinstance(found, tuple) else ():
        yield set_param(place.node, name, value)
    if place.node.kind.outputs and place.graph.incoming(place.node.id):
        remove = Step("dissolve", {"ids": (place.node.id,)})
        yield Repair(Message("Remove {name}", name=place.node.name), (remove,))


# --------------------------------------------------------------------------- a shape of the wrong kind


def _wrong_shape(place: Place) -> Ideas:
    for wire in place.wires:
        shape = place.shape(wire)
        port = place.node.kind.port(wire.input)
        if shape is None or port is None or port.pattern.match(shape) is not None:
            continue
        yield from _other_dimension(place, shape)
        yield from _adapters(place, wire, shape)


def _not_flat(place: Place) -> Ideas:
    for wire in place.wires:
        shape = place.shape(wire)
        if shape is not None:
            yield place.put_in(Message("Insert Flatten"), wire, Flatten())
            yield place.put_in(Message("Insert global average pooling"), wire, GlobalAvgPool())
            yield _set_of(place.node, "each", True, Message("Keep it, row by row"))


def _other_dimension(place: Place, shape: Shape) -> Ideas:
    """The same layer for series or pictures: Conv1d where Conv2d cannot go, and the other way round."""
    name = type(place.node.kind).__name__
    base = re.sub(r"[123]d$", "", name)
    other = kinds.registry(Layer).get(f"{base}{len(shape.dims) - 2}d")
    if base == name or other is None or other is type(place.node.kind):
        return
    values = kinds.values_to_json(place.node.kind)
    own = {p.name: p.default for p in kinds.params(other)}
    kept = {key: value for key, value in values.items() if key in own and not isinstance(value, list)}
    kind = kinds.values_from_json(other, kept)
    yield Repair(
        Message("Change it to {kind}", kind=other.label()),
        (Step("set_kind", {"id": place.node.id, "kind": kind}),),
    )


def _adapters(place: Place, wire: Wire, shape: Shape) -> Ideas:
    """Layers that turn what comes into what is wanted."""
    sample, rank = shape.sample, len(shape.dims)
    if rank > 2:
        yield place.put_in(Message("Insert Flatten"), wire, Flatten())
        yield place.put_in(Message("Insert global average pooling"), wire, GlobalAvgPool())
    size = prod(sample)
    side = isqrt(size)
    if rank == 2:
        if side * side == size and side > 1:
            square = Message("Read the {size} values as a {side}×{side} picture", size=size, side=side)
            yield place.put_in(square, wire, Reshape(sizes=(1, side, side)))
        steps = Message("Read the {size} values as {size} steps", size=size)
        yield place.put_in(steps, wire, Reshape(sizes=(size, 1)))
        yield place.put_in(Message("Read them as one channel"), wire, Reshape(sizes=(1, size)))
        yield place.put_in(Message("Read each value as a channel"), wire, Reshape(sizes=(size, 1, 1)))
    if rank == 3:
        yield place.put_in(Message("Add a channel axis"), wire, Reshape(sizes=(1, *sample)))
    if rank == 4:
        channels, height, width = sample
        flat_rows = Reshape(sizes=(height, channels * width))
        rows = Message("Read the picture row by row, {height} steps", height=height)
        if channels == 1:
            yield place.put_in(rows, wire, flat_rows)
        else:
            yield place.put_in(rows, wire, Permute(order=(2, 1, 3)), flat_rows)
        yield place.put_in(Message("Join height and width"), wire, Reshape(sizes=(channels, height * width)))


def _wrong_numbers(place: Place) -> Ideas:
    """Whole numbers where decimals are wanted, or the other way round."""
    wire = place.wires[0]
    shape = place.shape(wire)
    port = place.node.kind.port(place.problem.port)
    if shape is None or port is None:
        return
    registry = kinds.registry(Layer)
    if port.dtype == "float" and shape.dtype == "int" and "Embedding" in registry:
        embedding = registry["Embedding"]()
        yield place.put_in(Message("Insert Embedding, a learned row for each number"), wire, embedding)
    schema = place.analysis.schema
    if schema is not None and isinstance(place.graph.nodes[wire.source].kind, Input):
        for column in schema.columns.values():
            if column.dtype == port.dtype and column.name in schema.inputs:
                yield Repair(
                    Message("Take the column {name}", name=column.name),
                    (Step("set_param", {"id": wire.source, "name": "column", "value": column.name}),),
                )
    width = shape.sample[-1] if shape.sample else 1
    if port.dtype == "int" and not place.node.kind.blocks:
        kind = Linear(out_features=getattr(place.node.kind, "width", width))
        yield Repair(Message("Change it to Linear"), (Step("set_kind", {"id": place.node.id, "kind": kind}),))


# --------------------------------------------------------------------------- shapes that must agree


def _unequal_shapes(place: Place) -> Ideas:
    """Bring the odd wire to the shape of the others."""
    found = place.problem.facts.get("settings", ())
    odd = place.problem.facts.get("odd", ())
    wires = place.wires
    others = [i for i in range(len(wires)) if i not in odd] if isinstance(odd, tuple) else []
    if not others or not isinstance(odd, tuple):
        return
    wanted = place.shape(wires[others[0]])
    for i in (*odd, others[0]):
        wire = wires[i]
        goal = wanted if i != others[0] else place.shape(wires[odd[0]])
        shape = place.shape(wire)
        if shape is None or goal is None:
            continue
        yield from _reach(place, wire, shape, goal)
    for name, value in found if isinstance(found, tuple) else ():
        yield set_param(place.node, name, value)
    for i in odd:
        cut = Step("disconnect", {"wires": (wires[i],)})
        yield Repair(
            Message("Take the wire from {name} away", name=place.graph.nodes[wires[i].source].name), (cut,)
        )


def _reach(place: Place, wire: Wire, shape: Shape, goal: Shape) -> Ideas:
    """Layers, or a setting of the layer before, that turn one shape into another."""
    have, want = shape.sample, goal.sample
    add = isinstance(place.node.kind, Add) or place.node.kind.family == "combine"
    if len(have) == len(want) == 3 and add:
        registry = kinds.registry(Layer)
        strides = tuple(-(-a // b) for a, b in zip(have[1:], want[1:], strict=True))
        conv = registry["Conv2d"](out_channels=want[0], kernel_size=1, stride=strides)
        if have[1:] == want[1:]:
            yield place.put_in(Message("Add a 1×1 Conv2d on the skip"), wire, conv)
        elif min(strides) >= 1:
            yield place.put_in(
                Message(
                    "Add a 1×1 Conv2d with stride {stride} on the skip",
                    stride="×".join(map(str, sorted(set(strides)))),
                ),
                wire,
                conv,
            )
            yield place.put_in(
                Message("Pool to {height}×{width}", height=want[1], width=want[2]),
                wire,
                AdaptiveAvgPool2d(output_size=(want[1], want[2])),
            )
    if len(have) == len(want) == 2 and add and have[0] == want[0]:
        yield place.put_in(Message("Add a Linear on the skip"), wire, Linear(out_features=want[1]))
    if len(have) == len(want) == 2 and have[0] == want[0] and add:
        yield place.put_in(
            Message("Pool to {steps}", steps=want[1]), wire, AdaptiveAvgPool1d(output_size=want[1])
        )
    if len(have) == len(want) == 1 and add:
        yield place.put_in(Message("Add a Linear on the skip"), wire, Linear(out_features=want[0]))
    if len(have) > len(want) == 1:
        yield place.put_in(Message("Insert Flatten"), wire, Flatten())
        yield place.put_in(
            Message("Insert Flatten and Linear"), wire, Flatten(), Linear(out_features=want[0])
        )
    maker = place.feeding(wire, Convolution)
    if maker is not None and len(have) > 1:
        yield _set_of(
            maker,
            "out_channels",
            want[0],
            Message("Set {name} to {value} filters", name=maker.name, value=want[0]),
        )
        yield from _keep_size(maker)
    maker = place.feeding(wire, Linear)
    if maker is not None:
        yield _set_of(
            maker,
            "out_features",
            want[-1],
            Message("Set {name} to {value} outputs", name=maker.name, value=want[-1]),
        )
    maker = place.feeding(wire, Recurrent)
    if maker is not None:
        yield _set_of(
            maker,
            "hidden_size",
            want[-1],
            Message("Set {name} to {value} wide", name=maker.name, value=want[-1]),
        )


def _keep_size(maker: Node) -> Ideas:
    """A padding with which a convolution keeps the size of its map."""
    kernel = getattr(maker.kind, "kernel_size", 1)
    sizes = kernel if isinstance(kernel, tuple) else (kernel,)
    if all(size % 2 for size in sizes):
        yield _set_of(
            maker,
            "padding",
            tuple(size // 2 for size in sizes) if len(sizes) > 1 else sizes[0] // 2,
            Message("Pad {name} so that it keeps the size", name=maker.name),
        )


def _set_of(node: Node, name: str, value: Any, title: Message) -> Repair:
    return Repair(title, (Step("set_param", {"id": node.id, "name": name, "value": value}),))


# --------------------------------------------------------------------------- windows


def _kernel_too_large(place: Place) -> Ideas:
    yield from _settings(place)
    for wire in place.wires:
        pool = place.graph.nodes[wire.source]
        while pool.kind.family not in {"pooling", "io"} and len(place.graph.incoming(pool.id)) == 1:
            pool = place.graph.nodes[place.graph.incoming(pool.id)[0].source]
        if pool.kind.family == "pooling":
            yield Repair(Message("Remove {name}", name=pool.name), (Step("dissolve", {"ids": (pool.id,)}),))


# --------------------------------------------------------------------------- outputs


def _classes(place: Place) -> Ideas:
    """Give the target what it is compared with: one score for each class, one value for each number."""
    wire = place.wires[0]
    shape = place.shape(wire)
    expected = place.problem.facts.get("expected")
    if shape is None or not isinstance(expected, tuple):
        return
    size = expected[0]
    if len(expected) == 1:
        maker = place.feeding(wire, Linear)
        if maker is not None:
            yield _set_of(
                maker,
                "out_features",
                size,
                Message("Set {name} to {value} outputs", name=maker.name, value=size),
            )
        linear = Linear(out_features=size)
        if len(shape.sample) > 1:
            yield place.put_in(Message("Insert Flatten and Linear"), wire, Flatten(), linear)
            yield place.put_in(Message("Insert Flatten"), wire, Flatten())
            yield place.put_in(
                Message("Insert global average pooling and Linear"), wire, GlobalAvgPool(), linear
            )
        else:
            yield place.put_in(Message("Insert a Linear with {size} outputs", size=size), wire, linear)
        maker = place.feeding(wire, Recurrent)
        if maker is not None and "give" in {p.name for p in kinds.params(maker.kind)}:
            yield _set_of(maker, "give", "last", Message("Let {name} give its last state", name=maker.name))
    yield from _other_losses(place)


def _other_losses(place: Place) -> Ideas:
    """Losses that can judge this target."""
    wanted = place.problem.facts.get("losses") or tuple(kinds.registry(Loss))
    for name in wanted if isinstance(wanted, tuple) else ():
        loss = kinds.registry(Loss)[name]()
        yield Repair(
            Message("Use {loss}", loss=loss.label().lower()),
            (Step("set_param", {"id": place.node.id, "name": "loss", "value": loss}),),
        )
    for name in wanted if isinstance(wanted, tuple) else ():
        yield from _loss_and_size(place, name)


def _loss_and_size(place: Place, name: str) -> Ideas:
    """A loss for this target together with the number of outputs that it needs."""
    schema = place.analysis.schema
    wires = place.wires
    if schema is None or not wires or not isinstance(place.node.kind, Output):
        return
    column = schema.columns.get(place.node.kind.target or schema.target)
    maker = place.feeding(wires[0], Linear)
    if column is None or maker is None:
        return
    loss = kinds.registry(Loss)[name]()
    size = (
        len(column.classes)
        if column.classes and getattr(loss, "task", "") == "classes"
        else prod(column.shape)
    )
    yield Repair(
        Message("Use {loss} and set {name} to {size}", loss=loss.label().lower(), name=maker.name, size=size),
        (
            Step("set_param", {"id": place.node.id, "name": "loss", "value": loss}),
            Step("set_param", {"id": maker.id, "name": "out_features", "value": size}),
        ),
    )


def _missing_column(place: Place) -> Ideas:
    name = "target" if isinstance(place.node.kind, Output) else "column"
    schema = place.analysis.schema
    if schema is None:
        return
    for column in (schema.target,) if name == "target" else schema.inputs:
        yield _set_of(place.node, name, column, Message("Take the column {name}", name=column))


# --------------------------------------------------------------------------- wires that are missing


def _unwired(place: Place) -> Ideas:
    """Wire it to the nearest layer above whose output fits."""
    from engine.wiring import fits

    node, graph = place.node, place.graph
    port = next((p for p in node.kind.ports() if p.name == place.problem.port), None)
    if port is None:
        return
    above = [n for n in graph.nodes.values() if n.id != node.id and n.kind.outputs]
    above.sort(
        key=lambda n: (bool(graph.outgoing(n.id)), n.y > node.y, abs(n.y - node.y) + abs(n.x - node.x))
    )
    for other in above[:12]:
        output = other.kind.outputs[0]
        if fits(place.analysis, other.id, output, node.id, port.name):
            wire = {"source": other.id, "output": output, "target": node.id, "input": port.name}
            yield Repair(Message("Wire it after {name}", name=other.name), (Step("connect", wire),))
    if not graph.incoming(node.id):  # else what arrives can flow on, see _settings
        yield Repair(Message("Remove {name}", name=node.name), (Step("remove", {"ids": (node.id,)}),))


def _left_out(place: Place) -> Ideas:
    """Lead it to an Output that still waits, or take it away."""
    from engine.wiring import fits

    node = place.node
    for output in place.graph.outputs:
        if not node.kind.outputs or place.graph.incoming(output.id):
            continue
        if fits(place.analysis, node.id, node.kind.outputs[0], output.id, "x"):
            wire = {"source": node.id, "output": node.kind.outputs[0], "target": output.id, "input": "x"}
            yield Repair(Message("Wire it to {name}", name=output.name), (Step("connect", wire),))
    yield Repair(Message("Remove {name}", name=node.name), (Step("remove", {"ids": (node.id,)}),))


# --------------------------------------------------------------------------- blocks and shared weights


def _inside(place: Place) -> Ideas:
    """The ways out that the inside of the block has, for every use of it."""
    turn = place.problem.facts.get("turn")
    inner = place.problem.inner
    inside = place.analysis.inside(place.node.id, turn if isinstance(turn, int) else 0)
    wanted = () if inner is None else inner.key
    for problem in inside.problems:
        if problem.key == wanted or (problem.name == place.problem.name and not problem.node):
            for repair in problem.repairs:
                steps = tuple(step.within(place.node.id) for step in repair.steps)
                yield Repair(
                    Message("{title}, in {block}", title=repair.title, block=inside.project.graph.name), steps
                )


def _no_exit(analysis: Analysis) -> Ideas:
    graph = analysis.project.graph
    ends = [n for n in graph.nodes.values() if n.kind.outputs and not graph.outgoing(n.id)]
    ends.sort(key=lambda n: -n.y)
    for node in ends[:3]:
        yield _after(graph, node, Message("Add an Exit after {name}", name=node.name), Exit())


def _misplaced(place: Place) -> Ideas:
    """What stands in its place on this side of the block's wall."""
    schema = place.analysis.schema
    pairs: dict[type[Layer], Layer] = {Input: Entry(), Output: Exit(), Entry: Input()}
    if schema is not None:
        pairs[Exit] = Output(loss=_natural(schema)[0])
    other = pairs.get(type(place.node.kind))
    if other is not None:
        step = Step("set_kind", {"id": place.node.id, "kind": other})
        yield Repair(Message("Change it to {kind}", kind=other.label()), (step,))
    yield Repair(Message("Remove {name}", name=place.node.name), (Step("remove", {"ids": (place.node.id,)}),))


def _weights_differ(place: Place) -> Ideas:
    """Weights of its own for one of the two."""
    step = Step("unshare", {"id": place.node.id})
    yield Repair(Message("Give {name} weights of its own", name=place.node.name), (step,))


def _unknown_kind(place: Place) -> Ideas:
    ids = {"ids": (place.node.id,)}
    yield Repair(Message("Remove it and join the wires"), (Step("dissolve", ids),))
    yield Repair(Message("Remove it"), (Step("remove", ids),))


# --------------------------------------------------------------------------- the network as a whole


def _no_output(analysis: Analysis) -> Ideas:
    graph, schema = analysis.project.graph, analysis.schema
    if schema is None:
        return
    ends = [n for n in graph.nodes.values() if n.kind.outputs and not graph.outgoing(n.id)]
    ends.sort(key=lambda n: -n.y)
    loss, size = _natural(schema)
    for node in ends[:3]:
        yield _after(graph, node, Message("Add an Output after {name}", name=node.name), Output(loss=loss))
    linear = Linear(out_features=size)
    for node in ends[:3]:
        title = Message(
            "Add a Linear with {size} outputs and an Output after {name}", size=size, name=node.name
        )
        yield _after(graph, node, title, linear, Output(loss=loss))
        title = Message("Add Flatten, a Linear with {size} outputs and an Output", size=size)
        yield _after(graph, node, title, Flatten(), linear, Output(loss=loss))


def _natural(schema: Schema) -> tuple[Loss, int]:
    """The usual loss for the data's target, and how many outputs it takes."""
    column = schema.columns[schema.target]
    loss = "CrossEntropy" if column.classes else "MeanSquaredError"
    return kinds.registry(Loss)[loss](), len(column.classes) or prod(column.shape)


def _after(graph: Graph, node: Node, title: Message, *layers: Layer) -> Repair:
    """Put new layers below the last one."""
    steps: list[Step] = []
    before, output = node.id, node.kind.outputs[0]
    for i, (id, layer) in enumerate(zip(edits.new_ids(graph, len(layers)), layers, strict=True), start=1):
        steps.append(Step("add", {"id": id, "kind": layer, "at": (node.x, node.y + i * 86.0)}))
        wire = {"source": before, "output": output, "target": id, "input": layer.ports()[0].name}
        steps.append(Step("connect", wire))
        before, output = id, "out"
    return Repair(title, tuple(steps))


def _nothing_to_train(analysis: Analysis) -> Ideas:
    graph = analysis.project.graph
    for node in graph.nodes.values():
        if getattr(node.kind, "frozen", False) and analysis.nodes[node.id].frozen:
            thaw = Step("set_param", {"id": node.id, "name": "frozen", "value": False})
            yield Repair(Message("Thaw {name}, so that it is trained", name=node.name), (thaw,))
    for output in graph.outputs:
        for wire in graph.incoming(output.id):
            shape = analysis.nodes[wire.source].outputs.get(wire.output)
            if shape is not None and shape.sample:
                step = {
                    "id": edits.new_id(graph),
                    "kind": Linear(out_features=shape.sample[-1]),
                    "wire": wire,
                }
                title = Message("Insert a Linear before {name}", name=output.name)
                yield Repair(title, (Step("insert", step),))


def _no_input(analysis: Analysis) -> Ideas:
    graph = analysis.project.graph
    starts = [n for n in graph.nodes.values() if n.kind.ports() and not graph.incoming(n.id)]
    starts.sort(key=lambda n: n.y)
    for node in starts[:3]:
        id = edits.new_id(graph)
        wire = {"source": id, "output": "out", "target": node.id, "input": node.kind.ports()[0].name}
        add = Step("add", {"id": id, "kind": Input(), "at": (node.x, node.y - 86.0)})
        yield Repair(Message("Add an Input before {name}", name=node.name), (add, Step("connect", wire)))


def _empty(analysis: Analysis) -> Ideas:
    project = analysis.project
    ids = edits.new_ids(project.graph, 4)
    schema = analysis.schema
    if schema is None:
        return
    loss, size = _natural(schema)
    layers: list[Layer] = [Input(), Flatten(), Linear(out_features=size), Output(loss=loss)]
    steps = [
        Step("add", {"id": id, "kind": layer, "at": (0.0, i * 70.0)})
        for i, (id, layer) in enumerate(zip(ids, layers, strict=True))
    ]
    steps += [
        Step("connect", {"source": a, "output": "out", "target": b, "input": "x"}) for a, b in pairwise(ids)
    ]
    yield Repair(Message("Begin with the smallest network for this data"), tuple(steps))


_AT_NODE: dict[str, Callable[[Place], Ideas]] = {
    "wrong-shape": _wrong_shape,
    "not-flat": _not_flat,
    "wrong-numbers": _wrong_numbers,
    "unequal-shapes": _unequal_shapes,
    "kernel-too-large": _kernel_too_large,
    "classes-differ": _classes,
    "prediction-shape": _classes,
    "sizes-differ": _classes,
    "target-kind": _other_losses,
    "missing-column": _missing_column,
    "unwired": _unwired,
    "left-out": _left_out,
    "unknown-kind": _unknown_kind,
    "inside": _inside,
    "no-exit": _inside,
    "misplaced": _misplaced,
    "weights-differ": _weights_differ,
    "*": _settings,  # and for every problem at a node
}
_GENERAL: dict[str, Callable[[Analysis], Ideas]] = {
    "no-output": _no_output,
    "no-input": _no_input,
    "empty": _empty,
    "no-exit": _no_exit,
    "nothing-to-train": _nothing_to_train,
}
