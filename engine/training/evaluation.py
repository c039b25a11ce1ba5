"""How good a network is on a part of the data: quickly after every epoch, and by every metric at the end."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn

from engine.data.dataset import Dataset
from engine.training.metrics import Judged, all_metrics, series_metrics, with_names
from engine.training.objectives import LossTally, as_tuple, predictions
from engine.training.samples import TensorSamples
from engine.training.state import TrainingState


@torch.no_grad()
def evaluate(state: TrainingState, samples: TensorSamples) -> dict[str, float]:
    """The loss, what it is made up of, and the measure of each Output that is drawn as a curve. Waits for the
    device once.
    """
    tally, sums = LossTally(state.objectives, state.device), []
    with _evaluating(state.module):
        for inputs, targets in samples.batches(state.evaluation_batch):
            outputs = state.module(*inputs)
            tally.add(outputs, targets)
            meters = zip(state.meters, predictions(state.objectives, outputs), targets, strict=True)
            sums.append(torch.stack([meter.sums(prediction, target) for meter, prediction, target in meters]))
    values, counted = torch.stack(sums).sum(0).unbind(1)
    losses = tally.losses() + ([state.penalty()] if state.penalty is not None else [])
    # all numbers in one tensor: note that reading it is the one CPU-GPU sync point of an evaluation
    means = torch.cat([torch.stack(losses), values / counted.clamp(min=1)]).tolist()
    parts = dict(zip(_loss_parts(state), means[1 : len(losses)], strict=True))
    return with_names(state.meters, [means[0], *means[len(losses) :]]) | parts


def watched_measure(state: TrainingState, name: str) -> dict[str, float]:
    """A metric of the validation data that `evaluate` does not give, which looks at all samples at once;
    nothing where it is not defined. Raises what computing it raises.
    """
    judged = final_metrics(state, state.prepared.validation)
    if name in judged.failures:
        raise judged.failures[name]
    return {name: judged.values[name]} if name in judged.values else {}


@torch.no_grad()
def final_metrics(state: TrainingState, dataset: Dataset) -> Judged:
    """The loss and every metric that the Outputs ask for. What is not finite is left out."""
    outputs, truth = [], []
    # what it is trained on stands on the device already
    samples = state.samples if dataset is state.prepared.train else state.samples_of(dataset)
    with _evaluating(state.module):
        for inputs, targets in samples.batches(state.evaluation_batch):
            # metrics such as AUROC look at all samples at once, for which main memory has more room
            outputs.append([one.cpu() for one in as_tuple(state.module(*inputs))])
            truth.append([target.cpu() for target in targets])
    whole = tuple(torch.cat(pieces) for pieces in zip(*outputs, strict=True))
    targets = [torch.cat(pieces) for pieces in zip(*truth, strict=True)]
    tally = LossTally(state.objectives)
    tally.add(whole, targets)
    losses = [float(loss) for loss in tally.losses()]
    losses += [float(state.penalty())] if state.penalty is not None else []
    named = zip(("loss", *_loss_parts(state)), losses, strict=True)
    judged = Judged({name: value for name, value in named if math.isfinite(value)})
    for objective, prediction, target in zip(
        state.objectives, predictions(state.objectives, whole), targets, strict=True
    ):
        own = all_metrics(objective, prediction, target)
        own.values.update(series_metrics(objective, state.prepared, dataset))
        judged.values.update({objective.named(name): value for name, value in own.values.items()})
        judged.failures.update({objective.named(name): error for name, error in own.failures.items()})
    return judged


@contextmanager
def _evaluating(module: nn.Module) -> Iterator[None]:
    """Within it the module is in evaluation mode."""
    module.eval()
    try:
        yield
    finally:
        module.train()


def _loss_parts(state: TrainingState) -> tuple[str, ...]:
    """What is told beside the total loss: the loss of each of several Outputs, and the penalty on large
    weights, which the loss that is shown leaves out.
    """
    several = state.objectives if len(state.objectives) > 1 else ()
    losses = tuple(objective.named("loss") for objective in several)
    return (*losses, "penalty") if state.penalty is not None else losses
