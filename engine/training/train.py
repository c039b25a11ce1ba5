"""Training, on one page: a generator that makes steps and tells of them.

What makes it quick for small networks: samples stand on the device as one tensor, put in order once an epoch
and cut into views; nothing waits for a number at each step, since losses gather and leave about ten times a
second; the optimiser's kernel is called directly (stepper.py).
"""

from __future__ import annotations

import math
import traceback
from collections.abc import Callable, Generator, Mapping

import torch
from attrs import frozen
from torch import nn

from engine.analysis import memory as footprint
from engine.analysis.check import check
from engine.analysis.results import Analysis
from engine.codegen.build import Built, build
from engine.data.prepare import Prepared, prepare
from engine.files.versions import versions
from engine.hardware import device as machine
from engine.hardware import memory
from engine.hardware.random_state import OwnRandom
from engine.message import Message, Trouble
from engine.project.project import Project
from engine.training.checkpoint import Checkpoint, Kept
from engine.training.control import Control
from engine.training.divergence import Diverged, find, node_of
from engine.training.recorder import Ledger
from engine.training.reports import Evaluated, Failed, Finished, Report, Started
from engine.training.rollback import Guard
from engine.training.state import Learner

Keep = Callable[[Checkpoint], None]


@frozen(eq=False)
class Trained:
    """What a training leaves: the module with the weights that are kept, and of which epoch they are."""

    built: Built
    reason: str
    kept_epoch: float
    step: int
    metrics: Mapping[str, Mapping[str, float]]


def train(
    project: Project,
    prepared: Prepared | None = None,
    control: Control | None = None,
    *,
    number: int = 0,
    checkpoint: Checkpoint | None = None,
    keep: Keep | None = None,
) -> Generator[Report, None, Trained]:
    """Train a project; the generator returns the result (`result = yield from train(…)`).

    With a checkpoint it goes on from there, bit for bit as if it had never stopped. `keep` is handed a
    checkpoint now and then. Raises `Trouble` where it cannot begin; what goes wrong later is `Failed`.
    """
    control = control or Control()
    prepared = prepared or prepare(project.data)
    recipe = project.recipe
    device = machine.choose_device(recipe.device)
    analysis = check(project)
    threads = machine.choose_threads(recipe.threads, analysis.macs, recipe.batch_size)
    own = OwnRandom(recipe.seed, device)
    with machine.computing(device, threads):
        with own:
            if device.type == "cpu":  # a GPU says itself that its memory is full, and in time
                footprint.require(analysis)
            learner = _learner(project, prepared, analysis, device)
            if checkpoint is not None:
                learner.restore(checkpoint)
            ledger = Ledger(learner, control, checkpoint.sums if checkpoint is not None else ())
        yield Started(
            number=number,
            steps_per_epoch=len(learner.sizes),
            steps=len(learner.sizes) * recipe.epochs,
            epochs=recipe.epochs,
            device=machine.device_name(device),
            threads=threads,
            engine="eager",
            versions=versions(),
            metrics=ledger.names,
        )
        learning = _learn(learner, control, ledger, Guard(learner, ledger, keep))
        while True:
            with own:
                try:
                    report = next(learning)
                except StopIteration as end:
                    trained: Trained = end.value
                    return trained
            yield report


def _learner(project: Project, prepared: Prepared, analysis: Analysis, device: torch.device) -> Learner:
    built = None
    try:
        built = build(project, project.recipe.seed, analysis)
        return Learner(project, prepared, built, device, analysis.activation_bytes)
    except Trouble:
        raise
    except Exception as error:  # a layer may raise anything for samples that it cannot work on
        if memory.exhausted(error):
            raise Trouble(memory.full(machine.device_name(device), project.recipe.batch_size)) from None
        id = node_of(built, error) if built is not None else None
        raise Trouble(
            "{name} cannot work on the first samples: PyTorch says: {text}",
            name=project.graph.nodes[id].name if id else Message("The network"),
            text=_first_line(error),
        ) from error


def _learn(
    learner: Learner, control: Control, ledger: Ledger, guard: Guard
) -> Generator[Report, None, Trained]:
    try:
        reason = yield from _steps(learner, control, ledger, guard)
        kept = _keep(learner, reason)
        metrics = _judged(learner)
        yield Finished(reason, kept, learner.step, metrics, ledger.seconds())
        return Trained(learner.built, reason, kept, learner.step, metrics)
    except Diverged as diverged:
        best = learner.best
        finding = find(learner, guard.checkpoint, diverged)
        learner.best = best  # found after the checkpoint, perhaps, and finite
        kept = _keep(learner, "failed")
        metrics = _judged(learner)
        yield Failed(finding.message, finding.node, finding.step)
    except (
        Exception
    ) as error:  # whatever a layer or the machine raises ends the run in words, not the program
        step = learner.step + 1
        failed = Failed(
            _words(learner, error), node_of(learner.built, error), step, trace=traceback.format_exc()
        )
        best = learner.best
        guard.go_back()
        learner.best = best
        kept, metrics = _keep(learner, "failed"), {}
        yield failed
    return Trained(learner.built, "failed", kept, learner.step, metrics)


def _steps(learner: Learner, control: Control, ledger: Ledger, guard: Guard) -> Generator[Report, None, str]:
    """All epochs; returns why it ended."""
    recipe = learner.project.recipe
    module, criterion, step, clip = learner.module, learner.criterion, learner.stepper, recipe.clip
    penalty = learner.penalty
    validation = learner.part(learner.prepared.validation)
    unit = torch.ones((), device=learner.device)  # given here, so that backward does not make one each time
    module.train()
    guard.take()
    while learner.epoch < recipe.epochs:
        if recipe.patience is not None and learner.quiet >= recipe.patience:
            return "early"
        for inputs, targets in learner.batches():
            if control.asked:
                yield from ledger.leave()
                if not control.obey():
                    if learner.position:
                        yield _evaluated(learner, ledger, validation)
                    return "stopped"
                ledger.restart()
            prediction = module(*inputs)
            loss = criterion(prediction, targets)
            cost = penalty() if penalty is not None else None
            # the curves show the loss itself, so that training and validation can be compared
            (loss if cost is None else loss + cost).backward(unit)  # type: ignore[no-untyped-call]  # PyTorch's is not annotated
            due = ledger.due()
            norm = (
                nn.utils.clip_grad_norm_(step.parameters, clip)
                if clip is not None
                else nn.utils.get_total_norm([p.grad for p in step.parameters if p.grad is not None])
                if due
                else None
            )
            step.rate = learner.rate()
            step()
            learner.step += 1
            learner.position += 1
            ledger.add(loss.detach(), prediction, targets, norm, cost)
            if due:
                yield from ledger.leave()
                guard.consider()
        yield from ledger.leave()
        learner.next_epoch()
        yield _evaluated(learner, ledger, validation)
        guard.consider()
    return "done"


def _evaluated(
    learner: Learner, ledger: Ledger, validation: tuple[list[torch.Tensor], list[torch.Tensor]]
) -> Evaluated:
    """Judge by validation data and remember the weights where they are the best so far."""
    found = learner.evaluate(*validation)
    loss = found["loss"]
    if not math.isfinite(loss):
        raise Diverged(learner.step, evaluating=True)
    best = learner.best is None or loss < learner.best.loss
    if best:
        learner.best = Kept(learner.weights(), learner.place, learner.step, loss)
    learner.quiet = 0 if best else learner.quiet + 1
    return Evaluated(learner.place, learner.step, ledger.epoch_means(), found, best, ledger.seconds())


def _keep(learner: Learner, reason: str) -> float:
    """Put the weights that the recipe wants to end with into the module; of which epoch they are."""
    recipe = learner.project.recipe
    if learner.best is None or not (recipe.keep_best or reason == "early"):
        return learner.place
    learner.module.load_state_dict(learner.best.weights)
    return learner.best.epoch


def _judged(learner: Learner) -> dict[str, dict[str, float]]:
    prepared = learner.prepared
    parts = {"train": prepared.train, "validation": prepared.validation, "test": prepared.test}
    found = {name: learner.judge(part) for name, part in parts.items()}
    learner.module.eval()
    return found


def _words(learner: Learner, error: Exception) -> Message:
    """What went wrong, for a person."""
    if isinstance(error, Trouble):
        return error.message
    if memory.exhausted(error):
        return memory.full(machine.device_name(learner.device), learner.project.recipe.batch_size)
    return Message(
        "Training stopped at step {step}: PyTorch says: {text}",
        step=learner.step + 1,
        text=_first_line(error),
    )


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n")[0][:300] or type(error).__name__
