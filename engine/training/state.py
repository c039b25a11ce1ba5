"""What changes while a network is trained: its weights, the optimiser, the order of the samples, the place in
it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence

import torch
from torch import Tensor
from torch.optim import Optimizer

from engine.codegen.build import Built
from engine.data.prepare import Part, Prepared
from engine.hardware import random_state
from engine.kinds.code import resolve
from engine.optim.optimiser import Optimiser
from engine.project.project import Project
from engine.training import objectives as aims
from engine.training.checkpoint import Checkpoint, Kept, Weights, copied
from engine.training.fused_step import Stepper
from engine.training.metrics import Meter, all_metrics, named, series_metrics

PIECE = (
    16_000_000  # bytes of samples that are put in order at once: few calls, and still in the cache when used
)
EVALUATED = 256_000_000  # bytes of activations that an evaluation may hold at once

Batch = tuple[list[Tensor], list[Tensor]]


class Learner:
    """A network in training. Samples stand on the device; a checkpoint can be taken and gone back to at any
    step.
    """

    def __init__(
        self, project: Project, prepared: Prepared, built: Built, device: torch.device, activation: int
    ) -> None:
        recipe = project.recipe
        self.project, self.prepared, self.built, self.device = project, prepared, built, device
        self.module = built.module.to(device)
        self.goals = aims.goals(project, prepared, built.source.outputs)
        self.criterion = aims.combined(self.goals, device)
        self.penalty: Callable[[], Tensor] | None = getattr(self.module, "penalty", None)
        self.optimiser = make_optimiser(recipe.optimiser, self.module)
        self.stepper = Stepper(self.optimiser, recipe.optimiser.rate)
        self.base_rate = self.stepper.rate
        self.generator = torch.Generator().manual_seed(recipe.seed)
        self.order = self.generator.get_state()
        self.epoch = self.position = self.step = self.quiet = 0
        self.best: Kept | None = None
        self.samples = len(prepared.train)
        self.sizes = batch_sizes(self.samples, recipe.batch_size)
        self.evaluation_batch = max(recipe.batch_size, min(8192, EVALUATED // max(activation, 1)))
        self._shapes = self._prediction_shapes()
        self.inputs, self.targets = self.part(prepared.train)
        self.meters = [Meter(goal, device) for goal in self.goals]

    @property
    def place(self) -> float:
        """How many epochs have gone by."""
        return self.epoch + self.position / len(self.sizes)

    def rate(self) -> float:
        """The learning rate of the next step."""
        recipe = self.project.recipe
        factor: float = recipe.schedule.factor(self.place, recipe.epochs)
        return self.base_rate * factor

    def batches(self) -> Iterator[Batch]:
        """The batches that are left of this epoch, in its order.

        Samples are put in order piece by piece, and always in the same pieces: where a batch begins in memory
        can change the last bits of a product, and going on from a checkpoint must not.
        """
        self.generator.set_state(self.order)
        order = torch.randperm(self.samples, generator=self.generator).to(self.device)
        columns = [*self.inputs, *self.targets]
        inputs = len(self.inputs)
        sample = sum(column[0].numel() * column.element_size() for column in columns)
        together = max(1, PIECE // max(1, sample * self.sizes[0]))
        for first in range(0, len(self.sizes), together):
            sizes = self.sizes[first : first + together]
            if first + len(sizes) <= self.position:
                continue
            start = sum(self.sizes[:first])
            rows = order[start : start + sum(sizes)]
            pieces = [torch.split(column.index_select(0, rows), sizes) for column in columns]
            for number, batch in enumerate(zip(*pieces, strict=True), start=first):
                if number >= self.position:
                    yield list(batch[:inputs]), list(batch[inputs:])

    def next_epoch(self) -> None:
        """Count the epoch and let the next one have an order of its own."""
        self.order = self.generator.get_state()
        self.epoch += 1
        self.position = 0

    # ----------------------------------------------------------------------- evaluating

    def part(self, part: Part) -> tuple[list[Tensor], list[Tensor]]:
        """A part of the data as inputs and targets on the device."""
        inputs = aims.columns(part, self.built.inputs, self.device)
        targets = [
            goal.target(part, shape).to(self.device)
            for goal, shape in zip(self.goals, self._shapes, strict=True)
        ]
        return inputs, targets

    @torch.no_grad()
    def evaluate(self, inputs: Sequence[Tensor], targets: Sequence[Tensor]) -> dict[str, float]:
        """The loss, what it is made up of, and the measure of each Output over all samples, in evaluation
        mode. Waits for the device once.
        """
        rows = self.evaluation_batch
        tally, sums = aims.Tally(self.goals, self.device), []
        self.module.eval()
        try:
            for start in range(0, len(targets[0]), rows):
                part = [target[start : start + rows] for target in targets]
                prediction = self.module(*(column[start : start + rows] for column in inputs))
                tally.add(prediction, part)
                answers = aims.answers(self.goals, prediction)
                meters = zip(self.meters, answers, part, strict=True)
                sums.append(torch.stack([meter.sums(said, true) for meter, said, true in meters]))
        finally:
            self.module.train()
        values, weights = torch.stack(sums).sum(0).unbind(1)
        losses = tally.losses() + ([self.penalty()] if self.penalty is not None else [])
        means = torch.cat([torch.stack(losses), values / weights.clamp(min=1)]).tolist()
        parts = dict(zip(self.parts, means[1 : len(losses)], strict=True))
        return self.measures([means[0], *means[len(losses) :]]) | parts

    @property
    def parts(self) -> tuple[str, ...]:
        """What is told beside the total loss: the loss of each of several Outputs, and the penalty on large
        weights, which the loss that is shown leaves out.
        """
        losses = [named(self.goals, goal, "loss") for goal in self.goals] if len(self.goals) > 1 else []
        return (*losses, *(["penalty"] if self.penalty is not None else []))

    def measures(self, means: Sequence[float]) -> dict[str, float]:
        """The loss and each measure by name, from their means over samples. What is not finite stays, to be
        noticed.
        """
        found = {"loss": means[0]}
        for goal, meter, mean in zip(self.goals, self.meters, means[1:], strict=True):
            found[named(self.goals, goal, meter.name)] = meter.whole(mean)
        return found

    @torch.no_grad()
    def judge(self, part: Part) -> dict[str, float]:
        """The loss and every metric that the Outputs ask for, over one part of the data."""
        inputs, targets = self.part(part)
        rows, said = self.evaluation_batch, []
        self.module.eval()
        try:
            for start in range(0, len(part), rows):
                prediction = aims.several(self.module(*(column[start : start + rows] for column in inputs)))
                said.append([one.cpu() for one in prediction])
        finally:
            self.module.train()
        predictions = [torch.cat(pieces) for pieces in zip(*said, strict=True)]
        expected = [target.cpu() for target in targets]
        together = predictions[0] if len(predictions) == 1 else tuple(predictions)
        tally = aims.Tally(self.goals)  # where the predictions are: in main memory
        tally.add(together, expected)
        losses = [float(loss) for loss in tally.losses()]
        losses += [float(self.penalty())] if self.penalty is not None else []
        told = zip(("loss", *self.parts), losses, strict=True)
        found = {name: value for name, value in told if math.isfinite(value)}
        said_of = aims.answers(self.goals, together)
        for goal, one, target in zip(self.goals, said_of, expected, strict=True):
            metrics = {
                **all_metrics(goal, one, target),
                **dict(series_metrics(goal, self.prepared, part)),
            }
            found |= {named(self.goals, goal, name): value for name, value in metrics.items()}
        return found

    def _prediction_shapes(self) -> list[tuple[int, ...]]:
        """The shape of what is said of one sample, for each Output."""
        rows = [values[:2] for values in (self.prepared.train.columns[name] for name in self.built.inputs)]
        self.module.eval()
        with torch.no_grad():
            prediction = self.module(*(aims.tensor(values).to(self.device) for values in rows))
        self.module.train()
        return [tuple(one.shape[1:]) for one in aims.answers(self.goals, prediction)]

    # ----------------------------------------------------------------------- checkpoints

    def weights(self) -> Weights:
        """A copy of the weights and the running statistics."""
        return {name: value.detach().clone() for name, value in self.module.state_dict().items()}

    def checkpoint(self, sums: tuple[float, ...]) -> Checkpoint:
        """This moment, copied."""
        return Checkpoint(
            self.weights(),
            copied(self.optimiser.state_dict()),
            random_state.state(self.device),
            self.order.clone(),
            self.epoch,
            self.position,
            self.step,
            self.best,
            self.quiet,
            sums,
        )

    def restore(self, checkpoint: Checkpoint) -> None:
        """Go back to that moment. The checkpoint stays as it is."""
        self.module.load_state_dict(checkpoint.weights)
        self.optimiser.load_state_dict(copied(checkpoint.optimiser))
        self.stepper.restored()
        random_state.restore(checkpoint.random, self.device)
        self.order = checkpoint.order.clone()
        self.epoch, self.position, self.step = checkpoint.epoch, checkpoint.position, checkpoint.step
        self.best, self.quiet = checkpoint.best, checkpoint.quiet


def batch_sizes(samples: int, wanted: int) -> list[int]:
    """The sizes of an epoch's batches. A lone last sample joins the batch before: BatchNorm finds no spread
    in one.
    """
    whole, rest = divmod(samples, wanted)
    sizes = [wanted] * whole + [rest] * (rest > 0)
    if rest == 1 and whole:
        sizes[-2:] = [wanted + 1]
    return sizes


def make_optimiser(kind: Optimiser, module: torch.nn.Module) -> Optimizer:
    """The optimiser that the recipe names, in its fused form where PyTorch has one."""
    call = kind.brings(kind.torch())
    chosen, options = resolve(call.target, call.text), dict(call.kwargs)
    weights = [weight for weight in module.parameters() if weight.requires_grad]
    try:
        made: Optimizer = chosen(weights, fused=True, **options)
    except (TypeError, RuntimeError):  # there is none for this optimiser, or none for this device
        made = chosen(weights, **options)
    return made
