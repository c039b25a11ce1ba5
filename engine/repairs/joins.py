"""Ways out where shapes must agree: bring the odd wire to the shape of the others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations, islice
from math import prod

from engine import kinds
from engine.kinds import Layer
from engine.kinds.objections import UNEQUAL_SHAPES
from engine.kinds.shapes import Shape
from engine.layers.adaptive import AdaptiveAvgPool1d, AdaptiveAvgPool2d
from engine.layers.combine import Add
from engine.layers.convolution import Convolution
from engine.layers.dense import Linear
from engine.layers.rearrange import Expand, Unsqueeze
from engine.layers.recurrent import LAST, SEQUENCE, Recurrent
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
    """Bring the odd wire to the shape of the others, or let it stretch to it."""
    odd = site.problem.facts.get("odd", ())
    wires = site.wires
    others = [i for i in range(len(wires)) if i not in odd] if isinstance(odd, tuple) else []
    if not others or not isinstance(odd, tuple):
        return
    wanted = site.shape(wires[others[0]])
    given = site.problem.facts.get("settings", ())
    suggested = [set_param(site.node, *one) for one in given] if isinstance(given, tuple) else []
    # What is added to a larger map is mostly the skip of a residual network, which has weights of its own;
    # what is subtracted, or divided by, would mean something else after a layer that learns.
    learned = not suggested or isinstance(site.node.kind, Add)
    if not learned:
        yield from suggested
    yield from _gate(site, [wires[i] for i in (*odd, others[0])])
    yield from _fewer_axes(site, wires)
    # The odd wires are brought to the shape of the others, and then the other way round: which of them is
    # wrong, the shapes alone do not tell.
    for i in (*odd, others[0]):
        wire = wires[i]
        goal = wanted if i != others[0] else site.shape(wires[odd[0]])
        shape = site.shape(wire)
        if shape is None or goal is None or _loses(shape.sample, goal.sample):
            continue
        yield from _reach(site, wire, shape, goal, learned)
    yield from suggested
    if len(wires) > 2:  # with two, nothing would be left to combine
        for i in odd:
            title = Message("Take the wire from {name} away", name=site.graph.nodes[wires[i].source].name)
            yield single(title, "disconnect", wires=(wires[i],))


def _loses(have: tuple[int, ...], want: tuple[int, ...]) -> bool:
    """Whether one number would stand for many along an axis: what differed there would be the same, and its
    mean, taken from it, would leave nothing.
    """
    return prod(want) == 1 or (
        len(have) == len(want) and any(b == 1 < a for a, b in zip(have, want, strict=True))
    )


def _fewer_axes(site: Site, wires: Sequence[Wire]) -> Ideas:
    """What has fewer axes than the rest gets those that it lacks: as the sequence whose last step it is, or
    with size 1, which stretch.
    """
    shapes = [site.shape(wire) for wire in wires]
    want = max((shape.sample for shape in shapes if shape is not None), key=len, default=())
    for wire, shape in zip(wires, shapes, strict=True):
        if shape is None or len(shape.sample) >= len(want):
            continue
        have = shape.sample
        last = site.producer(wire, Recurrent)
        if (
            last is not None
            and len(want) == 2
            and have == want[1:]
            and getattr(last.kind, "give", "") == LAST
        ):
            title = Message("Let {name} give its sequence", name=last.name)
            yield set_param(last, "give", SEQUENCE, title)
        stretches = any(param.name == "stretch" for param in kinds.params(site.node.kind))
        for new in islice(_places(have, want), 2):
            ones: list[Layer] = [Unsqueeze(axis=axis) for axis in new]
            steps = site.steps_in(wire, *ones)
            words = {"name": site.graph.nodes[wire.source].name, "axes": joined(new, 1)}
            if stretches:
                title = Message("Insert Unsqueeze at axis {axes} after {name}, and let it stretch", **words)
                stretch = NamedEdit("set_param", {"id": site.node.id, "name": "stretch", "value": True})
                yield Repair(title, (*steps, stretch))
            else:
                title = Message("Insert Unsqueeze and Expand at axis {axes} after {name}", **words)
                copies = [Expand(axis=axis, size=want[axis - 1]) for axis in new if want[axis - 1] > 1]
                yield site.put_in(title, wire, *ones, *copies)


def _places(have: tuple[int, ...], want: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    """Where axes of size 1 may be put in, counted from 1, so that the sizes agree with those that are wanted,
    or stretch to them. First before all others, as PyTorch does by itself.
    """
    for new in combinations(range(1, len(want) + 1), len(want) - len(have)):
        kept = [size for axis, size in enumerate(want, start=1) if axis not in new]
        if all(own in (1, size) for own, size in zip(have, kept, strict=True)):
            yield new


def _reach(site: Site, wire: Wire, shape: Shape, goal: Shape, learned: bool) -> Ideas:
    """Layers, or a setting of the layer before, that turn one shape into another. `learned` says whether a
    layer with weights on the wire would keep what is meant; it does where wires are added up, as the skip of
    a residual network.
    """
    have, want = shape.sample, goal.sample
    add = learned and site.node.kind.family == "combine"
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
    if len(have) > len(want) == 1 and learned:
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
