"""A training step as PyTorch runs it, operation by operation: forward, loss, backward, clip, optimiser."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from engine.project.recipe import BF16, FP16
from engine.training.objectives import as_tuple, predictions
from engine.training.samples import Batch
from engine.training.state import TrainingState, batch_sizes
from engine.training.steps.step import StepResults

HALVES = {BF16: torch.bfloat16, FP16: torch.float16}
HELD = 64_000_000  # bytes of predictions that may wait to be measured


class EagerStep:
    """Trains the network of a state, one batch after the other."""

    def __init__(self, state: TrainingState, clip: float | None = None) -> None:
        """`clip` is another limit of the gradient than the recipe's."""
        recipe = state.project.recipe
        self._module = state.module
        self._criterion = state.criterion
        self._penalty = state.penalty
        self._optimise = state.fused_update
        self._searches = recipe.optimiser.closure
        self._step = self._search if self._searches else self._whole
        if recipe.accumulate > 1 or state.scaler is not None:
            self._step = self._in_pieces
        self._cut = recipe.accumulate > 1
        self._state = state
        self._clip = recipe.clip if clip is None else clip
        self._clip_value = recipe.clip_value
        self._limits = self._clip is not None or self._clip_value is not None
        self._meters = state.meters
        # what computes in half precision is put together once: most trainings do not
        self._run: Callable[..., Any] = state.module
        if recipe.precision in HALVES:
            self._run = partial(_in_half, state.module, state.device.type, HALVES[recipe.precision])
        # an Output with one wire is nearly always all there is; nothing has to be told apart then
        plain = all(objective.width == 1 for objective in state.objectives)
        self._told_apart = as_tuple if plain else partial(predictions, state.objectives)
        self._unit = torch.ones((), device=state.device)  # backward would make one at each step
        self._losses: list[Tensor] = []
        self._predictions: list[tuple[Tensor, ...]] = []
        self._targets: list[list[Tensor]] = []
        self._bytes = 0
        self._norm: Tensor | None = None
        self._last_penalty: Tensor | None = None

    def __call__(self, batches: Sequence[Batch], rates: Sequence[float], measure_norm: bool) -> None:
        """One step for each batch, at the learning rate beside it."""
        for batch, rate in zip(batches, rates, strict=True):
            self._optimise.rate = rate
            self._step(batch, measure_norm)

    def _whole(self, batch: Batch, measure_norm: bool) -> None:
        """A step on a batch at once. All of it stands here: a small network makes thousands a second."""
        inputs, targets = batch
        outputs = self._run(*inputs)
        loss = self._criterion(outputs, targets)
        penalty = self._penalty() if self._penalty is not None else None
        # the curves show the loss itself, so that training and validation can be compared
        (loss if penalty is None else loss + penalty).backward(self._unit)  # type: ignore[no-untyped-call]  # PyTorch's is not annotated
        if measure_norm or self._limits:
            self._limit(measure_norm)
        self._optimise()
        self._losses.append(loss.detach())  # what `_keep` does, without a call
        predictions = tuple([one.detach() for one in self._told_apart(outputs)])
        self._predictions.append(predictions)
        self._targets.append(targets)
        self._bytes += sum([one.nbytes for one in predictions])
        if penalty is not None:
            self._last_penalty = penalty.detach()

    def _in_pieces(self, batch: Batch, measure_norm: bool) -> None:
        """A step on a batch whose gradients are added up piece by piece. What is told is of all of it."""
        losses, kept, penalty = [], [], None
        for piece, share in self.pieces(batch):
            loss, penalty, outputs = self._gradients(piece, share)
            losses.append(loss.detach() * share)
            kept.append([one.detach() for one in as_tuple(outputs)])
        self._limit(measure_norm)
        self._optimise()
        whole = tuple(torch.cat(one) for one in zip(*kept, strict=True))
        self._keep(torch.stack(losses).sum(), penalty, whole if len(whole) > 1 else whole[0], batch[1])

    def _search(self, batch: Batch, measure_norm: bool) -> None:
        """A step of an optimiser that looks at the loss several times. What it sees first is told."""
        self._optimise(partial(self._look, batch, measure_norm, iter([True])))

    def update(self, rate: float, batch: Batch) -> None:
        """Change the weights by the gradients that they have of a batch, clipped as the recipe says."""
        self._optimise.rate = rate
        if self._searches:
            self._optimise(partial(self._look, batch, False, iter(())))
            return
        self._limit(measure_norm=False)
        self._optimise()

    def backward(self, loss: Tensor, share: float = 1.0) -> None:
        """Add the gradients of a loss, one number, times a share of it."""
        unit = self._unit if share == 1 else self._unit * share
        if self._optimise.scaler is not None:
            unit = self._optimise.scaler.scale(unit)
        loss.backward(unit)  # type: ignore[no-untyped-call]  # PyTorch's is not annotated

    def run(self, inputs: Sequence[Tensor]) -> Any:
        """What the module makes of its inputs, in the precision of the recipe."""
        return self._run(*inputs)

    def pieces(self, batch: Batch) -> Iterator[tuple[Batch, float]]:
        """The pieces of a batch that go through the network at once, and which share of it each one is."""
        inputs, targets = batch
        samples = len(targets[0])
        if not self._cut or samples <= self._state.batch:
            yield batch, 1.0
            return
        sizes = batch_sizes(samples, self._state.batch)
        cut = [[torch.split(one, sizes) for one in group] for group in (inputs, targets)]
        for place, size in enumerate(sizes):
            yield ([one[place] for one in cut[0]], [one[place] for one in cut[1]]), size / samples

    def _gradients(self, batch: Batch, share: float = 1.0) -> tuple[Tensor, Tensor | None, Any]:
        """Add the gradients of a batch; its loss, what large weights add to that, and the outputs."""
        inputs, targets = batch
        outputs = self._run(*inputs)
        loss = self._criterion(outputs, targets)
        penalty = self._penalty() if self._penalty is not None else None
        # the curves show the loss itself, so that training and validation can be compared
        self.backward(loss if penalty is None else loss + penalty, share)
        return loss, penalty, outputs

    def _look(self, batch: Batch, measure_norm: bool, first: Iterator[bool]) -> Tensor:
        """The loss and its gradients, for an optimiser that asks for them several times in a step. What it
        sees `first` is told.
        """
        self._optimise.optimiser.zero_grad(set_to_none=True)
        loss, penalty, outputs = self._gradients(batch)
        tell = next(first, False)
        self._limit(measure_norm and tell)
        if tell:
            self._keep(loss, penalty, outputs, batch[1])
        return loss if penalty is None else loss + penalty

    def _limit(self, measure_norm: bool) -> None:
        """Clip the gradients, or only measure how long they are together."""
        if not (measure_norm or self._limits):
            return
        parameters = self._optimise.parameters
        if self._optimise.scaler is not None:
            self._optimise.scaler.unscale_(self._optimise.optimiser)
        if self._clip_value is not None:
            nn.utils.clip_grad_value_(parameters, self._clip_value)
        if self._clip is not None:
            self._norm = nn.utils.clip_grad_norm_(parameters, self._clip)
        elif measure_norm:
            self._norm = nn.utils.get_total_norm([p.grad for p in parameters if p.grad is not None])

    def _keep(self, loss: Tensor, penalty: Tensor | None, outputs: Any, targets: list[Tensor]) -> None:
        """Keep what a step leaves until it is asked for."""
        self._losses.append(loss.detach())
        predictions = tuple(one.detach() for one in self._told_apart(outputs))
        self._predictions.append(predictions)
        self._targets.append(targets)
        self._bytes += sum(one.nbytes for one in predictions)
        if penalty is not None:
            self._last_penalty = penalty.detach()

    @property
    def full(self) -> bool:
        """Whether the predictions that wait take much memory."""
        return self._bytes > HELD

    @torch.no_grad()
    def results(self) -> StepResults | None:
        """What the steps since the last call left. Measuring many of them in one go takes hardly longer than
        one: at every step it would cost a small network a twentieth of its speed.
        """
        if not self._losses:
            return None
        samples = np.array([len(targets[0]) for targets in self._targets])
        losses = torch.stack(self._losses).tolist()  # note: this is the CPU-GPU sync point
        measured = np.array([self._sums(index, samples) for index in range(len(self._meters))])
        results = StepResults(
            losses,
            samples,
            measured[:, 0],
            measured[:, 1],
            float(self._norm) if self._norm is not None else None,
            float(self._last_penalty) if self._last_penalty is not None else None,
        )
        self._losses, self._predictions, self._targets, self._bytes = [], [], [], 0
        return results

    def _sums(self, index: int, samples: np.ndarray) -> np.ndarray:
        """The measure of one Output, added up over the samples of each step, and over how many: 2×steps,
        float64.
        """
        prediction = torch.cat([held[index] for held in self._predictions])
        target = torch.cat([targets[index] for targets in self._targets])
        meter, starts = self._meters[index], np.cumsum(samples) - samples
        both = torch.stack([meter.each(prediction, target).float(), meter.counts(target)])
        sums: np.ndarray = np.add.reduceat(both.cpu().numpy().astype(np.float64), starts, axis=1)
        return sums


def _in_half(module: nn.Module, device: str, dtype: torch.dtype, *inputs: Tensor) -> Any:
    """What a module makes of its inputs where products are computed with fewer digits; the loss then takes
    it in full ones.
    """
    with torch.autocast(device, dtype):
        outputs = module(*inputs)
    whole = tuple(one.float() if one.is_floating_point() else one for one in as_tuple(outputs))
    return whole if isinstance(outputs, tuple) else whole[0]
