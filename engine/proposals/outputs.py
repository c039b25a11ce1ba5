"""Ways out at an Output: what it is compared with, and by which loss."""

from __future__ import annotations

from math import prod

from engine import kinds
from engine.kinds import Loss
from engine.layers.adaptive import GlobalAvgPool
from engine.layers.dense import Linear
from engine.layers.ends import Output
from engine.layers.recurrent import Recurrent
from engine.layers.reshape import Flatten
from engine.message import Message
from engine.proposals.place import Ideas, Place, set_of
from engine.repairs import Repair, Step


def prediction(place: Place) -> Ideas:
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
            yield set_of(
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
            title = Message("Let {name} give its last state", name=maker.name)
            yield set_of(maker, "give", "last state", title)
    yield from other_losses(place)


def other_losses(place: Place) -> Ideas:
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


def missing_column(place: Place) -> Ideas:
    name = "target" if isinstance(place.node.kind, Output) else "column"
    schema = place.analysis.schema
    if schema is None:
        return
    for column in (schema.target,) if name == "target" else schema.inputs:
        yield set_of(place.node, name, column, Message("Take the column {name}", name=column))
