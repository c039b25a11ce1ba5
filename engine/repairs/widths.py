"""Ways out where the number of features or channels does not suit a layer: the layer that makes them, made
wider, or a layer put in between.
"""

from __future__ import annotations

from engine import kinds
from engine.kinds import Layer
from engine.kinds.objections import HEADS_DO_NOT_DIVIDE, RESHAPE_COUNT
from engine.layers.arithmetic import INNER_SIZES_DIFFER, RANK_DIFFERS
from engine.layers.convolution import Convolution
from engine.layers.dense import Linear
from engine.layers.positions import WIDTH_ODD
from engine.layers.rearrange import Squeeze, Transpose, Unsqueeze
from engine.layers.recurrent import Recurrent
from engine.layers.reshape import Flatten
from engine.layers.resize import CHANNELS_DO_NOT_DIVIDE
from engine.layers.shaping import AXIS_ODD
from engine.layers.transformer import UNEQUAL_WIDTHS
from engine.layers.transposed import Transposed
from engine.message import Message
from engine.project.graph import Wire
from engine.repairs.ideas import ideas
from engine.repairs.site import Ideas, Site, set_param


def filters(site: Site, wire: Wire, size: int) -> Ideas:
    """As many maps as are wanted, from the convolution that makes them."""
    producer = site.producer(wire, Convolution, Transposed)
    if producer is not None:
        title = Message("Set {name} to {value} filter{value:|s}", name=producer.name, value=size)
        yield set_param(producer, "out_channels", size, title)


def features(site: Site, wire: Wire, size: int) -> Ideas:
    """As many numbers along the last axis as are wanted, from the layer that makes them."""
    producer = site.producer(wire, Linear)
    if producer is not None:
        title = Message("Set {name} to {value} output{value:|s}", name=producer.name, value=size)
        yield set_param(producer, "out_features", size, title)
    wide = (("hidden_size", Recurrent), ("width", kinds.registry(Layer)["Embedding"]))
    for setting, family in wide:
        producer = site.producer(wire, family)
        if producer is not None:
            title = Message("Set {name} to {value} wide", name=producer.name, value=size)
            yield set_param(producer, setting, size, title)


def a_linear(site: Site, wire: Wire, size: int) -> Ideas:
    """A layer in between that brings the last axis to the size."""
    title = Message("Insert a Linear with {size} output{size:|s}", size=size)
    yield site.put_in(title, wire, Linear(out_features=size))


@ideas(AXIS_ODD, WIDTH_ODD, CHANNELS_DO_NOT_DIVIDE, HEADS_DO_NOT_DIVIDE)
def multiple(site: Site) -> Ideas:
    """The next size that splits as the layer needs it (`multiple`, along `axis`, of the samples too)."""
    step, axis = site.problem.facts.get("multiple"), site.problem.facts.get("axis", -1)
    wire = site.wires[0]
    shape = site.shape(wire)
    if shape is None or not isinstance(step, int) or not isinstance(axis, int):
        return
    axis %= len(shape.dims)
    size = -(-shape.sample[axis - 1] // step) * step
    if axis == len(shape.dims) - 1:
        yield from features(site, wire, size)
        yield from a_linear(site, wire, size)
    elif axis == 1:
        yield from filters(site, wire, size)


@ideas(UNEQUAL_WIDTHS)
def unequal_widths(site: Site) -> Ideas:
    """The odd sequence brought to the width of the other."""
    size = site.problem.facts.get("expected")
    for wire in site.wires:
        shape = site.shape(wire)
        if shape is not None and isinstance(size, int) and shape.sample[-1] != size:
            yield from a_linear(site, wire, size)
            yield from features(site, wire, size)


@ideas(INNER_SIZES_DIFFER)
def inner_sizes(site: Site) -> Ideas:
    """One of two matrices turned, or the rows of the first as long as the second has them."""
    for wire in site.wires:
        title = Message("Turn what {name} gives, with a Transpose", name=site.graph.nodes[wire.source].name)
        yield site.put_in(title, wire, Transpose(first=-2, second=-1))
    size = site.problem.facts.get("received")
    if isinstance(size, int):
        yield from a_linear(site, site.wires[0], size)


@ideas(RANK_DIFFERS)
def rank_differs(site: Site) -> Ideas:
    """As many axes as are named: one of size 1 more or less, or the last ones in one."""
    axes, odd = site.problem.facts.get("expected"), site.problem.facts.get("odd")
    if not isinstance(axes, int) or not isinstance(odd, tuple):
        return
    wire = site.wires[odd[0]]
    shape = site.shape(wire)
    if shape is None:
        return
    more = axes - len(shape.dims)
    if more > 0:
        title = (
            Message("Insert Unsqueeze") if more == 1 else Message("Insert {more} times Unsqueeze", more=more)
        )
        yield site.put_in(title, wire, *[Unsqueeze() for _ in range(more)])
        return
    ones = [axis for axis, size in enumerate(shape.dims) if size == 1]
    if more == -1 and ones:
        yield site.put_in(Message("Insert Squeeze"), wire, Squeeze(axis=ones[0]))
    if axes > 1:
        title = Message("Insert Flatten from axis {axis} on", axis=axes - 1)
        yield site.put_in(title, wire, Flatten(start=axes - 1))


@ideas(RESHAPE_COUNT)
def reshape_count(site: Site) -> Ideas:
    """As many numbers as the sizes come to, from the layer that makes them."""
    wire, known = site.wires[0], site.problem.facts.get("expected")
    shape = site.shape(wire)
    if shape is None or not isinstance(known, int):
        return
    whole = -(-shape.size // known) * known if -1 in getattr(site.node.kind, "sizes", ()) else known
    for axis, resize in ((-1, features), (0, filters)):
        others = shape.size // shape.sample[axis] if shape.sample else 1
        if whole % others == 0:
            yield from resize(site, wire, whole // others)
