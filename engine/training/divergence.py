"""Which layer first gave a number that is not finite: the steps since a checkpoint, made again and
watched.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import CodeType, FrameType
from typing import Any

import torch
from attrs import frozen
from torch import Tensor, nn

from engine.codegen.build import Built
from engine.codegen.source import SourceCode
from engine.message import Message
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
    """Where it began: the layer, the step, and in words."""

    message: Message
    node: str | None
    step: int


class _NotFinite(Exception):
    def __init__(self, node: str) -> None:
        super().__init__(node)
        self.node = node


def find(state: TrainingState, checkpoint: Checkpoint, diverged: Diverged) -> Finding:
    """Go back to the checkpoint, make its steps again up to the one that diverged, and say what went wrong
    first.

    The state is left at the checkpoint, whose numbers are finite.
    """
    state.restore(checkpoint)
    try:
        return _replay(state, diverged) or _finding(
            state,
            Message("The loss was no longer a finite number at step {step}.", step=diverged.step),
            None,
            diverged.step,
        )
    finally:
        for parameter in state.module.parameters():
            parameter.grad = None
        state.module.train()
        state.restore(checkpoint)


def _replay(state: TrainingState, diverged: Diverged) -> Finding | None:
    """Make the steps again, watched; the first thing that is not finite."""
    step = EagerStep(state)  # its update is the one that was made, bit for bit
    while state.step < diverged.step:
        for batch in state.batches():
            finding = _watched_step(state, step, batch)
            if finding is not None or state.step >= diverged.step:
                break
        else:
            state.next_epoch()
            continue
        if finding is not None:
            return finding
    if not diverged.evaluating:
        return None
    # every step was finite, so it began on validation data, in evaluation mode
    state.module.eval()
    with torch.no_grad():
        for batch in state.samples_of(state.prepared.validation).batches(state.evaluation_batch):
            finding = _forward(state, batch)[1]
            if finding is not None:
                return finding
    return None


def _watched_step(state: TrainingState, step: EagerStep, batch: Batch) -> Finding | None:
    loss, finding = _forward(state, batch)
    if finding is not None or loss is None:
        return finding
    (loss if state.penalty is None else loss + state.penalty()).backward()  # type: ignore[no-untyped-call]  # PyTorch's is not annotated
    number = state.step + 1
    node = _layer_of_first_bad_gradient(state)
    if node is not None:
        text = Message(
            "At step {step} the gradient of {layer} was no longer finite.",
            step=number,
            layer=_name(state, node),
        )
        return _finding(state, text, node, number)
    step.update(state.rate())
    state.count_step()
    return None


def _forward(state: TrainingState, batch: Batch) -> tuple[Tensor | None, Finding | None]:
    """The loss, one number, or what was not finite on the way to it."""
    inputs, targets = batch
    step = state.step + (1 if state.module.training else 0)
    try:
        with watched(state.built):
            outputs = state.module(*inputs)
    except _NotFinite as error:
        text = Message(
            "At step {step} the output of {layer} was no longer finite.",
            step=step,
            layer=_name(state, error.node),
        )
        return None, _finding(state, text, error.node, step)
    loss = state.criterion(outputs, targets)
    if bool(loss.isfinite()):
        return loss, None
    # all layers were finite and the sum of the losses is not: one of several Outputs has to be named
    for objective, own, target in zip(
        state.objectives, by_objective(state.objectives, outputs), targets, strict=True
    ):
        if not bool(objective.criterion(state.device)(*own, target).isfinite()):
            text = Message(
                "At step {step} the loss at {layer} was no longer finite.", step=step, layer=objective.name
            )
            return None, _finding(state, text, objective.node, step)
    text = Message("At step {step} the loss was no longer finite.", step=step)
    return None, _finding(state, text, None, step)


def _finding(state: TrainingState, what: Message, node: str | None, step: int) -> Finding:
    """What happened, and what to do about it."""
    rate = f"{state.rate():.3g}"
    advice = (
        Message(
            "Lower the learning rate (it was {rate}), clip the gradient, or put a normalisation before it.",
            rate=rate,
        )
        if state.project.recipe.clip is None
        else Message("Lower the learning rate (it was {rate}), or put a normalisation before it.", rate=rate)
    )
    return Finding(Message("{what} {advice}", what=what, advice=advice), node, step)


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
            raise _NotFinite(node)

    return check


def _finite(value: Any) -> bool:
    """Whether every number is finite, in a tensor of any shape or in several. Waits for the device."""
    if isinstance(value, Tensor):
        return not value.is_floating_point() or bool(value.detach().isfinite().all())
    return all(_finite(one) for one in value) if isinstance(value, tuple | list) else True


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
                raise _NotFinite(node)
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
