"""What changes while a network is trained: its weights, the optimiser, the order of the samples, how far it
has come.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch
from attrs import evolve
from torch import Tensor
from torch.optim import Optimizer

from engine.codegen.build import Built
from engine.data.dataset import Dataset
from engine.data.loading import workers
from engine.data.prepare import Prepared
from engine.data.readers import Readers
from engine.data.streaming import StreamedDataset
from engine.hardware import random_state
from engine.kinds.code import resolve
from engine.message import Trouble
from engine.optim.optimiser import Optimiser
from engine.project.project import Project
from engine.project.recipe import BALANCED, FP16, ONCE, Recipe
from engine.training.augmentation import augmentation, mixing
from engine.training.averages import Average
from engine.training.changes import Change, adopted, changes
from engine.training.checkpoint import BestWeights, Checkpoint, Weights, copied
from engine.training.fused_update import FusedUpdate
from engine.training.metrics import Meter
from engine.training.objectives import Objective, inputs, objectives, predictions, total_loss
from engine.training.recomputing import recompute
from engine.training.samples import Batch, TensorSamples

PIECE = (
    16_000_000  # bytes of samples that are put in order at once: few calls, and still in the cache when used
)
EVALUATED = 256_000_000  # bytes of activations that an evaluation may hold at once


class TrainingState:
    """A network in training, with all that its next step depends on. A checkpoint can be taken and gone back
    to at any step.

    `epoch` counts from 0, `position` the steps made since it began, `step` all steps. `activation_bytes` is
    what one sample takes on its way through the network.
    """

    def __init__(
        self,
        project: Project,
        prepared: Prepared,
        built: Built,
        device: torch.device,
        activation_bytes: int,
    ) -> None:
        recipe = project.recipe
        self.project, self.prepared, self.built, self.device = project, prepared, built, device
        self.module = built.module.to(device)
        if recipe.channels_last:
            self.module.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # PyTorch leaves it out
        if recipe.recompute:
            recompute(self.module)
        self.objectives = objectives(project, prepared, built.source.outputs)
        self.criterion = total_loss(self.objectives, device)
        self.augmentation = augmentation(prepared, built.inputs, self.objectives, recipe.seed, device)
        if self.augmentation is not None and self.augmentation.mixes:
            self.criterion = mixing(self.criterion, len(self.objectives))
        self.penalty: Callable[[], Tensor] | None = getattr(self.module, "penalty", None)
        """What large weights add to the loss, where layers ask for it: one number."""
        self.optimiser = make_optimiser(recipe.optimiser, self.module)
        self.scaler = torch.amp.GradScaler(device.type) if recipe.precision == FP16 else None
        """Keeps small gradients in half precision from becoming nothing."""
        self.average = Average(recipe.averaging, self.module) if recipe.averaging.averages else None
        self.fused_update = FusedUpdate(self.optimiser, recipe.optimiser.rate, self.scaler)
        self.base_rate = self.fused_update.rate
        self.generator = torch.Generator().manual_seed(recipe.seed)
        self.order = self.generator.get_state()
        self.epoch = self.position = self.step = self.epochs_without_improvement = 0
        self.best: BestWeights | None = None
        self.watched: float | None = None
        """What was measured last of what the recipe watches."""
        self.seen = recipe.schedule.begun()
        """What the schedule remembers of the validation loss."""
        self._activation_bytes = activation_bytes
        self._cut()
        self._shapes = self._prediction_shapes()
        self.readers = _readers(project, prepared)
        self.samples = self.samples_of(prepared.train)
        self._chances = balanced(self.objectives, prepared) if recipe.sampling == BALANCED else None
        self.meters = [Meter(objective, device) for objective in self.objectives]

    def _cut(self, samples_a_step: int = 0) -> None:
        """Cut epochs into batches as the recipe says now, or into steps of so many samples."""
        recipe, samples = self.project.recipe, len(self.prepared.train)
        self.batch = recipe.batch(samples)
        """Samples that go through the network at once."""
        self.samples_a_step = samples_a_step or recipe.samples_a_step(samples)
        self.sizes = batch_sizes(samples, self.samples_a_step)
        self.evaluation_batch = max(self.batch, min(8192, EVALUATED // max(self._activation_bytes, 1)))

    def adopt(self, recipe: Recipe) -> tuple[Change, ...]:
        """Go on by another recipe as far as it can be changed now; what is changed. The batch size counts
        from the next epoch on: this one is cut already.
        """
        made = changes(self.project.recipe, recipe)
        after = adopted(self.project.recipe, {one.setting: one.after for one in made})
        self.project = evolve(self.project, recipe=after)
        self.base_rate = after.optimiser.rate
        return made

    def samples_of(self, dataset: Dataset) -> TensorSamples:
        """A dataset as this network takes it."""
        shapes, device, readers = self._shapes, self.device, self.readers
        return TensorSamples(dataset, self.built.inputs, self.objectives, shapes, device, readers)

    def close(self) -> None:
        """End the processes that read ahead, if there are any."""
        if self.readers is not None:
            self.readers.close()

    @property
    def progress(self) -> float:
        """How many epochs have gone by."""
        return self.epoch + self.position / len(self.sizes)

    def rate(self) -> float:
        """The learning rate of the next step."""
        recipe = self.project.recipe
        factor: float = recipe.schedule.of_step(self.progress, 1 / len(self.sizes), recipe.epochs)
        rate = self.base_rate * factor
        return rate * self.seen[0] if self.seen else rate

    def batches(self) -> Iterator[Batch]:
        """The batches that are left of this epoch, in its order."""
        self.generator.set_state(self.order)
        order = self._order()
        together = max(1, PIECE // max(1, self.samples.bytes_each * self.sizes[0]))
        ready = self.samples.in_order(order, self.sizes, together, self.position)
        if self.augmentation is None:
            return ready
        steps, epoch = self.augmentation, self.epoch
        return (steps(batch, epoch, number) for number, batch in enumerate(ready, start=self.position))

    def _order(self) -> Tensor:
        """The numbers of the samples of an epoch, in the order in which they come: int64."""
        if self._chances is None:
            return torch.randperm(len(self.samples), generator=self.generator)
        return torch.multinomial(self._chances, len(self.samples), replacement=True, generator=self.generator)

    def count_step(self) -> None:
        """A step was made."""
        self.step += 1
        self.position += 1
        if self.average is not None:
            self.average.take(self.progress, self.project.recipe.epochs, epoch_over=False)

    def next_epoch(self) -> None:
        """Count the epoch and let the next one have an order of its own."""
        self.order = self.generator.get_state()
        self.epoch += 1
        self.position = 0
        if self.samples_a_step != self.project.recipe.samples_a_step(len(self.prepared.train)):
            self._cut()
        if self.average is not None:
            self.average.take(self.progress, self.project.recipe.epochs, epoch_over=True)

    def judged(self) -> AbstractContextManager[None]:
        """Within it the module has the weights that are judged: an average, where the recipe asks for one."""
        if self.average is None:
            return nullcontext()
        return self.average.in_place(self.samples, self.evaluation_batch)

    def _prediction_shapes(self) -> list[tuple[int, ...]]:
        """The shape of the prediction for one sample, for each Output."""
        columns = self.prepared.train.batch(slice(0, 2))  # two, since some layers look for a spread
        self.module.eval()
        with torch.no_grad():
            outputs = self.module(*inputs(columns, self.built.inputs, self.device))
        self.module.train()
        return [tuple(prediction.shape[1:]) for prediction in predictions(self.objectives, outputs)]

    # ----------------------------------------------------------------------- checkpoints

    def weights(self) -> Weights:
        """A copy of the weights and the running statistics, by name."""
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
            self.epochs_without_improvement,
            sums,
            self.seen,
            self.average.weights() if self.average is not None else {},
            self.average.taken if self.average is not None else 0,
            self.samples_a_step,
            self.scaler.state_dict() if self.scaler is not None else {},
        )

    def restore(self, checkpoint: Checkpoint) -> None:
        """Go back to that moment. The checkpoint stays as it is."""
        self.module.load_state_dict(checkpoint.weights)
        self.optimiser.load_state_dict(copied(checkpoint.optimiser))
        self.fused_update.restored()
        random_state.restore(checkpoint.random, self.device)
        self.order = checkpoint.order.clone()
        self.epoch, self.position, self.step = checkpoint.epoch, checkpoint.position, checkpoint.step
        self.best = checkpoint.best
        self.epochs_without_improvement = checkpoint.epochs_without_improvement
        if checkpoint.samples_a_step:
            self._cut(checkpoint.samples_a_step)
        self.seen = checkpoint.seen or self.project.recipe.schedule.begun()
        if self.average is not None:
            self.average.restore(checkpoint.average, checkpoint.averaged)
        if self.scaler is not None and checkpoint.scaler:
            self.scaler.load_state_dict(dict(checkpoint.scaler))


def balanced(objectives: Sequence[Objective], prepared: Prepared) -> Tensor:
    """How likely each sample is to be drawn, so that all classes of the first Output that has some come up
    equally often: N numbers. Raises `Trouble` where no Output asks for one class a sample.
    """
    column = next((one.column for one in objectives if one.column.classes and not one.column.shape), None)
    if column is None:
        raise Trouble(
            "The recipe draws samples so that all classes come up equally often, but no Output asks for one "
            "class a sample. Set sampling to {once}.",
            once=ONCE,
        )
    labels = torch.as_tensor(prepared.train.batch(slice(None), {column.name})[column.name]).long()
    return torch.bincount(labels).double().reciprocal()[labels]


def _readers(project: Project, prepared: Prepared) -> Readers | None:
    """What reads ahead where the samples stand in files."""
    if not isinstance(prepared.train, StreamedDataset):
        return None
    return Readers(prepared.train, workers(prepared.settings), project.recipe.seed)


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
    weights = grouped(kind, module)
    try:
        made: Optimizer = chosen(weights, fused=True, **options)
    except (TypeError, RuntimeError):  # there is none for this optimiser, or none for this device
        made = chosen(weights, **options)
    return made


def grouped(kind: Optimiser, module: torch.nn.Module) -> list[Tensor] | list[dict[str, Any]]:
    """The weights that learn: as they are where all learn alike, else in groups as an optimiser takes them.

    `factor` says what the rate of a group is multiplied with. Spared of the weight decay is what has one axis
    or none, as biases and the weights of normalisations have.
    """
    weights: list[Tensor] = [weight for weight in module.parameters() if weight.requires_grad]
    if kind.closure:
        return weights
    factors: dict[Tensor, float] = {}
    for part in module.modules():
        own = vars(part).get("rate_factor")
        factors |= {weight: own for weight in part.parameters() if own is not None}
    groups: dict[tuple[float, bool], list[Tensor]] = defaultdict(list)
    for weight in weights:
        factor = getattr(weight, "rate_factor", factors.get(weight, 1.0))
        groups[factor, kind.spares() and weight.dim() < 2].append(weight)
    if len(groups) < 2 and (1.0, False) in groups:
        return weights
    return [
        {"params": alike, "factor": factor, **({"weight_decay": 0.0} if spared else {})}
        for (factor, spared), alike in groups.items()
    ]
