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
from engine.training import objectives as aims
from engine.training.checkpoint import Checkpoint
from engine.training.state import Learner


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


def find(learner: Learner, checkpoint: Checkpoint, diverged: Diverged) -> Finding:
    """Go back to the checkpoint, make its steps again up to the one that diverged, and say what went wrong
    first.

    The learner is left at the checkpoint, whose numbers are finite.
    """
    learner.restore(checkpoint)
    try:
        return _replayed(learner, diverged) or _finding(
            learner,
            Message("The loss was no longer a finite number at step {step}.", step=diverged.step),
            None,
            diverged.step,
        )
    finally:
        for parameter in learner.module.parameters():
            parameter.grad = None
        learner.module.train()
        learner.restore(checkpoint)


def _replayed(learner: Learner, diverged: Diverged) -> Finding | None:
    while learner.step < diverged.step:
        for inputs, targets in learner.batches():
            found = _step(learner, inputs, targets)
            if found is not None or learner.step >= diverged.step:
                break
        else:
            learner.next_epoch()
            continue
        if found is not None:
            return found
    if not diverged.evaluating:
        return None
    inputs, targets = learner.part(learner.prepared.validation)
    learner.module.eval()
    rows = learner.evaluation_batch
    with torch.no_grad():
        for start in range(0, len(targets[0]), rows):
            found = _forward(
                learner,
                [column[start : start + rows] for column in inputs],
                [target[start : start + rows] for target in targets],
            )[1]
            if found is not None:
                return found
    return None


def _step(learner: Learner, inputs: list[Tensor], targets: list[Tensor]) -> Finding | None:
    loss, found = _forward(learner, inputs, targets)
    if found is not None or loss is None:
        return found
    (loss if learner.penalty is None else loss + learner.penalty()).backward()  # type: ignore[no-untyped-call]  # PyTorch's is not annotated
    step = learner.step + 1
    node = _gradient(learner)
    if node is not None:
        text = Message(
            "At step {step} the gradient of {layer} was no longer finite.",
            step=step,
            layer=_name(learner, node),
        )
        return _finding(learner, text, node, step)
    clip = learner.project.recipe.clip
    if clip is not None:
        nn.utils.clip_grad_norm_(learner.stepper.parameters, clip)
    learner.stepper.rate = learner.rate()
    learner.stepper()
    learner.step += 1
    learner.position += 1
    return None


def _forward(
    learner: Learner, inputs: list[Tensor], targets: list[Tensor]
) -> tuple[Tensor | None, Finding | None]:
    """The loss, or what was not finite on the way to it."""
    step = learner.step + (1 if learner.module.training else 0)
    try:
        with watched(learner.built):
            prediction = learner.module(*inputs)
    except _NotFinite as error:
        text = Message(
            "At step {step} the output of {layer} was no longer finite.",
            step=step,
            layer=_name(learner, error.node),
        )
        return None, _finding(learner, text, error.node, step)
    loss = learner.criterion(prediction, targets)
    if bool(loss.isfinite()):
        return loss, None
    for goal, said, true in zip(learner.goals, aims.by_goal(learner.goals, prediction), targets, strict=True):
        if not bool(goal.criterion(learner.device)(*said, true).isfinite()):
            text = Message(
                "At step {step} the loss at {layer} was no longer finite.", step=step, layer=goal.name
            )
            return None, _finding(learner, text, goal.node, step)
    text = Message("At step {step} the loss was no longer finite.", step=step)
    return None, _finding(learner, text, None, step)


def _finding(learner: Learner, what: Message, node: str | None, step: int) -> Finding:
    rate = f"{learner.rate():.3g}"
    advice = (
        Message(
            "Lower the learning rate (it was {rate}), clip the gradient, or put a normalisation before it.",
            rate=rate,
        )
        if learner.project.recipe.clip is None
        else Message("Lower the learning rate (it was {rate}), or put a normalisation before it.", rate=rate)
    )
    return Finding(Message("{what} {advice}", what=what, advice=advice), node, step)


def _name(learner: Learner, node: str) -> str:
    return learner.project.graph.nodes[node].name


def _gradient(learner: Learner) -> str | None:
    """The layer whose gradient failed first. Gradients flow upwards, so it is the last such layer of the
    network.
    """
    source = learner.built.source
    found = None
    for node in learner.project.graph.order:
        attribute = source.names.get(node)
        part = getattr(learner.module, attribute, None) if attribute is not None else None
        if isinstance(part, nn.Module) and any(
            p.grad is not None and not bool(p.grad.isfinite().all()) for p in part.parameters()
        ):
            found = node
    return found


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
    def look(module: nn.Module, arguments: Any, output: Any) -> None:
        if not _finite(output):
            raise _NotFinite(node)

    return look


def _finite(value: Any) -> bool:
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
            return None
        self._seen = {name: id(value) for name, value in frame.f_locals.items()}
        self._line = frame.f_lineno
        return self._within

    def _within(self, frame: FrameType, event: str, argument: Any) -> Any:
        if event in {"line", "return"}:
            new = [value for name, value in frame.f_locals.items() if self._seen.get(name) != id(value)]
            if event == "return":
                new.append(argument)
            node = self._node.get(self._line)
            if node is not None and not all(map(_finite, new)):
                raise _NotFinite(node)
            self._seen = {name: id(value) for name, value in frame.f_locals.items()}
            self._line = frame.f_lineno
        return self._within


def node_of(built: Built, error: BaseException) -> str | None:
    """The layer on whose line an exception arose, or None where it came from elsewhere."""
    code = type(built.module).forward.__code__
    found = None
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code is code:
            found = built.source.owners.get(trace.tb_lineno)
        trace = trace.tb_next
    return found
