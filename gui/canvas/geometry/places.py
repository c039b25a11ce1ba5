"""Where things stand on a node, in canvas pixels from its x and y. Without Qt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

from attrs import frozen

from engine.kinds import Layer, Unknown
from engine.project.layout import TALL, WIDTH, height, width

PORT_STEP, SLOT_STEP = 24.0, 18.0
PILL_HEIGHT = 10.0
TOUCH = 12.0
"""How near the pointer must come to a port."""


@frozen
class PortPlace:
    """One place where a wire can begin or end. A port that takes many has one for each wire, its slots."""

    port: str
    dx: float
    dy: float
    entry: bool
    slot: int = -1


@frozen(eq=False)
class Ends:
    """At which place of a node each of its ports is, by name; of one for many wires, each of its slots."""

    entries: Mapping[str, int]
    slots: Mapping[tuple[str, int], int]
    exits: Mapping[str, int]


@frozen(eq=False)
class NodeForm:
    """What is drawn of a node as far as its kind alone says. `places` is None where its wires decide, too."""

    kind: Layer
    width: float
    height: float
    places: tuple[PortPlace, ...] | None
    ends: Ends


def form(kind: Layer) -> NodeForm:
    """The form of nodes of that kind."""
    ports = kind.ports()
    fixed = not isinstance(kind, Unknown) and not any(port.many for port in ports)
    fixed_places = places(kind, (1,) * len(ports), 0) if fixed else None
    return NodeForm(kind, width(kind), height(kind), fixed_places, ends(fixed_places or ()))


def ends(node_places: Sequence[PortPlace]) -> Ends:
    """Where the ports are among these places of a node."""
    entries: dict[str, int] = {}
    slots: dict[tuple[str, int], int] = {}
    exits: dict[str, int] = {}
    for index, place in enumerate(node_places):
        if not place.entry:
            exits[place.port] = index
        elif place.slot < 0:
            entries[place.port] = index
        else:
            slots[place.port, place.slot] = index
    return Ends(entries, slots, exits)


@lru_cache(maxsize=4096)
def places(kind: Layer, wires: tuple[int, ...], trunk: int) -> tuple[PortPlace, ...]:
    """The places of a node, inputs first. `wires` tells how many wires each input has.

    The first input and the first output stand on the middle of the node, so that a trunk is straight; of a
    pill it is the slot `trunk`. Others follow to the right, 24 apart.
    """
    result: list[PortPlace] = []
    middle = WIDTH / 2
    x = middle
    for port, count in zip(kind.ports(), wires, strict=True):
        if port.many:
            slots = max(count, port.least)
            first = x - min(trunk, slots - 1) * SLOT_STEP if not result else x
            result += [PortPlace(port.name, first + i * SLOT_STEP, 0.0, True, i) for i in range(slots)]
            x = first + (slots - 1) * SLOT_STEP + PORT_STEP
        else:
            result.append(PortPlace(port.name, x, 0.0, True))
            x += PORT_STEP
    bottom = height(kind)
    result += [PortPlace(name, middle + i * PORT_STEP, bottom, False) for i, name in enumerate(kind.outputs)]
    return tuple(result)


@lru_cache(maxsize=256)
def places_unknown(inputs: tuple[str, ...], outputs: tuple[str, ...]) -> tuple[PortPlace, ...]:
    """The places of a node whose kind nobody knows: where the file has wires, and at least one each way."""
    middle = WIDTH / 2
    entries = [PortPlace(name, middle + i * PORT_STEP, 0.0, True) for i, name in enumerate(inputs or ("x",))]
    ends = [
        PortPlace(name, middle + i * PORT_STEP, TALL, False) for i, name in enumerate(outputs or ("out",))
    ]
    return (*entries, *ends)
