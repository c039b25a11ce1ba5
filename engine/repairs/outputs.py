"""Ways out at an Output: what it is compared with, and by which loss."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

from engine import kinds
from engine.analysis.problems import MISSING_COLUMN, UNMEASURED
from engine.data.schema import Column
from engine.kinds import Layer
from engine.kinds.shapes import Shape
from engine.layers.adaptive import GlobalAvgPool
from engine.layers.dense import Linear
from engine.layers.ends import Output
from engine.layers.recurrent import LAST, Recurrent
from engine.layers.reshape import Flatten
from engine.losses.classification import (
    CLASS_WEIGHTS,
    CLASSES_DIFFER,
    PREDICTION_SHAPE,
    SIZES_DIFFER,
    TARGET_KIND,
    TARGET_SHAPE,
)
from engine.losses.loss import Loss
from engine.message import Message
from engine.repairs.ideas import ideas
from engine.repairs.reach import reach
from engine.repairs.repair import Repair, Step
from engine.repairs.site import Ideas, Place, set_of


@ideas(CLASSES_DIFFER, PREDICTION_SHAPE, SIZES_DIFFER)
def prediction(place: Place) -> Ideas:
    """Give the target what it is compared with: one score for each class, one value for each number."""
    wire = place.wires[0]
    shape = place.shape(wire)
    expected = place.problem.facts.get("expected")
    if shape is None or not isinstance(expected, tuple):
        return
    if len(shape.sample) > 1:
        yield from _other_targets(place, shape)
    if len(expected) == 1:
        size = expected[0]
        maker = place.feeding(wire, Linear)
        if maker is not None:
            title = Message("Set {name} to {value} output{value:|s}", name=maker.name, value=size)
            yield set_of(maker, "out_features", size, title)
        linear = Linear(out_features=size)
        if len(shape.sample) > 1:
            yield place.put_in(Message("Insert Flatten and Linear"), wire, Flatten(), linear)
            yield place.put_in(Message("Insert Flatten"), wire, Flatten())
            title = Message("Insert global average pooling and Linear")
            yield place.put_in(title, wire, GlobalAvgPool(), linear)
        else:
            yield place.put_in(
                Message("Insert a Linear with {size} output{size:|s}", size=size), wire, linear
            )
        maker = place.feeding(wire, Recurrent)
        if maker is not None and "give" in {p.name for p in kinds.params(maker.kind)}:
            yield set_of(maker, "give", LAST, Message("Let {name} give its last state", name=maker.name))
    else:
        yield from reach(place, wire, shape.sample, expected)
    yield from _losses_that_judge(place, tuple(_usual_losses(place, shape)))


@ideas(TARGET_KIND, TARGET_SHAPE)
def target_kind(place: Place) -> Ideas:
    """A target or a loss that go together, with the layers that this takes."""
    wanted = place.problem.facts.get("losses")
    shape = place.shape(place.wires[0])
    if shape is not None:
        yield from _other_targets(place, shape)
    if isinstance(wanted, tuple):
        yield from _losses_that_judge(place, wanted)


def _other_targets(place: Place, shape: Shape) -> Ideas:
    """Another column that has the prediction's shape, as what an autoencoder makes has that of its input."""
    schema, kind = place.analysis.schema, place.node.kind
    if schema is None or not isinstance(kind, Output):
        return
    for column in schema.columns.values():
        if column.shape == shape.sample and column.name != (kind.target or schema.target):
            title = Message("Take the column {name}", name=column.name)
            yield set_of(place.node, "target", column.name, title)


def _usual_losses(place: Place, shape: Shape) -> Iterator[str]:
    """The usual loss of each other way to judge this target. One without a target would change what is
    learned, and one that reads a sequence needs more steps than the target has.
    """
    column, kind = _column(place), place.node.kind
    if column is None or not isinstance(kind, Output):
        return
    for name in ("CrossEntropy", "BinaryCrossEntropy", "MeanSquaredError", "CTC"):
        loss = kinds.registry(Loss)[name]
        longer = len(shape.sample) == 2 and len(column.shape) == 1 and shape.sample[0] > column.shape[0]
        if loss.task != kind.loss.task and (loss.task != "sequence" or longer):
            yield name


def _losses_that_judge(place: Place, names: tuple[str, ...]) -> Ideas:
    """Losses that can judge this target: alone, or with as many outputs as they need."""
    for name in names:
        loss = kinds.registry(Loss)[name]()
        title = Message("Use {loss}", loss=loss.label().lower())
        yield Repair(title, (_use(place, loss),))
    for name in names:
        yield from _loss_and_size(place, kinds.registry(Loss)[name]())


def _loss_and_size(place: Place, loss: Loss) -> Ideas:
    """A loss for this target together with the number of outputs that it needs."""
    wire, column = place.wires[0], _column(place)
    shape = place.shape(wire)
    if column is None or shape is None:
        return
    classes = column.classes and loss.task == "classes"
    size = len(column.classes) if classes else prod(column.shape)
    used = {"loss": loss.label().lower(), "size": size}
    maker = place.feeding(wire, Linear)
    if maker is not None:
        wider = Step("set_param", {"id": maker.id, "name": "out_features", "value": size})
        title = Message("Use {loss} and set {name} to {size}", name=maker.name, **used)
        yield Repair(title, (_use(place, loss), wider))
        if len(shape.sample) == 1:
            return
    linear = Linear(out_features=size)
    head: tuple[Layer, ...] = (Flatten(), linear) if len(shape.sample) > 1 else (linear,)
    title = (
        Message("Use {loss}, after Flatten and a Linear with {size} output{size:|s}", **used)
        if len(head) > 1
        else Message("Use {loss}, after a Linear with {size} output{size:|s}", **used)
    )
    yield Repair(title, (_use(place, loss), *place.steps_in(wire, *head)))


def _use(place: Place, loss: Loss) -> Step:
    return Step("set_param", {"id": place.node.id, "name": "loss", "value": loss})


def _column(place: Place) -> Column | None:
    """The column that the Output compares with."""
    schema, kind = place.analysis.schema, place.node.kind
    if schema is None or not isinstance(kind, Output):
        return None
    return schema.columns.get(kind.target or schema.target)


@ideas(CLASS_WEIGHTS)
def class_weights(place: Place) -> Ideas:
    """Weights that fit however many classes there are."""
    kind = place.node.kind
    if isinstance(kind, Output):
        for title, value in (
            (Message("Balance the classes by how rare they are"), "balanced"),
            (Message("Let all classes count alike"), ""),
        ):
            yield set_of(place.node, "loss", kind.loss.with_setting("class_weights", value), title)


@ideas(UNMEASURED)
def unmeasured(place: Place) -> Ideas:
    """Leave the metric out, or take those that fit the loss."""
    kind = place.node.kind
    if not isinstance(kind, Output):
        return
    metric = place.problem.facts["metric"]
    rest = tuple(name for name in kind.metrics if name != metric)
    if rest:
        yield set_of(place.node, "metrics", rest, Message("Leave {metric} out", metric=metric))
    yield set_of(place.node, "metrics", (), Message("Measure what fits the loss"))


@ideas(MISSING_COLUMN)
def missing_column(place: Place) -> Ideas:
    name = "target" if isinstance(place.node.kind, Output) else "column"
    schema = place.analysis.schema
    if schema is None:
        return
    for column in (schema.target,) if name == "target" else schema.inputs:
        yield set_of(place.node, name, column, Message("Take the column {name}", name=column))
