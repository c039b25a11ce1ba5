"""Why numbers stopped being finite, and what would keep them so.

What a layer does says most of it: a logarithm has no value for a negative number at any learning rate. Each
remedy is a change of the project, and none is advised that was not tried.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
from attrs import evolve, field, frozen
from torch import Tensor, nn

from engine import edits
from engine.codegen.build import build
from engine.edits.blocks import within
from engine.kinds import Layer
from engine.layers.arithmetic import Divide
from engine.layers.functions import Clamp, Exponential, Logarithm, Power, ScaleShift, SquareRoot
from engine.layers.input_output import Input, Output
from engine.layers.reduce import StandardDeviation
from engine.layers.sample_norm import LayerNorm
from engine.message import Message, Trouble
from engine.project.blocks import Use
from engine.project.graph import Graph, Node, Wire
from engine.project.project import Inside, Project
from engine.training.samples import Batch
from engine.training.state import TrainingState

TINY = 1e-6
"""What keeps a number off zero, and its logarithm, root and inverse in the range of 32 bits."""
LARGEST_POWER = 80.0
"""e to the power of 88.8 is more than 32 bits hold."""


@frozen
class Failure:
    """What was not finite first: the numbers that `where` names, at a layer if one is known, in a step on one
    batch. `undefined` says that it is no number at all (0/0), rather than too large a one; `weights` are
    those of that moment.
    """

    where: Message
    node: str | None
    step: int
    batch: Batch
    weights: dict[str, Tensor] = field(repr=False)
    undefined: bool = False
    gradient: bool = False
    data: bool = False


@frozen
class Remedy:
    """A change of the network, in words, that may keep its numbers finite."""

    advice: Message
    project: Project


@frozen
class Cause:
    """Why a failure came about, and what may help. `learnt` says that the steps before may have led to it, so
    that others may help as well; `otherwise` is what is left where those do not.
    """

    sentence: Message
    remedies: tuple[Remedy, ...] = ()
    learnt: bool = False
    otherwise: tuple[Remedy, ...] = ()
    by_hand: Message | None = None


def cause(state: TrainingState, failure: Failure) -> Cause:
    """Why it came about, by what the layer does and what it gave."""
    project = state.project
    node = project.graph.nodes.get(failure.node or "")
    if failure.data:
        return Cause(
            Message("The data itself holds such a number, or one that is too large for 32 bits."),
            by_hand=Message("Take those samples out of the data, or scale the column."),
        )
    if failure.gradient:
        return _steep(project, failure)
    if node is None:
        return _grown(failure)
    undefined = failure.undefined
    if isinstance(node.kind, Use):
        own = _of_block(project, node, undefined)
    else:
        own = _of_function(project, node, undefined) or _of_mask(project.graph, node, undefined)
    if own is not None:
        return own
    if isinstance(node.kind, Output) and undefined:
        loss = node.kind.loss.label().lower()
        return Cause(Message("The {loss} has no value for what arrives there.", loss=loss), learnt=True)
    return evolve(_grown(failure), otherwise=tuple(_normed(project, node)))


def _of_function(project: Project, node: Node, undefined: bool) -> Cause | None:
    """A function that has no value, or none that 32 bits hold, for what arrives at it."""
    kind = node.kind
    clamped, shifted = _clamped(project, node), _shifted(project, node)
    if isinstance(kind, Logarithm) and undefined:
        sentence = Message("It took the logarithm of a negative number, which has none.")
        return Cause(sentence, tuple(clamped))
    if isinstance(kind, Logarithm):
        sentence = Message("It took the logarithm of zero, which is minus infinity.")
        return Cause(sentence, (*shifted, *clamped))
    if isinstance(kind, SquareRoot | Power) and undefined:
        sentence = Message("It took the root of a negative number, which has none.")
        return Cause(sentence, tuple(clamped))
    if isinstance(kind, Power) and kind.exponent < 0:
        return Cause(Message("It divided by zero."), (*shifted, *clamped))
    if isinstance(kind, Divide):
        sentence = Message("It divided zero by zero.") if undefined else Message("It divided by zero.")
        return Cause(sentence, (*_shifted(project, node, "b"), *_clamped(project, node, "b")))
    if isinstance(kind, Exponential) and not undefined:
        sentence = Message("It raised e to a power above 88, and 32 bits hold no such number.")
        return Cause(sentence, tuple(_limited(project, node)), learnt=True)
    return None


def _of_block(project: Project, node: Node, undefined: bool) -> Cause | None:
    """A function inside a block. Which of several it was, the remedy that helps tells."""
    suspects = list(_suspects(project, node, undefined, ()))
    if not suspects:
        return None
    names = " and ".join(dict.fromkeys(name for name, _ in suspects))
    sentence = Message("Inside it, {names} had no value for what arrived, or too large a one.", names=names)
    return Cause(sentence, tuple(remedy for _, found in suspects for remedy in found), learnt=True)


def _suspects(
    project: Project, node: Node, undefined: bool, path: tuple[str, ...]
) -> Iterator[tuple[str, tuple[Remedy, ...]]]:
    """The functions inside a block, and the blocks in it, by name, with what may help there. `path` leads to
    the node.
    """
    assert isinstance(node.kind, Use)
    here, graph = (*path, node.id), node.kind.graph
    for inner in graph.nodes.values():
        if isinstance(inner.kind, Use):
            yield from _suspects(project, inner, undefined, here)
            continue
        own = _of_function(Inside(graph, project.data, project.recipe), inner, undefined)
        if own is not None:
            yield (
                inner.name,
                tuple(evolve(one, project=_with_inside(project, here, one.project)) for one in own.remedies),
            )


def _with_inside(project: Project, path: tuple[str, ...], inside: Project) -> Project:
    """The project in which a block, to which a path leads, is another one."""
    return within(project, path, lambda _: inside)


def _of_mask(graph: Graph, node: Node, undefined: bool) -> Cause | None:
    """Attention to nothing at all."""
    if not undefined or node.kind.family != "attention" or not graph.arriving(node.id, "mask"):
        return None
    return Cause(
        Message("Its mask hides everything from some step, and a mean of nothing is no number."),
        by_hand=Message("Let the mask leave each step at least one other to look at."),
    )


def _grown(failure: Failure) -> Cause:
    """Numbers that became larger than 32 bits hold."""
    if failure.step > 1:
        sentence = Message("The weights grew until numbers became larger than 32 bits hold (3.4e38).")
        return Cause(sentence, learnt=True)
    return Cause(
        Message("Numbers became larger than 32 bits hold (3.4e38)."),
        learnt=True,
        by_hand=Message("No step was made before, so it is not the rate: let smaller numbers go into it."),
    )


def _steep(project: Project, failure: Failure) -> Cause:
    """A gradient that is not finite: that of a root, a logarithm or a quotient below the layer, where zero
    arrives; or one that grew on its way up.
    """
    remedies: list[Remedy] = []
    steepest = ""
    for node in _below(project.graph, failure.node):
        kind = node.kind
        if isinstance(kind, SquareRoot | Logarithm) or (isinstance(kind, Power) and kind.exponent < 1):
            found = (*_shifted(project, node), *_clamped(project, node))
        elif isinstance(kind, Divide):
            found = (*_shifted(project, node, "b"), *_clamped(project, node, "b"))
        elif isinstance(kind, StandardDeviation):
            found = ()
        else:
            continue
        steepest = steepest or node.name
        remedies += found
    if steepest:
        sentence = Message("The slope of {name} is infinite where zero arrives.", name=steepest)
        return Cause(sentence, tuple(remedies), learnt=True)
    return Cause(Message("Gradients exploded: each layer on their way up made them larger."), learnt=True)


def _below(graph: Graph, id: str | None) -> Iterator[Node]:
    """The nodes to which something leads from a node, the nearest first."""
    seen: set[str] = set()
    waiting = [id] if id is not None else []
    while waiting:
        for wire in graph.outgoing(waiting.pop(0)):
            if wire.target not in seen:
                seen.add(wire.target)
                waiting.append(wire.target)
                yield graph.nodes[wire.target]


# --------------------------------------------------------------------------- remedies


def _wire(project: Project, node: Node, port: str = "") -> Wire | None:
    wires = project.graph.arriving(node.id, port) if port else project.graph.incoming(node.id)
    return wires[0] if wires else None


def _put_in(project: Project, node: Node, kind: Layer, advice: Message, port: str = "") -> Iterator[Remedy]:
    """A layer before the node, on its way to a port."""
    wire = _wire(project, node, port)
    if wire is not None:
        yield Remedy(advice, edits.insert(project, edits.new_id(project.graph), kind, wire))


def _clamped(project: Project, node: Node, port: str = "") -> Iterator[Remedy]:
    advice = Message(
        "Insert Clamp with a lower limit of {limit:g} before {name}.", limit=TINY, name=node.name
    )
    yield from _put_in(project, node, Clamp(lower=TINY, upper=None), advice, port)


def _shifted(project: Project, node: Node, port: str = "") -> Iterator[Remedy]:
    """A small number added, as the eps of a normalisation is."""
    if isinstance(node.kind, Logarithm):
        advice = Message("Set the shift of {name} to {eps:g}.", name=node.name, eps=TINY)
        yield Remedy(advice, edits.set_param(project, node.id, "shift", TINY))
        return
    advice = Message("Add an eps of {eps:g} before {name}, by ScaleShift.", eps=TINY, name=node.name)
    yield from _put_in(project, node, ScaleShift(shift=TINY), advice, port)


def _limited(project: Project, node: Node) -> Iterator[Remedy]:
    advice = Message(
        "Insert Clamp with an upper limit of {limit:g} before {name}.", limit=LARGEST_POWER, name=node.name
    )
    yield from _put_in(project, node, Clamp(lower=None, upper=LARGEST_POWER), advice)


def _normed(project: Project, node: Node) -> Iterator[Remedy]:
    if not isinstance(node.kind, Input | Output):
        advice = Message("Insert LayerNorm before {name}.", name=node.name)
        yield from _put_in(project, node, LayerNorm(), advice)


def _with_weights(project: Project, weights: dict[str, Tensor]) -> nn.Module:
    """The module of a project with these weights, which it holds in common with whoever gave them. Those of
    layers that came in are what they begin with.
    """
    with torch.device("meta"):
        module = build(project).module
    module.load_state_dict(weights, strict=False, assign=True)
    if any(value.is_meta for value in (*module.parameters(), *module.buffers())):
        module = build(project, project.recipe.seed).module
        module.load_state_dict(weights, strict=False)
    return module


def helps(state: TrainingState, failure: Failure, remedy: Remedy) -> bool:
    """Whether with that change the same weights give finite numbers and gradients for the same batch."""
    try:
        module = _with_weights(remedy.project, failure.weights).to(state.device)
        module.train(state.module.training)
        inputs, targets = failure.batch
        loss = state.criterion(module(*inputs), targets)
        if not bool(loss.isfinite()):
            return False
        if module.training and loss.requires_grad:
            loss.backward()  # type: ignore[no-untyped-call]  # PyTorch's is not annotated
        gradients = [weight.grad for weight in module.parameters() if weight.grad is not None]
        return all(bool(gradient.isfinite().all()) for gradient in gradients)
    except (Trouble, RuntimeError):  # what cannot be made, or cannot go on, does not help
        return False
