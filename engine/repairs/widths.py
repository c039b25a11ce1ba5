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
from engine.repairs.site import Ideas, Place, set_of


def filters(place: Place, wire: Wire, size: int) -> Ideas:
    """As many maps as are wanted, from the convolution that makes them."""
    maker = place.feeding(wire, Convolution, Transposed)
    if maker is not None:
        title = Message("Set {name} to {value} filter{value:|s}", name=maker.name, value=size)
        yield set_of(maker, "out_channels", size, title)


def features(place: Place, wire: Wire, size: int) -> Ideas:
    """As many numbers along the last axis as are wanted, from the layer that makes them."""
    maker = place.feeding(wire, Linear)
    if maker is not None:
        title = Message("Set {name} to {value} output{value:|s}", name=maker.name, value=size)
        yield set_of(maker, "out_features", size, title)
    wide = (("hidden_size", Recurrent), ("width", kinds.registry(Layer)["Embedding"]))
    for setting, family in wide:
        maker = place.feeding(wire, family)
        if maker is not None:
            title = Message("Set {name} to {value} wide", name=maker.name, value=size)
            yield set_of(maker, setting, size, title)


def a_linear(place: Place, wire: Wire, size: int) -> Ideas:
    """A layer in between that brings the last axis to the size."""
    title = Message("Insert a Linear with {size} output{size:|s}", size=size)
    yield place.put_in(title, wire, Linear(out_features=size))


@ideas(AXIS_ODD, WIDTH_ODD, CHANNELS_DO_NOT_DIVIDE, HEADS_DO_NOT_DIVIDE)
def multiple(place: Place) -> Ideas:
    """The next size that splits as the layer needs it (`multiple`, along `axis`, of the samples too)."""
    step, axis = place.problem.facts.get("multiple"), place.problem.facts.get("axis", -1)
    wire = place.wires[0]
    shape = place.shape(wire)
    if shape is None or not isinstance(step, int) or not isinstance(axis, int):
        return
    axis %= len(shape.dims)
    size = -(-shape.sample[axis - 1] // step) * step
    if axis == len(shape.dims) - 1:
        yield from features(place, wire, size)
        yield from a_linear(place, wire, size)
    elif axis == 1:
        yield from filters(place, wire, size)


@ideas(UNEQUAL_WIDTHS)
def unequal_widths(place: Place) -> Ideas:
    """The odd sequence brought to the width of the other."""
    size = place.problem.facts.get("expected")
    for wire in place.wires:
        shape = place.shape(wire)
        if shape is not None and isinstance(size, int) and shape.sample[-1] != size:
            yield from a_linear(place, wire, size)
            yield from features(place, wire, size)


@ideas(INNER_SIZES_DIFFER)
def inner_sizes(place: Place) -> Ideas:
    """One of two matrices turned, or the rows of the first as long as the second has them."""
    for wire in place.wires:
        title = Message("Turn what {name} gives, with a Transpose", name=place.graph.nodes[wire.source].name)
        yield place.put_in(title, wire, Transpose(first=-2, second=-1))
    size = place.problem.facts.get("received")
    if isinstance(size, int):
        yield from a_linear(place, place.wires[0], size)


@ideas(RANK_DIFFERS)
def rank_differs(place: Place) -> Ideas:
    """As many axes as are named: one of size 1 more or less, or the last ones in one."""
    axes, odd = place.problem.facts.get("expected"), place.problem.facts.get("odd")
    if not isinstance(axes, int) or not isinstance(odd, tuple):
        return
    wire = place.wires[odd[0]]
    shape = place.shape(wire)
    if shape is None:
        return
    more = axes - len(shape.dims)
    if more > 0:
        title = (
            Message("Insert Unsqueeze") if more == 1 else Message("Insert {more} times Unsqueeze", more=more)
        )
        yield place.put_in(title, wire, *[Unsqueeze() for _ in range(more)])
        return
    ones = [axis for axis, size in enumerate(shape.dims) if size == 1]
    if more == -1 and ones:
        yield place.put_in(Message("Insert Squeeze"), wire, Squeeze(axis=ones[0]))
    if axes > 1:
        title = Message("Insert Flatten from axis {axis} on", axis=axes - 1)
        yield place.put_in(title, wire, Flatten(start=axes - 1))


@ideas(RESHAPE_COUNT)
def reshape_count(place: Place) -> Ideas:
    """As many numbers as the sizes come to, from the layer that makes them."""
    wire, known = place.wires[0], place.problem.facts.get("expected")
    shape = place.shape(wire)
    if shape is None or not isinstance(known, int):
        return
    whole = -(-shape.size // known) * known if -1 in getattr(place.node.kind, "sizes", ()) else known
    for axis, resize in ((-1, features), (0, filters)):
        others = shape.size // shape.sample[axis] if shape.sample else 1
        if whole % others == 0:
            yield from resize(place, wire, whole // others)
