"""Ways from the shape that a wire carries to another one: a setting of the layer that makes it, or layers
that turn it.
"""

from __future__ import annotations

from math import prod

from engine.kinds import Layer
from engine.layers.convolution import Convolution
from engine.layers.dense import Linear
from engine.layers.rearrange import Transpose
from engine.layers.reshape import Flatten, Reshape
from engine.layers.resize import Resize
from engine.layers.transposed import Transposed
from engine.layers.windows import each, joined, one
from engine.message import Message
from engine.project.graph import Node, Wire
from engine.repairs.repair import NamedEdit, Repair
from engine.repairs.site import Ideas, Site, label, set_param
from engine.repairs.widths import filters

Sizes = tuple[int, ...]


def reach(site: Site, wire: Wire, have: Sizes, want: Sizes) -> Ideas:
    """Whatever turns samples of some sizes into samples of others."""
    yield from transpose(site, wire, have, want)
    if prod(have) == prod(want) and sorted(have) != sorted(want):  # else it would shuffle the axes
        title = Message("Insert Reshape to {sizes}", sizes=joined(want, 1))
        yield site.put_in(title, wire, Reshape(sizes=want))
    if len(have) == len(want) > 1:
        yield from _maps(site, wire, have, want)
    yield from _row(site, wire, have, want)


def transpose(site: Site, wire: Wire, have: Sizes, want: Sizes) -> Ideas:
    """Swap the two axes that stand the other way round."""
    odd = [i for i, (a, b) in enumerate(zip(have, want, strict=False)) if a != b]
    if len(have) == len(want) and len(odd) == 2 and sorted(have) == sorted(want):
        first, second = (axis + 1 for axis in odd)
        title = Message("Insert Transpose of the axes {first} and {second}", first=first, second=second)
        yield site.put_in(title, wire, Transpose(first=first, second=second))


def _maps(site: Site, wire: Wire, have: Sizes, want: Sizes) -> Ideas:
    """Channels and padding of the convolution that makes the maps, or maps made larger or smaller."""
    producer = site.producer(wire, Convolution, Transposed)
    if producer is not None:
        (filled,) = filters(site, wire, want[0])
        if have[1:] == want[1:]:
            yield filled
        for setting, sizes in resized(producer, have[1:], want[1:]):
            value = one(sizes)
            words = {"name": producer.name, "setting": label(producer, setting), "value": joined(value, 1)}
            resize = set_param(
                producer, setting, value, Message("Set the {setting} of {name} to {value}", **words)
            )
            if have[0] == want[0]:
                yield resize
                continue
            title = Message("{filters} and its {setting} to {value}", filters=filled.title, **words)
            yield Repair(title, (*filled.steps, *resize.steps))
    if have[1:] != want[1:] and len(have) == 3:
        title = Message("Insert Resize to {sizes}", sizes=joined(want[1:], 1))
        yield site.put_in(title, wire, Resize(sizes=want[1:]))


def resized(producer: Node, have: Sizes, want: Sizes) -> list[tuple[str, Sizes]]:
    """Settings with which a convolution's maps come out in other sizes: its padding, else its kernel."""
    kind, axes = producer.kind, len(have)
    grow = [b - a for a, b in zip(have, want, strict=True)]
    if not isinstance(kind, Convolution | Transposed) or not any(grow) or isinstance(kind.padding, str):
        return []
    sign = 1 if isinstance(kind, Convolution) else -1  # a transposed convolution cuts its padding off
    padding = tuple(p + sign * (d // 2) for p, d in zip(each(kind.padding, axes), grow, strict=True))
    kernel = tuple(k - sign * d for k, d in zip(each(kind.kernel_size, axes), grow, strict=True))
    changes = []
    if all(d % 2 == 0 for d in grow) and min(padding) >= 0:
        changes.append(("padding", padding))
    elif min(kernel) >= 1:
        changes.append(("kernel_size", kernel))
    return changes


def _row(site: Site, wire: Wire, have: Sizes, want: Sizes) -> Ideas:
    """As many numbers in a row as are wanted, laid out as they are wanted."""
    size, layout = prod(want), Reshape(sizes=want)
    producer = site.producer(wire, Linear)
    if producer is not None and len(have) == 1:
        steps = (
            NamedEdit("set_param", {"id": producer.id, "name": "out_features", "value": size}),
            *site.steps_in(wire, layout),
        )
        words = {"name": producer.name, "size": size, "sizes": joined(want, 1)}
        yield Repair(
            Message("Set {name} to {size} output{size:|s} and insert Reshape to {sizes}", **words), steps
        )
    linear = Linear(out_features=size)
    head: tuple[Layer, ...] = (Flatten(), linear) if len(have) > 1 else (linear,)
    title = Message(
        "Insert a Linear with {size} output{size:|s} and Reshape to {sizes}", size=size, sizes=joined(want, 1)
    )
    yield site.put_in(title, wire, *head, layout)
