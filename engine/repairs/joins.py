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
from engine.repairs.repair import Repair, Step
from engine.repairs.site import Ideas, Place, set_of, set_param
from engine.repairs.widths import features, filters


@ideas(UNEQUAL_SHAPES)
def unequal_shapes(place: Place) -> Ideas:
    """Bring the odd wire to the shape of the others."""
    found = place.problem.facts.get("settings", ())
    odd = place.problem.facts.get("odd", ())
    wires = place.wires
    others = [i for i in range(len(wires)) if i not in odd] if isinstance(odd, tuple) else []
    if not others or not isinstance(odd, tuple):
        return
    wanted = place.shape(wires[others[0]])
    yield from _gate(place, [wires[i] for i in (*odd, others[0])])
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
        yield from filters(place, wire, want[0])
        yield from _keep_size(maker)
    yield from features(place, wire, want[-1])


def _gate(place: Place, wires: list[Wire]) -> Ideas:
    """One number for each channel of a map: the row gets axes of size 1, which stretch over the map."""
    shapes = [place.shape(wire) for wire in wires]
    largest = max((shape.sample for shape in shapes if shape is not None), key=len)
    for wire, shape in zip(wires, shapes, strict=True):
        if shape is None or len(largest) < 3 or shape.sample != largest[:1]:
            continue
        sizes = (*largest[:1], *(1 for _ in largest[1:]))
        title = Message(
            "Reshape {name} to {sizes} and let it stretch",
            name=place.graph.nodes[wire.source].name,
            sizes=joined(sizes, 1),
        )
        stretch = Step("set_param", {"id": place.node.id, "name": "stretch", "value": True})
        yield Repair(title, (*place.steps_in(wire, Reshape(sizes=sizes)), stretch))


def _keep_size(maker: Node) -> Ideas:
    """A padding with which a convolution keeps the size of its map."""
    kernel = getattr(maker.kind, "kernel_size", 1)
    sizes = kernel if isinstance(kernel, tuple) else (kernel,)
    if all(size % 2 for size in sizes):
        yield set_of(
            maker,
            "padding",
            tuple(size // 2 for size in sizes) if len(sizes) > 1 else sizes[0] // 2,
            Message("Pad {name} so that it keeps the size", name=maker.name),
        )
