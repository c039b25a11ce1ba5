"""Ways out where shapes must agree: bring the odd wire to the shape of the others."""

from __future__ import annotations

from engine import kinds
from engine.kinds import Layer
from engine.kinds.objections import UNEQUAL_SHAPES
from engine.kinds.shapes import Shape
from engine.layers.adaptive import AdaptiveAvgPool1d, AdaptiveAvgPool2d
from engine.layers.combine import Add
from engine.layers.convolution import Convolution
from engine.layers.dense import Linear
from engine.layers.reshape import Flatten, Reshape
from engine.layers.windows import joined
from engine.message import Message
from engine.project.graph import Node, Wire
from engine.repairs.ideas import ideas
from engine.repairs.repair import NamedEdit, Repair, single
from engine.repairs.site import Ideas, Site, set_param
from engine.repairs.widths import features, filters


@ideas(UNEQUAL_SHAPES)
def unequal_shapes(site: Site) -> Ideas:
    """Bring the odd wire to the shape of the others."""
    suggested = site.problem.facts.get("settings", ())
    odd = site.problem.facts.get("odd", ())
    wires = site.wires
    others = [i for i in range(len(wires)) if i not in odd] if isinstance(odd, tuple) else []
    if not others or not isinstance(odd, tuple):
        return
    wanted = site.shape(wires[others[0]])
    yield from _gate(site, [wires[i] for i in (*odd, others[0])])
    # The odd wires are brought to the shape of the others, and then the other way round: which of them is
    # wrong, the shapes alone do not tell.
    for i in (*odd, others[0]):
        wire = wires[i]
        goal = wanted if i != others[0] else site.shape(wires[odd[0]])
        shape = site.shape(wire)
        if shape is None or goal is None:
            continue
        yield from _reach(site, wire, shape, goal)
    for name, value in suggested if isinstance(suggested, tuple) else ():
        yield set_param(site.node, name, value)
    for i in odd:
        title = Message("Take the wire from {name} away", name=site.graph.nodes[wires[i].source].name)
        yield single(title, "disconnect", wires=(wires[i],))


def _reach(site: Site, wire: Wire, shape: Shape, goal: Shape) -> Ideas:
    """Layers, or a setting of the layer before, that turn one shape into another. A layer with weights on the
    wire is proposed only where wires are added up: there it is the skip of a residual network.
    """
    have, want = shape.sample, goal.sample
    add = isinstance(site.node.kind, Add) or site.node.kind.family == "combine"
    if len(have) == len(want) == 3 and add:
        registry = kinds.registry(Layer)
        strides = tuple(-(-a // b) for a, b in zip(have[1:], want[1:], strict=True))
        conv = registry["Conv2d"](out_channels=want[0], kernel_size=1, stride=strides)
        if have[1:] == want[1:]:
            yield site.put_in(Message("Add a 1×1 Conv2d on the skip"), wire, conv)
        elif min(strides) >= 1:  # a map that is too large shrinks by a stride, or by pooling without weights
            yield site.put_in(
                Message(
                    "Add a 1×1 Conv2d with stride {stride} on the skip",
                    stride="×".join(map(str, sorted(set(strides)))),
                ),
                wire,
                conv,
            )
            yield site.put_in(
                Message("Pool to {height}×{width}", height=want[1], width=want[2]),
                wire,
                AdaptiveAvgPool2d(output_size=(want[1], want[2])),
            )
    if len(have) == len(want) == 2 and add and have[0] == want[0]:
        yield site.put_in(Message("Add a Linear on the skip"), wire, Linear(out_features=want[1]))
    if len(have) == len(want) == 2 and have[0] == want[0] and add:
        yield site.put_in(
            Message("Pool to {steps}", steps=want[1]), wire, AdaptiveAvgPool1d(output_size=want[1])
        )
    if len(have) == len(want) == 1 and add:
        yield site.put_in(Message("Add a Linear on the skip"), wire, Linear(out_features=want[0]))
    if len(have) > len(want) == 1:
        yield site.put_in(Message("Insert Flatten"), wire, Flatten())
        yield site.put_in(Message("Insert Flatten and Linear"), wire, Flatten(), Linear(out_features=want[0]))
    producer = site.producer(wire, Convolution)
    if producer is not None and len(have) > 1:
        yield from filters(site, wire, want[0])
        yield from _keep_size(producer)
    yield from features(site, wire, want[-1])


def _gate(site: Site, wires: list[Wire]) -> Ideas:
    """One number for each channel of a map: the row gets axes of size 1, which stretch over the map."""
    shapes = [site.shape(wire) for wire in wires]
    largest = max((shape.sample for shape in shapes if shape is not None), key=len)
    for wire, shape in zip(wires, shapes, strict=True):
        if shape is None or len(largest) < 3 or shape.sample != largest[:1]:
            continue
        sizes = (*largest[:1], *(1 for _ in largest[1:]))
        title = Message(
            "Reshape {name} to {sizes} and let it stretch",
            name=site.graph.nodes[wire.source].name,
            sizes=joined(sizes, 1),
        )
        stretch = NamedEdit("set_param", {"id": site.node.id, "name": "stretch", "value": True})
        yield Repair(title, (*site.steps_in(wire, Reshape(sizes=sizes)), stretch))


def _keep_size(producer: Node) -> Ideas:
    """A padding with which a convolution keeps the size of its map."""
    kernel = getattr(producer.kind, "kernel_size", 1)
    sizes = kernel if isinstance(kernel, tuple) else (kernel,)
    if all(size % 2 for size in sizes):
        yield set_param(
            producer,
            "padding",
            tuple(size // 2 for size in sizes) if len(sizes) > 1 else sizes[0] // 2,
            Message("Pad {name} so that it keeps the size", name=producer.name),
        )
