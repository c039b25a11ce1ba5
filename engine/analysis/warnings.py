"""What can be trained as it stands, but will hardly learn, or not what was meant: warnings with ways out.

None of them stops training. A deliberate choice stays one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache, lru_cache

import numpy as np

from engine import kinds
from engine.analysis.problems import (
    AVERAGE_BEGINS_LATE,
    BALANCED_TWICE,
    BATCH_TOO_LARGE,
    CLIPS_ALL,
    DEPENDS_ON_BATCH,
    DROPS_ALL,
    HALF_ON_PROCESSOR,
    IGNORES_NOTHING,
    NESTEROV_WITH_DAMPENING,
    NESTEROV_WITHOUT_MOMENTUM,
    NEVER_FALLS,
    NEVER_FALLS_FIRST,
    NO_CLASSES_TO_BALANCE,
    NO_LOG_SHARES,
    NOTHING_RECOMPUTED,
    PATIENCE_LASTS,
    RATE_TOO_HIGH,
    RATE_TOO_LOW,
    SCORES_CUT,
    SCORES_KEPT,
    SEARCHES_ALONE,
    SPARES_NOTHING,
    TWO_AS_ONE,
    WARM_UP_LASTS,
    WATCHES_NOTHING,
    WEIGHS_NOTHING,
    WHOLE_BATCH_NEEDED,
    WHOLE_BATCH_WANTED,
)
from engine.analysis.results import NodeResult, Problem
from engine.data.schema import Schema
from engine.kinds import Layer
from engine.layers.activation import AlongAxis, LogSoftmax
from engine.layers.batch_norm import BatchNorm
from engine.layers.dense import Linear
from engine.layers.input_output import Output
from engine.layers.transformer import Transforming
from engine.losses.classification import NO_CLASS
from engine.losses.loss import Loss
from engine.message import Message
from engine.metrics.metric import key
from engine.optim.averaging import EpochAverage
from engine.optim.by_sign import Rprop
from engine.optim.optimiser import Optimiser, Schedule
from engine.optim.schedules import MultiStep, ReduceOnPlateau, Step, Warmed
from engine.project.graph import Graph, Node, Wire
from engine.project.project import Project
from engine.project.recipe import BALANCED, FP16, FULL, ONCE, Recipe


def layer_warnings(graph: Graph, results: Mapping[str, NodeResult]) -> Iterator[Problem]:
    """Warnings at the layers that take part."""
    for id in _doubtful(graph):
        node, one = graph.nodes[id], results[id]
        kind = node.kind
        if node.muted or not one.alive or not one.facts.known:
            continue
        if isinstance(kind, Output):
            yield from _weighs_nothing(node, kind)
            yield from _ignores_nothing(node, kind, one.schema)
            yield from _prediction(graph, node, kind.loss)
        elif type(kind) is Linear:
            yield from _two_as_one(graph, results, node, kind)
        elif isinstance(kind, BatchNorm):
            yield DEPENDS_ON_BATCH(node.id, settings=(("track_running_stats", True),))
        else:
            yield from _drops_all(node)


def _doubtful(graph: Graph) -> list[str]:
    """The layers that are worth a second look, as the data flows: sought among all of them after every
    edit.
    """
    nodes = graph.nodes
    used = {type(node.kind) for node in nodes.values()}
    doubts = {kind: _doubt(kind) for kind in used}  # type: ignore[arg-type]  # the class, whose own hash it is
    return [
        id
        for id in graph.order
        if (doubt := doubts[type(nodes[id].kind)]) is not None and doubt(nodes[id].kind)
    ]


@cache
def _doubt(kind: type[Layer]) -> Callable[[Layer], bool] | None:
    """Tells of a layer of that kind whether it is worth a second look; None where none ever is."""
    if kind is Linear or issubclass(kind, Output):
        return lambda layer: True
    if issubclass(kind, BatchNorm):
        return lambda layer: isinstance(layer, BatchNorm) and not layer.track_running_stats
    names = [p.name for p in kinds.params(kind) if p.name in USUAL]
    return (lambda layer: 1 in [getattr(layer, name) for name in names]) if names else None


HIGH, LOW, SHORT = 10.0, 1e-12, 1e-6
"""Learning rates above and below these, and gradients shortened to less, are mistakes with any optimiser."""
FEW = 32  # samples: a smaller set than a usual batch takes one step an epoch whoever trains it


def recipe_warnings(project: Project, samples: int | None) -> Iterator[Problem]:
    """Warnings about how the network is trained: settings that are legal, each by itself, and do not go
    together. `samples` are those to train on, where that is known.
    """
    recipe = project.recipe
    optimiser, schedule, epochs = recipe.optimiser, recipe.schedule, recipe.epochs
    if getattr(optimiser, "nesterov", False) and getattr(optimiser, "momentum", 1) == 0:
        yield NESTEROV_WITHOUT_MOMENTUM()
    elif getattr(optimiser, "nesterov", False) and getattr(optimiser, "dampening", 0) > 0:
        yield NESTEROV_WITH_DAMPENING(dampening=f"{getattr(optimiser, 'dampening'):g}")  # noqa: B009  (no other kind has it)
    if getattr(optimiser, "spare_biases", False) and not optimiser.spares():
        yield SPARES_NOTHING(optimiser=optimiser.label())
    if optimiser.rate > HIGH or 0 < optimiser.rate < LOW:  # 0 is that of an optimiser that is absent
        declared = RATE_TOO_HIGH if optimiser.rate > HIGH else RATE_TOO_LOW
        yield declared(rate=f"{optimiser.rate:g}", most=HIGH, usual=usual_rate(optimiser))
    warm_up = schedule.warm_up if isinstance(schedule, Warmed) else 0.0
    if warm_up and warm_up >= epochs:
        yield WARM_UP_LASTS(warm_up=f"{warm_up:g}", epochs=epochs)
    elif (first := first_change(schedule)) is not None and first >= epochs - warm_up:
        falls = NEVER_FALLS if isinstance(schedule, Step) else NEVER_FALLS_FIRST
        yield falls(every=first, epochs=epochs)
    if recipe.patience is not None and recipe.patience >= epochs:
        yield PATIENCE_LASTS(patience=recipe.patience, epochs=epochs)
    yield from _unwatched(project)
    yield from _unbalanced(project)
    yield from _searches_alone(recipe)
    average = recipe.averaging
    if isinstance(average, EpochAverage) and not average.taken(epochs - 1, epochs, epoch_over=True):
        yield AVERAGE_BEGINS_LATE(epochs=epochs)
    if recipe.precision == FP16 and recipe.device == "cpu":
        yield HALF_ON_PROCESSOR()
    if recipe.recompute and not any(_made_of_layers(node.kind) for node in project.graph.nodes.values()):
        yield NOTHING_RECOMPUTED()
    if recipe.clip is not None and recipe.clip < SHORT:
        yield CLIPS_ALL(clip=f"{recipe.clip:g}")
    if samples is not None and recipe.batch(samples) > samples >= FEW:
        yield BATCH_TOO_LARGE(batch=f"{recipe.batch(samples):,}", samples=samples)
    if samples is not None and recipe.batch(samples) < samples:
        if optimiser.closure:
            yield WHOLE_BATCH_NEEDED(optimiser=optimiser.label(), batch=recipe.batch_size, samples=samples)
        elif isinstance(optimiser, Rprop):
            yield WHOLE_BATCH_WANTED(optimiser=optimiser.label(), batch=recipe.batch_size, samples=samples)


def measures(project: Project) -> tuple[str, ...]:
    """What is measured of a project's Outputs, as reports call it: the losses, then the metrics of each."""
    outputs = [node for node in project.graph.outputs if isinstance(node.kind, Output)]
    alone = len(outputs) == 1
    names = ["loss"]
    for node in outputs:
        assert isinstance(node.kind, Output)
        kind, task = node.kind, node.kind.loss.task
        quick = {"numbers": ("rmse", "mae"), "wire": ("value",)}.get(task, ("accuracy",))
        own = [*([] if alone else ["loss"]), *quick[:1]]
        own += map(key, kind.metrics or getattr(kind.loss, "natural", ()))
        names += [name if alone else f"{node.name}.{name}" for name in own]
    return tuple(dict.fromkeys(names))


def _unwatched(project: Project) -> Iterator[Problem]:
    watched = project.recipe.watch
    known = measures(project)
    if len(known) > 1 and watched not in (*known, "penalty"):  # with none but the loss there is no Output
        yield WATCHES_NOTHING(watched=watched, names=", ".join(known), measures=known)


def _unbalanced(project: Project) -> Iterator[Problem]:
    """Samples that are drawn by their class, where there is none, or where rare ones count more already."""
    if project.recipe.sampling != BALANCED:
        return
    outputs = [node for node in project.graph.outputs if isinstance(node.kind, Output)]
    losses = [(node.name, getattr(node.kind, "loss", None)) for node in outputs]
    if outputs and not any(getattr(loss, "task", "") in {"classes", "binary"} for _, loss in losses):
        yield NO_CLASSES_TO_BALANCE()
    for name, loss in losses:
        if getattr(loss, "class_weights", ""):
            yield BALANCED_TWICE(output=name)


def _searches_alone(recipe: Recipe) -> Iterator[Problem]:
    """What does not go together with an optimiser that looks at the loss several times."""
    if not recipe.optimiser.closure:
        return
    for there, name, setting, usual in (
        (recipe.accumulate > 1, Message("gradients that are added up"), "accumulate", 1),
        (recipe.precision == FP16, Message("gradients in float16"), "precision", FULL),
        (recipe.sampling == BALANCED, Message("samples that are drawn by chance"), "sampling", ONCE),
    ):
        if there:
            label = recipe.optimiser.label()
            yield SEARCHES_ALONE(optimiser=label, setting=name, name=setting, usual=usual)


def _made_of_layers(kind: Layer) -> bool:
    """Whether a layer's module is made of others, so that it can compute anew what they gave."""
    return bool(kind.blocks) or isinstance(kind, Transforming)


def first_change(schedule: Schedule) -> int | None:
    """The epoch after which it changes the rate first, counted from the end of its warm-up, where that is
    said in so many words.
    """
    match schedule:
        case Step():
            return schedule.every
        case MultiStep():
            return min(schedule.after_epochs)
        case ReduceOnPlateau():
            return schedule.patience + 1
    return None


def usual_rate(optimiser: Optimiser) -> float:
    """The rate that an optimiser has where nobody sets it."""
    rate: float = next(param.default for param in kinds.params(type(optimiser)) if param.name == "rate")
    return rate


# --------------------------------------------------------------------------- at an Output


def _weighs_nothing(node: Node, kind: Output) -> Iterator[Problem]:
    if kind.weight == 0:
        yield WEIGHS_NOTHING(node.id, settings=(("weight", 1),))


def _ignores_nothing(node: Node, kind: Output, schema: Schema | None) -> Iterator[Problem]:
    ignored = getattr(kind.loss, "ignore", None)
    if ignored is None or schema is None:
        return
    column = schema.columns[kind.target or schema.target]
    last = len(column.classes) - 1
    if not 0 <= ignored <= last and ignored != NO_CLASS:
        yield IGNORES_NOTHING(node.id, ignored=ignored, column=column.name, last=last)


def _prediction(graph: Graph, node: Node, loss: Loss) -> Iterator[Problem]:
    """What comes right before an Output and does not go together with its loss."""
    before = graph.nodes[_arriving(graph, node.id).source]
    if loss.task == "classes" and loss.takes == "scores" and isinstance(before.kind, LogSoftmax):
        yield SCORES_KEPT(before.id, output=node.name, loss=loss.label())
    elif loss.takes == "scores" and _cuts(before.kind):
        yield SCORES_CUT(before.id, output=node.name, loss=loss.label(), kind=before.kind.label())
    made_raw = before.kind.family in {"dense", "convolution", "recurrent"}
    if (
        loss.takes == "log shares"
        and (made_raw or _cuts(before.kind))
        and not isinstance(before.kind, LogSoftmax)
    ):
        yield NO_LOG_SHARES(node.id, layer=before.name, before=before.id)


@lru_cache(maxsize=1024)
def _cuts(kind: Layer) -> bool:
    """Whether a layer keeps scores from growing in one direction or the other."""
    if kind.family != "activation":
        return False
    if isinstance(kind, AlongAxis):
        return True
    with np.errstate(all="ignore"):
        curve = kind.curve(np.array([-FAR, FAR]))
    if curve is None:
        return False
    low, high = curve
    return bool(low > -FAR / 1000 or high < FAR / 1000)


FAR = 1e4  # where an activation that cuts off has done so
USUAL = {"rate": 0.5, "dropout": 0.1}  # settings that are probabilities of dropping a value


# --------------------------------------------------------------------------- between layers


def _two_as_one(
    graph: Graph, results: Mapping[str, NodeResult], node: Node, kind: Linear
) -> Iterator[Problem]:
    """Two Linear layers with nothing between them. A narrow one before a wider one is left alone: so a large
    layer is made of two small ones on purpose.
    """
    wire = _arriving(graph, node.id)
    first = graph.nodes[wire.source]
    if not isinstance(first.kind, Linear) or len(graph.outgoing(first.id)) > 1:
        return
    if first.kind.frozen or kind.frozen:
        return
    (arrives,) = results[first.id].facts.inputs["x"]
    between = first.kind.out_features
    if between < min(arrives.sample[-1], kind.out_features):
        return
    yield TWO_AS_ONE(node.id, first=first.name, wire=wire)


def _drops_all(node: Node) -> Iterator[Problem]:
    for setting, usual in USUAL.items():
        if getattr(node.kind, setting, 0) == 1:
            yield DROPS_ALL(node.id, settings=((setting, usual),))


def _arriving(graph: Graph, id: str) -> Wire:
    """The wire whose value arrives first at a layer, from the nearest above that is not muted."""
    wire = graph.passed(id)
    assert wire is not None  # all that is needed arrives where a layer is known
    while graph.nodes[wire.source].skipped:
        above = graph.passed(wire.source)
        assert above is not None
        wire = above
    return wire
