"""Which layer first gave a number that is not finite: the steps since a checkpoint, made again and
watched.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from types import CodeType, FrameType
from typing import Any

import torch
from attrs import frozen
from torch import Tensor, nn

from engine.analysis.warnings import usual_rate
from engine.codegen.build import Built
from engine.codegen.source import SourceCode
from engine.message import Message
from engine.training.causes import Failure, Remedy, cause, helps
from engine.training.checkpoint import Checkpoint
from engine.training.objectives import by_objective
from engine.training.samples import Batch
from engine.training.state import TrainingState
from engine.training.steps.eager import EagerStep


class Diverged(Exception):
    """A loss that left the device was not finite. `step` counts from 1; `evaluating` says it was on
    validation data.
    """

    def __init__(self, step: int, evaluating: bool = False) -> None:
        super().__init__(step)
        self.step = step
        self.evaluating = evaluating


@frozen
class Finding:
    """Where it began: the layer, the step, and in words why, and what to do about it."""

    message: Message
    node: str | None
    step: int


class _NotFinite(Exception):
    def __init__(self, node: str, undefined: bool) -> None:
        super().__init__(node)
        self.node = node
        self.undefined = undefined


PATIENCE = 20.0
"""Seconds in which ways out are tried: whoever waits for the run to end would rather hear fewer of them."""
BEYOND = 20
"""Steps for which numbers must stay finite after the one at which they did not."""


def find(state: TrainingState, checkpoint: Checkpoint, diverged: Diverged) -> Finding:
    """Go back to the checkpoint, make its steps again up to the one that diverged, and say what went wrong
    first, why, and which ways out were tried and help.

    The state is left at the checkpoint, whose numbers are finite.
    """
    state.restore(checkpoint)
    try:
        failure = _replay(state, diverged)
        if failure is None:
            text = Message("The loss was no longer a finite number at step {step}.", step=diverged.step)
            return Finding(text, None, diverged.step)
        return _explained(state, checkpoint, diverged, failure)
    finally:
        for parameter in state.module.parameters():
            parameter.grad = None
        state.module.train()
        state.restore(checkpoint)


def _explained(state: TrainingState, checkpoint: Checkpoint, diverged: Diverged, failure: Failure) -> Finding:
    """What happened, why, and what to do about it. No more is advised than two things that help."""
    deadline = time.monotonic() + PATIENCE
    why = cause(state, failure)
    ways: list[Iterator[Message]] = [_changes(state, failure, why.remedies, deadline)]
    if why.learnt and (failure.step > 1 or diverged.evaluating):
        ways.append(_slower(state, checkpoint, diverged, deadline))
    ways.append(_changes(state, failure, why.otherwise, deadline))
    # each kind of remedy is tried only where those before it do not help
    advice = next((found for way in ways if (found := tuple(islice(way, 2)))), ())
    if not advice:
        advice = (why.by_hand or Message("No way out that was tried helps. Look at what goes into it."),)
    template = "{where} {why} {one} Or: {other}" if len(advice) > 1 else "{where} {why} {one}"
    words = {"where": failure.where, "why": why.sentence, "one": advice[0], "other": advice[-1]}
    return Finding(Message(template, **words), failure.node, failure.step)


def _changes(
    state: TrainingState, failure: Failure, remedies: Iterable[Remedy], deadline: float
) -> Iterator[Message]:
    """The changes of the network that help."""
    for remedy in remedies:
        if time.monotonic() < deadline and helps(state, failure, remedy):
            yield remedy.advice


def _slower(
    state: TrainingState, checkpoint: Checkpoint, diverged: Diverged, deadline: float
) -> Iterator[Message]:
    """Rates and limits of the gradient with which the same steps stay finite."""
    recipe = state.project.recipe
    rate, usual = recipe.optimiser.rate, usual_rate(recipe.optimiser)
    for lower in sorted({rate / 10, rate / 100, usual}, reverse=True):
        if lower < rate and _stays_finite(state, checkpoint, diverged, deadline, factor=lower / rate):
            yield Message(
                "Lower the learning rate (it was {rate}) to {lower}.",
                rate=f"{rate:.3g}",
                lower=f"{lower:.3g}",
            )
            break
    limit = 1.0
    if (recipe.clip is None or recipe.clip > limit) and _stays_finite(
        state, checkpoint, diverged, deadline, clip=limit
    ):
        yield Message("Clip the gradient at {limit:g}.", limit=limit)


def _stays_finite(
    state: TrainingState,
    checkpoint: Checkpoint,
    diverged: Diverged,
    deadline: float,
    factor: float = 1.0,
    clip: float | None = None,
) -> bool:
    """Whether the steps from the checkpoint on, and some more, stay finite at another rate or limit of the
    gradient.
    """
    state.restore(checkpoint)
    state.module.train()
    step = EagerStep(state, clip)
    last = diverged.step + BEYOND
    while state.step < last:
        for batch in state.batches():
            for (inputs, targets), share in step.pieces(batch):
                loss = state.criterion(step.run(inputs), targets)
                if not bool(loss.isfinite()) or time.monotonic() > deadline:
                    return False
                step.backward(loss if state.penalty is None else loss + state.penalty(), share)
            step.update(state.rate() * factor, batch)
            state.count_step()
            if state.step >= last:
                break
        else:
            state.next_epoch()
    return all(bool(value.isfinite().all()) for value in state.module.parameters())


def _replay(state: TrainingState, diverged: Diverged) -> Failure | None:
    """Make the steps again, watched; the first thing that is not finite."""
    step = EagerStep(state)  # its update is the one that was made, bit for bit
    while state.step < diverged.step:
        for batch in state.batches():
            failure = _watched_step(state, step, batch)
            if failure is not None or state.step >= diverged.step:
                break
        else:
            state.next_epoch()
            continue
        if failure is not None:
            return failure
    if not diverged.evaluating:
        return None
    # every step was finite, so it began on validation data, in evaluation mode
    state.module.eval()
    with torch.no_grad(), state.judged():
        for batch in state.samples_of(state.prepared.validation).batches(state.evaluation_batch):
            failure = _forward(state, batch)[1]
            if failure is not None:
                return failure
    return None


def _watched_step(state: TrainingState, step: EagerStep, batch: Batch) -> Failure | None:
    for piece, share in step.pieces(batch):
        loss, failure = _forward(state, piece, step.run)
        if failure is not None or loss is None:
            return failure
        step.backward(loss if state.penalty is None else loss + state.penalty(), share)
    number = state.step + 1
    # in half precision a gradient may be infinite: the scaler then leaves the step out
    node = _layer_of_first_bad_gradient(state) if state.scaler is None else None
    if node is not None:
        text = Message(
            "At step {step} the gradient of {layer} was no longer finite.",
            step=number,
            layer=_name(state, node),
        )
        return Failure(text, node, number, batch, state.weights(), gradient=True)
    step.update(state.rate(), batch)
    state.count_step()
    return None


def _forward(
    state: TrainingState, batch: Batch, run: Callable[[Sequence[Tensor]], Any] | None = None
) -> tuple[Tensor | None, Failure | None]:
    """The loss, one number, or what was not finite on the way to it. `run` calls the module as steps do."""
    inputs, targets = batch
    step = state.step + (1 if state.module.training else 0)
    where = {"step": step}
    if not all(map(_finite, (*inputs, *targets))):
        text = Message("At step {step} what goes in was not finite.", **where)
        return None, Failure(text, None, step, batch, state.weights(), data=True)
    try:
        with watched(state.built):
            outputs = state.module(*inputs) if run is None else run(inputs)
    except _NotFinite as error:
        text = Message(
            "At step {step} the output of {layer} was no longer finite.",
            **where,
            layer=_name(state, error.node),
        )
        return None, Failure(text, error.node, step, batch, state.weights(), error.undefined)
    loss = state.criterion(outputs, targets)
    if bool(loss.isfinite()):
        return loss, None
    undefined = bool(loss.isnan())
    # all layers were finite and the sum of the losses is not: one of several Outputs has to be named
    for objective, own, target in zip(
        state.objectives,
        by_objective(state.objectives, outputs),
        targets[: len(state.objectives)],
        strict=True,
    ):
        if not bool(objective.criterion(state.device)(*own, target).isfinite()):
            text = Message(
                "At step {step} the loss at {layer} was no longer finite.", **where, layer=objective.name
            )
            return None, Failure(text, objective.node, step, batch, state.weights(), undefined)
    text = Message("At step {step} the loss was no longer finite.", **where)
    return None, Failure(text, None, step, batch, state.weights(), undefined)


def _name(state: TrainingState, node: str) -> str:
    return state.project.graph.nodes[node].name


def _layer_of_first_bad_gradient(state: TrainingState) -> str | None:
    """The layer whose gradient failed first. Gradients flow upwards, so it is the last such layer of the
    network.
    """
    source = state.built.source
    first = None
    for node in state.project.graph.order:
        attribute = source.names.get(node)
        layer = getattr(state.module, attribute, None) if attribute is not None else None
        if isinstance(layer, nn.Module) and any(
            p.grad is not None and not bool(p.grad.isfinite().all()) for p in layer.parameters()
        ):
            first = node
    return first


# --------------------------------------------------------------------------- watching


@contextmanager
def watched(built: Built) -> Iterator[None]:
    """Within it, a call of the module stops at the first layer whose output is not finite.

    A layer with a module is watched by a hook. One that is only a line of code is watched by what the line
    leaves in the variables of `forward`, as a debugger would.
    """
    hooks = [
        part.register_forward_hook(_hook(node))
        for node, attribute in built.source.names.items()
        if isinstance(part := getattr(built.module, attribute, None), nn.Module)
    ]
    before = sys.gettrace()
    code: CodeType = type(built.module).forward.__code__
    sys.settrace(_Lines(built.source, code))
    try:
        yield
    finally:
        sys.settrace(before)
        for hook in hooks:
            hook.remove()


def _hook(node: str) -> Any:
    def check(module: nn.Module, arguments: Any, output: Any) -> None:
        if not _finite(output):
            raise _NotFinite(node, _undefined(output))

    return check


def _finite(value: Any) -> bool:
    """Whether every number is finite, in a tensor of any shape or in several. Waits for the device."""
    if isinstance(value, Tensor):
        return not value.is_floating_point() or bool(value.detach().isfinite().all())
    return all(_finite(one) for one in value) if isinstance(value, tuple | list) else True


def _undefined(value: Any) -> bool:
    """Whether any is no number at all, rather than too large a one."""
    if isinstance(value, Tensor):
        return bool(value.detach().isnan().any())
    return any(_undefined(one) for one in value) if isinstance(value, tuple | list) else False


class _Lines:
    """A trace function that looks at the variables of one function whenever a line of it is done."""

    def __init__(self, source: SourceCode, code: CodeType) -> None:
        self._code = code
        self._node = source.owners
        self._seen: dict[str, int] = {}
        self._line = 0

    def __call__(self, frame: FrameType, event: str, argument: Any) -> Any:
        if frame.f_code is not self._code:
            return None  # nothing of what `forward` calls is traced: that would take minutes
        self._seen = {name: id(value) for name, value in frame.f_locals.items()}
        self._line = frame.f_lineno
        return self._within

    def _within(self, frame: FrameType, event: str, argument: Any) -> Any:
        # both come when a line is done: the line of the event itself has not run yet
        if event in {"line", "return"}:
            # a variable that is bound anew has another object; comparing the numbers would cost more
            new = [value for name, value in frame.f_locals.items() if self._seen.get(name) != id(value)]
            if event == "return":
                new.append(argument)  # what the last line returns stands in no variable
            node = self._node.get(self._line)
            if node is not None and not all(map(_finite, new)):
                raise _NotFinite(node, _undefined(new))
            self._seen = {name: id(value) for name, value in frame.f_locals.items()}
            self._line = frame.f_lineno
        return self._within


def node_of(built: Built, error: BaseException) -> str | None:
    """The layer on whose line an exception arose, or None where it came from elsewhere."""
    code = type(built.module).forward.__code__
    node = None
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code is code:
            node = built.source.owners.get(trace.tb_lineno)
        trace = trace.tb_next
    return node
