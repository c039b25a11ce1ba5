"""Tries a plug-in's kind that is no layer, by what it is for: a loss and a metric judge made-up predictions,
an optimiser goes down a slope, a schedule through epochs, an initialisation fills weights, data is read.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from engine.analysis.walk import measure
from engine.cli import check_layer
from engine.cli.check_settings import lost_in_a_file, others, settings_without_doc
from engine.data.prepare import prepare
from engine.data.settings import DataSettings
from engine.data.source import Source
from engine.kinds import Kind
from engine.kinds.shapes import per_sample
from engine.layers.convolution import Conv2d
from engine.layers.dense import Linear
from engine.layers.initialisations import Initialisation
from engine.losses.loss import Loss
from engine.message import Message, Trouble
from engine.metrics.metric import Metric
from engine.optim.optimiser import Optimiser, Schedule

SAMPLES, CLASSES, STEPS = 12, 4, 9  # of made-up predictions
EPOCHS = 10  # of a made-up training
DOWN = 100  # steps that an optimiser is given


def check(cls: type[Kind]) -> Iterator[Message]:
    """What is wrong with a kind: what it does with its usual settings, then with others."""
    yield from settings_without_doc(cls)
    problems = list(check_use(cls()))
    yield from problems
    for other in () if problems else others(cls):
        yield from lost_in_a_file(other)
        for problem in list(check_use(other))[:1] if not isinstance(other, Optimiser | Source) else ():
            yield Message("with {told}: {problem}", told=other.json(), problem=problem)


def check_use(kind: Kind) -> Iterator[Message]:
    """What is wrong with a kind where it does what it is for."""
    match kind:
        case Loss():
            yield from _check_loss(kind)
        case Metric():
            yield from _check_metric(kind)
        case Optimiser():
            yield from _check_optimiser(kind)
        case Schedule():
            yield from _check_schedule(kind)
        case Initialisation():
            yield from _check_initialisation(kind)
        case Source():
            yield from _check_source(kind)


def _check_loss(loss: Loss) -> Iterator[Message]:
    """It must be one number for a batch that training can follow down."""
    import torch

    prediction, target = example(loss.task, loss.of)
    prediction.requires_grad_()
    more = [prediction.detach().clone() for port in loss.also if not port.optional]
    target = [target] if loss.judged else []
    cost = loss.brings(loss.torch((SAMPLES // CLASSES,) * CLASSES)).make()(prediction, *more, *target)
    if cost.shape != ():
        yield Message("it gives {shape} for a batch, not one number", shape="×".join(map(str, cost.shape)))
    elif not torch.isfinite(cost):
        yield Message("it gives {cost} for usual predictions", cost=float(cost.detach()))
    elif not cost.requires_grad:
        yield Message("it does not depend on the prediction, so there is nothing to learn from it")
    else:
        cost.backward()
        if not torch.isfinite(prediction.grad).all():
            yield Message("its gradient is not finite for usual predictions")


def example(task: str, of: str = "numbers") -> tuple[Any, Any]:
    """Prediction and target as a loss for that task is given them: scores N×classes and classes N, scores and
    0 or 1 of N each, numbers N×3 of both, scores N×steps×classes and classes N×3.
    """
    import torch

    generator = torch.Generator().manual_seed(0)
    classes = torch.arange(SAMPLES) % CLASSES
    match task:
        case "classes":
            return torch.randn(SAMPLES, CLASSES, generator=generator), classes
        case "binary":
            return torch.randn(SAMPLES, generator=generator), (classes % 2).float()
        case "sequence":
            scores = torch.randn(SAMPLES, STEPS, CLASSES, generator=generator)
            return scores, torch.stack([1 + (classes + i) % (CLASSES - 1) for i in range(3)], 1)
    prediction, target = torch.randn(2, SAMPLES, 3, generator=generator).unbind()
    if of == "counts":
        return prediction, target.abs().ceil()
    return prediction, target.softmax(1) if of == "shares" else target


def _check_metric(metric: Metric) -> Iterator[Message]:
    """It must be a number, or None, for what each of its tasks hands it."""
    import torch

    guarded = type(metric).compute
    compute = getattr(guarded, "__wrapped__", guarded)  # what it raises is to be seen
    for task in metric.tasks:
        prediction, target = example(task)
        if task == "binary":
            prediction, target = torch.stack([torch.zeros_like(prediction), prediction], 1), target.long()
        elif task == "numbers":
            prediction, target = prediction.double(), target.double()
        elif task == "sequence":
            prediction = prediction.argmax(2)[:, : target.shape[1]]
        value = compute(metric, prediction, target)
        if value is not None and not (isinstance(value, int | float) and math.isfinite(value)):
            yield Message(
                "for {task} it gives {value}, not a finite number or None", task=task, value=repr(value)
            )


def _check_optimiser(optimiser: Optimiser) -> Iterator[Message]:
    """It must bring weights nearer to the middle of a bowl."""
    import torch

    from engine.training.state import make_optimiser

    bowl = torch.nn.Linear(2, 2)
    with torch.no_grad():
        for weight in bowl.parameters():
            weight.fill_(2.0)
    steps = make_optimiser(optimiser, bowl)
    if any("lr" not in group for group in steps.param_groups):
        yield Message("its groups have no lr, so the schedule cannot set the rate")
        return
    costs = []

    def cost() -> torch.Tensor:
        steps.zero_grad(set_to_none=True)
        height = bowl.weight.square().sum() + bowl.bias.square().sum()
        height.backward()  # type: ignore[no-untyped-call]  # PyTorch's is not annotated
        costs.append(float(height.detach()))
        return height

    for _ in range(DOWN):
        if optimiser.closure:
            steps.step(cost)  # type: ignore[arg-type]  # it may stay a tensor
        else:
            cost()
            steps.step()
    if not costs[-1] < costs[0]:  # also where it is not a number
        yield Message(
            "{steps} steps down the slope of w² lead from {first} to {last}",
            steps=DOWN,
            first=f"{costs[0]:.3g}",
            last=f"{costs[-1]:.3g}",
        )


def _check_schedule(schedule: Schedule) -> Iterator[Message]:
    """It must give a factor at every moment of a training."""
    for i in range(10 * EPOCHS):
        factor = schedule.factor(i / 10, EPOCHS)
        if factor < 0:
            yield Message(
                "after {gone} of {epochs} epochs it gives {factor}", gone=i / 10, epochs=EPOCHS, factor=factor
            )
            return


def _check_initialisation(initialisation: Initialisation) -> Iterator[Message]:
    """It must fill the weights of a layer, also in the code of a network."""
    for layer, arrival in (
        (Linear(out_features=6, initialisation=initialisation), per_sample(8)),
        (Conv2d(out_channels=6, initialisation=initialisation), per_sample(3, 8, 8)),
    ):
        measured = measure(layer, (arrival,))
        if measured.objections:
            yield measured.objections[0].why
            return
        yield from check_layer.check_module(layer, (arrival,), measured)


def _check_source(source: Source) -> Iterator[Message]:
    """Its data must be as it says."""
    try:
        prepare(DataSettings(source=source))
    except Trouble as trouble:
        yield trouble.message
