"""What can be trained as it stands, but will hardly learn, or not what was meant: warnings with ways out.

None of them stops training. A deliberate choice stays one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache, lru_cache

import numpy as np
from attrs import evolve

from engine import kinds
from engine.analysis.results import NodeResult, Problem
from engine.data.schema import Schema
from engine.kinds import Layer
from engine.layers.activation import AlongAxis, LogSoftmax
from engine.layers.dense import Linear
from engine.layers.ends import Output
from engine.losses.loss import Loss
from engine.message import Message
from engine.project.graph import Graph, Node, Wire
from engine.project.project import Project


def layer_warnings(graph: Graph, results: Mapping[str, NodeResult]) -> Iterator[Problem]:
    """Warnings at the layers that take part."""
    for id in graph.order:
        node = graph.nodes[id]
        kind = node.kind
        if not _concerned(type(kind)):  # type: ignore[arg-type]  # the class, whose own hash it is
            continue
        one = results[id]
        if node.muted or not one.alive or not one.facts.known:
            continue
        if isinstance(kind, Output):
            yield from _weighs_nothing(node, kind)
            yield from _ignores_nothing(node, kind, one.schema)
            yield from _prediction(graph, node, kind.loss)
        elif type(kind) is Linear:
            yield from _two_as_one(graph, results, node, kind)
        else:
            yield from _drops_all(node)


@cache
def _concerned(kind: type[Layer]) -> bool:
    """Whether there is anything to doubt about layers of a kind: asked of every layer after every edit."""
    return kind is Linear or issubclass(kind, Output) or any(p.name in USUAL for p in kinds.params(kind))


def recipe_warnings(project: Project) -> Iterator[Problem]:
    """Warnings about how the network is trained."""
    optimiser = project.recipe.optimiser
    if getattr(optimiser, "nesterov", False) and getattr(optimiser, "momentum", 1) == 0:
        yield _warning(
            "",
            "nesterov-without-momentum",
            Message("The optimiser has Nesterov turned on, but no momentum, so it trains without Nesterov"),
            Message("a momentum above 0"),
            Message("a momentum of 0"),
            Message("Nesterov looks ahead along the momentum."),
        )


def _warning(
    node: str,
    name: str,
    message: Message,
    expected: Message,
    received: Message,
    why: Message,
    **facts: object,
) -> Problem:
    return Problem(node, name, "warning", message, expected, received, why, facts=facts)


# --------------------------------------------------------------------------- at an Output


def _weighs_nothing(node: Node, kind: Output) -> Iterator[Problem]:
    if kind.weight == 0:
        yield _warning(
            node.id,
            "weighs-nothing",
            Message("has a weight of 0, so nothing is learned from it"),
            Message("a weight above 0"),
            Message("0"),
            Message("The weight is the share of this Output in what training makes small."),
            settings=(("weight", 1),),
        )


def _ignores_nothing(node: Node, kind: Output, schema: Schema | None) -> Iterator[Problem]:
    ignored = getattr(kind.loss, "ignore", None)
    if ignored is None or schema is None:
        return
    column = schema.columns[kind.target or schema.target]
    last = len(column.classes) - 1
    if ignored > last:
        yield _warning(
            node.id,
            "ignores-nothing",
            Message(
                "ignores the class {ignored}, which {column} does not have",
                ignored=ignored,
                column=column.name,
            ),
            Message("a class from 0 to {last}", last=last),
            Message("{ignored}", ignored=ignored),
            Message("Every sample counts, as if no class were ignored."),
        )


def _prediction(graph: Graph, node: Node, loss: Loss) -> Iterator[Problem]:
    """What comes right before an Output and does not go together with its loss."""
    before = graph.nodes[_arriving(graph, node.id).source]
    words = {"layer": before.name, "loss": loss.label(), "output": node.name}
    if loss.task == "classes" and loss.takes == "scores" and isinstance(before.kind, LogSoftmax):
        yield evolve(
            _warning(
                before.id,
                "scores-kept",
                Message("is not needed before {output}: its loss comes out the same without it", **words),
                Message("the scores themselves"),
                Message("the logarithms of their shares"),
                Message(
                    "It takes one number from all scores of a sample, and {loss} goes by their differences.",
                    **words,
                ),
            ),
            level="note",
        )
    elif loss.takes == "scores" and _cuts(before.kind):
        yield _warning(
            before.id,
            "scores-cut",
            Message("changes the scores before {output}, whose loss takes them as they are", **words),
            Message("scores that may be any numbers"),
            Message("what a{kind:|n} {kind} leaves of them", kind=before.kind.label()),
            Message(
                "{loss} takes any numbers for scores. Cut off or squeezed, they learn slowly or not at all.",
                **words,
            ),
        )
    made_raw = before.kind.family in {"dense", "convolution", "recurrent"}
    if (
        loss.takes == "log shares"
        and (made_raw or _cuts(before.kind))
        and not isinstance(before.kind, LogSoftmax)
    ):
        yield _warning(
            node.id,
            "no-log-shares",
            Message(
                "expects the logarithms of shares, as LogSoftmax gives them, but receives what {layer} gives",
                **words,
            ),
            Message("the logarithms of shares"),
            Message("what {layer} gives", **words),
            Message("Where they are no such logarithms, the loss falls without end and nothing is learned."),
            before=before.id,
        )


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
    words = {"first": first.name}
    yield _warning(
        node.id,
        "two-as-one",
        Message(
            "follows {first} with no activation between them, so the two can do no more than one", **words
        ),
        Message("an activation between two Linear layers"),
        Message("what {first} gives, as it is", **words),
        Message("A weighted sum of weighted sums is a weighted sum again."),
        wire=wire,
    )


def _drops_all(node: Node) -> Iterator[Problem]:
    for setting, usual in USUAL.items():
        if getattr(node.kind, setting, 0) == 1:
            yield _warning(
                node.id,
                "drops-all",
                Message("drops every value while training, so nothing is learned through it"),
                Message("a probability below 1"),
                Message("1"),
                Message("What is dropped is zero and carries no gradient."),
                settings=((setting, usual),),
            )


def _arriving(graph: Graph, id: str) -> Wire:
    """The wire whose value arrives first at a layer, from the nearest above that is not muted."""
    wire = graph.passed(id)
    assert wire is not None  # all that is needed arrives where a layer is known
    while graph.nodes[wire.source].skipped:
        above = graph.passed(wire.source)
        assert above is not None
        wire = above
    return wire
