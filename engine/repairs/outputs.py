"""Ways out at an Output: what it is compared with, and by which loss."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

from attrs import evolve

from engine import kinds
from engine.analysis.problems import MISSING_COLUMN, UNMEASURED
from engine.data.schema import Column
from engine.kinds import Layer
from engine.kinds.shapes import Shape
from engine.layers.adaptive import GlobalAvgPool
from engine.layers.dense import Linear
from engine.layers.input_output import Output
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
from engine.repairs.repair import NamedEdit, Repair
from engine.repairs.site import Ideas, Site, set_param


@ideas(CLASSES_DIFFER, PREDICTION_SHAPE, SIZES_DIFFER)
def prediction(site: Site) -> Ideas:
    """Give the target what it is compared with: one score for each class, one value for each number."""
    wire = site.wires[0]
    shape = site.shape(wire)
    expected = site.problem.facts.get("expected")
    if shape is None or not isinstance(expected, tuple):
        return
    if len(shape.sample) > 1:
        yield from _other_targets(site, shape)
    if len(expected) == 1:
        size = expected[0]
        producer = site.producer(wire, Linear)
        if producer is not None:
            title = Message("Set {name} to {value} output{value:|s}", name=producer.name, value=size)
            yield set_param(producer, "out_features", size, title)
        linear = Linear(out_features=size)
        if len(shape.sample) > 1:
            yield site.put_in(Message("Insert Flatten and Linear"), wire, Flatten(), linear)
            yield site.put_in(Message("Insert Flatten"), wire, Flatten())
            title = Message("Insert global average pooling and Linear")
            yield site.put_in(title, wire, GlobalAvgPool(), linear)
        else:
            yield site.put_in(Message("Insert a Linear with {size} output{size:|s}", size=size), wire, linear)
        producer = site.producer(wire, Recurrent)
        if producer is not None and "give" in {p.name for p in kinds.params(producer.kind)}:
            yield set_param(
                producer, "give", LAST, Message("Let {name} give its last state", name=producer.name)
            )
    else:
        yield from reach(site, wire, shape.sample, expected)
    yield from _losses_that_judge(site, tuple(_usual_losses(site, shape)))


@ideas(TARGET_KIND, TARGET_SHAPE)
def target_kind(site: Site) -> Ideas:
    """A target or a loss that go together, with the layers that this takes."""
    wanted = site.problem.facts.get("losses")
    shape = site.shape(site.wires[0])
    if shape is not None:
        yield from _other_targets(site, shape)
    if isinstance(wanted, tuple):
        yield from _losses_that_judge(site, wanted)


def _other_targets(site: Site, shape: Shape) -> Ideas:
    """Another column that has the prediction's shape, as what an autoencoder makes has that of its input."""
    schema, kind = site.analysis.schema, site.node.kind
    if schema is None or not isinstance(kind, Output):
        return
    for column in schema.columns.values():
        if column.shape == shape.sample and column.name != (kind.target or schema.target):
            title = Message("Take the column {name}", name=column.name)
            yield set_param(site.node, "target", column.name, title)


def _usual_losses(site: Site, shape: Shape) -> Iterator[str]:
    """The usual loss of each other way to judge this target. One without a target would change what is
    learned, and one that reads a sequence needs more steps than the target has.
    """
    column, kind = _column(site), site.node.kind
    if column is None or not isinstance(kind, Output):
        return
    for name in ("CrossEntropy", "BinaryCrossEntropy", "MeanSquaredError", "CTC"):
        loss = kinds.registry(Loss)[name]
        longer = len(shape.sample) == 2 and len(column.shape) == 1 and shape.sample[0] > column.shape[0]
        if loss.task != kind.loss.task and (loss.task != "sequence" or longer):
            yield name


def _losses_that_judge(site: Site, names: tuple[str, ...]) -> Ideas:
    """Losses that can judge this target: alone, or with as many outputs as they need."""
    for name in names:
        loss = kinds.registry(Loss)[name]()
        title = Message("Use {loss}", loss=loss.label().lower())
        yield Repair(title, (_use(site, loss),))
    for name in names:
        yield from _loss_and_size(site, kinds.registry(Loss)[name]())


def _loss_and_size(site: Site, loss: Loss) -> Ideas:
    """A loss for this target together with the number of outputs that it needs."""
    wire, column = site.wires[0], _column(site)
    shape = site.shape(wire)
    if column is None or shape is None:
        return
    classes = column.classes and loss.task == "classes"
    size = len(column.classes) if classes else prod(column.shape)
    used = {"loss": loss.label().lower(), "size": size}
    producer = site.producer(wire, Linear)
    if producer is not None:
        wider = NamedEdit("set_param", {"id": producer.id, "name": "out_features", "value": size})
        title = Message("Use {loss} and set {name} to {size}", name=producer.name, **used)
        yield Repair(title, (_use(site, loss), wider))
        if len(shape.sample) == 1:
            return
    linear = Linear(out_features=size)
    head: tuple[Layer, ...] = (Flatten(), linear) if len(shape.sample) > 1 else (linear,)
    title = (
        Message("Use {loss}, after Flatten and a Linear with {size} output{size:|s}", **used)
        if len(head) > 1
        else Message("Use {loss}, after a Linear with {size} output{size:|s}", **used)
    )
    yield Repair(title, (_use(site, loss), *site.steps_in(wire, *head)))


def _use(site: Site, loss: Loss) -> NamedEdit:
    """The edit that gives the Output another loss."""
    return NamedEdit("set_param", {"id": site.node.id, "name": "loss", "value": loss})


def _column(site: Site) -> Column | None:
    """The column that the Output compares with."""
    schema, kind = site.analysis.schema, site.node.kind
    if schema is None or not isinstance(kind, Output):
        return None
    return schema.columns.get(kind.target or schema.target)


@ideas(CLASS_WEIGHTS)
def class_weights(site: Site) -> Ideas:
    """Weights that fit however many classes there are."""
    kind = site.node.kind
    if isinstance(kind, Output):
        for title, value in (
            (Message("Balance the classes by how rare they are"), "balanced"),
            (Message("Let all classes count alike"), ""),
        ):
            yield set_param(site.node, "loss", kind.loss.with_setting("class_weights", value), title)


@ideas(UNMEASURED)
def unmeasured(site: Site) -> Ideas:
    """Leave the metric out, or take those that fit the loss."""
    kind = site.node.kind
    if not isinstance(kind, Output):
        return
    metric = site.problem.facts["metric"]
    rest = tuple(name for name in kind.metrics if name != metric)
    if rest:
        yield set_param(site.node, "metrics", rest, Message("Leave {metric} out", metric=metric))
    yield set_param(site.node, "metrics", (), Message("Measure what fits the loss"))


@ideas(MISSING_COLUMN)
def missing_column(site: Site) -> Ideas:
    """A column that the data has: its target at an Output, one of its inputs at an Input."""
    name = "target" if isinstance(site.node.kind, Output) else "column"
    schema = site.analysis.schema
    if schema is None:
        return
    for column in schema.targets if name == "target" else schema.inputs:
        taken = set_param(site.node, name, column, Message("Take the column {name}", name=column))
        yield taken
        if name == "target":
            yield from _fitted_to(site, taken, schema.columns[column])


def _fitted_to(site: Site, taken: Repair, column: Column) -> Ideas:
    """Another target, with as many outputs as it has classes or numbers, and a loss that judges such."""
    producer = site.producer(site.wires[0], Linear) if site.wires else None
    kind = site.node.kind
    if producer is None or not isinstance(kind, Output):
        return
    size = len(column.classes) if column.classes and not column.shape else prod(column.shape)
    words = {"name": column.name, "layer": producer.name, "size": size}
    title = Message("Take the column {name}, and {size} output{size:|s} of {layer}", **words)
    width = set_param(producer, "out_features", size).steps
    yield evolve(taken, title=title, steps=(*taken.steps, *width))
    loss = kinds.registry(Loss)["CrossEntropy" if column.classes else "MeanSquaredError"]()
    if type(loss) is not type(kind.loss):
        words["loss"] = loss.label()
        title = Message("Take the column {name}, {size} output{size:|s} of {layer}, and {loss}", **words)
        judged = set_param(site.node, "loss", loss).steps
        yield evolve(taken, title=title, steps=(*taken.steps, *width, *judged))
