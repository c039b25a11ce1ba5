"""Ways out where a layer cannot take the shape, or the sort of numbers, that arrives."""

from __future__ import annotations

import re
from collections.abc import Mapping
from math import isqrt, prod
from typing import Any

from engine import kinds
from engine.analysis.check import check
from engine.analysis.problems import PLACES_DIFFER, WRONG_NUMBERS, WRONG_SHAPE
from engine.kinds import Layer
from engine.kinds.objections import KERNEL_TOO_LARGE
from engine.kinds.shapes import Shape
from engine.layers.adaptive import GlobalAvgPool
from engine.layers.dense import NOT_FLAT, Linear
from engine.layers.functions import Absolute, Cast
from engine.layers.input_output import Input
from engine.layers.rearrange import Transpose
from engine.layers.recurrent import SEQUENCE, Recurrent
from engine.layers.reshape import Flatten, Permute, Reshape
from engine.layers.spectral import FourierTransform
from engine.message import Message
from engine.project.graph import Node, Wire
from engine.repairs.ideas import ideas
from engine.repairs.repair import NamedEdit, Repair, single
from engine.repairs.site import Ideas, Site, set_param, settings

DEEPEST = 12
"""So many Linears one behind the other are let take each row at once, at most: each costs a check."""


@ideas(WRONG_SHAPE)
def wrong_shape(site: Site) -> Ideas:
    """What arrives, brought to the axes that the layer works on; or the same layer for the axes there are."""
    for wire in site.wires:
        shape = site.shape(wire)
        port = site.node.kind.port(wire.input)
        if shape is None or port is None or port.pattern.match(shape) is not None:
            continue
        producer = site.producer(wire, Recurrent) if len(shape.dims) == 2 else None
        if producer is not None:
            title = Message("Let {name} give its sequence", name=producer.name)
            yield set_param(producer, "give", SEQUENCE, title)
        yield from _other_dimension(site, shape)
        yield from _adapters(site, wire, shape)


@ideas(PLACES_DIFFER)
def places_differ(site: Site) -> Ideas:
    """Take the size from what was pooled, or let both have one window, which comes out even."""
    pool = site.graph.nodes[str(site.problem.facts["pool"])]
    for wire in site.graph.arriving(pool.id, "x") if not site.graph.arriving(site.node.id, "like") else ():
        before = site.graph.nodes[wire.source]
        ends = {"source": wire.source, "output": wire.output, "target": site.node.id, "input": "like"}
        yield single(
            Message("Take the size from {name}, before the pooling", name=before.name), "connect", **ends
        )
    given = {name: getattr(pool.kind, name) for name in WINDOW}
    own = {name: getattr(site.node.kind, name) for name in WINDOW}
    half, wide = ({**own, **dict(zip(WINDOW, values, strict=True))} for values in ((2, None, 0), (3, 2, 1)))
    names = {"name": site.node.name, "pool": pool.name}
    yield _window(Message("Give {name} the window of {pool}", **names), given, site.node)
    yield _window(Message("Give {pool} the window of {name}", **names), own, pool)
    for size, window in ((2, half), (3, wide)):
        title = Message("Give both a window of {size}", size=size)
        yield _window(title, window, pool, site.node)


WINDOW = ("kernel_size", "stride", "padding")


def _window(title: Message, window: Mapping[str, Any], *nodes: Node) -> Repair:
    steps = [
        NamedEdit("set_param", {"id": node.id, "name": name, "value": value})
        for node in nodes
        for name, value in window.items()
    ]
    return Repair(title, tuple(steps))


@ideas(NOT_FLAT)
def not_flat(site: Site) -> Ideas:
    """A map made a row, whole or by its channels, or a Linear that works on each of its rows."""
    for wire in site.wires:
        shape = site.shape(wire)
        if shape is not None:
            yield site.put_in(Message("Insert Flatten"), wire, Flatten())
            yield site.put_in(Message("Insert global average pooling"), wire, GlobalAvgPool())
            yield _row_by_row(site)


def _row_by_row(site: Site) -> Repair:
    """Let it take each row, and with it those behind it that would be refused for the same: one asks once."""
    steps: list[NamedEdit] = []
    analysis, waiting = site.analysis, [site.node.id]
    for _ in range(DEEPEST):
        new = [NamedEdit("set_param", {"id": id, "name": "each", "value": True}) for id in waiting]
        project = analysis.project
        for step in new:
            project = step.apply(project)
        steps += new
        analysis = check(project, analysis)
        refused = [one.node for one in analysis.problems if one.name == NOT_FLAT.name and one.node]
        waiting = [id for id in dict.fromkeys(refused) if site.graph.reaches(site.node.id, id)]
        if not waiting:
            break
    return Repair(Message("Keep it, row by row"), tuple(steps))


def _other_dimension(site: Site, shape: Shape) -> Ideas:
    """The same layer for series or pictures: Conv1d where Conv2d cannot go, and the other way round."""
    name = type(site.node.kind).__name__
    base = re.sub(r"[123]d$", "", name)
    other = kinds.registry(Layer).get(f"{base}{len(shape.dims) - 2}d")
    if base == name or other is None or other is type(site.node.kind):
        return
    values = kinds.values_to_json(site.node.kind)
    own = {p.name: p.default for p in kinds.params(other)}
    shared = {key: value for key, value in values.items() if key in own and not isinstance(value, list)}
    kind = kinds.values_from_json(other, shared)
    yield single(Message("Change it to {kind}", kind=other.label()), "set_kind", id=site.node.id, kind=kind)


def _adapters(site: Site, wire: Wire, shape: Shape) -> Ideas:
    """Layers that turn what comes into what is wanted."""
    sample, rank = shape.sample, len(shape.dims)
    if rank > 2:
        yield site.put_in(Message("Insert Flatten"), wire, Flatten())
        yield site.put_in(Message("Insert global average pooling"), wire, GlobalAvgPool())
    size = prod(sample)
    side = isqrt(size)
    if rank == 2:
        if side * side == size and side > 1:
            square = Message("Read the {size} values as a picture of {side}×{side}", size=size, side=side)
            yield site.put_in(square, wire, Reshape(sizes=(1, side, side)))
        steps = Message("Read the {size} value{size:|s} as {size} step{size:|s}", size=size)
        yield site.put_in(steps, wire, Reshape(sizes=(size, 1)))
        yield site.put_in(Message("Read them as one channel"), wire, Reshape(sizes=(1, size)))
        yield site.put_in(Message("Read each value as a channel"), wire, Reshape(sizes=(size, 1, 1)))
    if rank == 3:
        yield site.put_in(Message("Add a channel axis"), wire, Reshape(sizes=(1, *sample)))
    if rank == 4:
        channels, height, width = sample
        flat_rows = Reshape(sizes=(height, channels * width))
        rows = Message("Read the picture row by row, {height} steps", height=height)
        if channels == 1:
            yield site.put_in(rows, wire, flat_rows)
        else:
            yield site.put_in(rows, wire, Permute(order=(2, 1, 3)), flat_rows)
        yield site.put_in(Message("Join height and width"), wire, Reshape(sizes=(channels, height * width)))


@ideas(WRONG_NUMBERS)
def wrong_numbers(site: Site) -> Ideas:
    """Whole numbers where decimals are wanted, or the other way round."""
    wire = site.wires[0]
    shape = site.shape(wire)
    port = site.node.kind.port(site.problem.port)
    if shape is None or port is None:
        return
    registry = kinds.registry(Layer)
    if port.dtype == "float" and shape.dtype == "int" and "Embedding" in registry:
        embedding = registry["Embedding"]()
        yield site.put_in(Message("Insert Embedding, a learned row for each number"), wire, embedding)
    if port.dtype == "float" and shape.dtype in {"int", "bool"}:
        producer = site.producer(wire, Cast)
        if producer is not None:
            yield set_param(
                producer, "to", "float", Message("Let {name} give decimal numbers", name=producer.name)
            )
        yield site.put_in(Message("Insert Cast to decimal numbers"), wire, Cast())
    if shape.dtype == "complex":
        producer = site.producer(wire, FourierTransform)
        if producer is not None:
            title = Message("Let {name} give how strong each wave is", name=producer.name)
            yield set_param(producer, "give", "magnitude", title)
        yield site.put_in(Message("Insert Absolute, the size of each number"), wire, Absolute())
    schema = site.analysis.schema
    if schema is not None and isinstance(site.graph.nodes[wire.source].kind, Input):
        for column in schema.columns.values():
            if column.dtype == port.dtype and column.name in schema.inputs:
                yield single(
                    Message("Take the column {name}", name=column.name),
                    "set_param",
                    id=wire.source,
                    name="column",
                    value=column.name,
                )
    width = shape.sample[-1] if shape.sample else 1
    if port.dtype == "int" and not site.node.kind.blocks:
        kind = Linear(out_features=getattr(site.node.kind, "width", width))
        yield single(Message("Change it to Linear"), "set_kind", id=site.node.id, kind=kind)


@ideas(KERNEL_TOO_LARGE)
def kernel_too_large(site: Site) -> Ideas:
    """The axes put in order, a window that fits, or the pooling above away that made the map so small."""
    yield from _channels_last(site)
    yield from settings(site)
    for wire in site.wires:
        pool = site.graph.nodes[wire.source]
        while pool.kind.family not in {"pooling", "io"} and len(site.graph.incoming(pool.id)) == 1:
            pool = site.graph.nodes[site.graph.incoming(pool.id)[0].source]
        if pool.kind.family == "pooling":
            yield single(Message("Remove {name}", name=pool.name), "dissolve", ids=(pool.id,))


def _channels_last(site: Site) -> Ideas:
    """The axis of channels put first, where it is the last and so small that no window fits into it."""
    for wire in site.wires:
        shape = site.shape(wire)
        sizes = shape.sample if shape is not None else ()
        if len(sizes) == 2 and sizes[1] < sizes[0]:
            title = Message("Insert Transpose, so that the channels come first")
            yield site.put_in(title, wire, Transpose())
        elif len(sizes) > 2 and sizes[-1] < min(sizes[:-1]):
            order = (len(sizes), *range(1, len(sizes)))
            title = Message("Insert Permute, so that the channels come first")
            yield site.put_in(title, wire, Permute(order=order))
