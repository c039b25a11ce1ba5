"""A training step as PyTorch runs it, operation by operation: forward, loss, backward, clip, optimiser."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from engine.training.objectives import as_tuple, predictions
from engine.training.samples import Batch
from engine.training.state import TrainingState
from engine.training.steps.step import StepResults

HELD = 64_000_000  # bytes of predictions that may wait to be measured


class EagerStep:
    """Trains the network of a state, one batch after the other."""

    def __init__(self, state: TrainingState, clip: float | None = None) -> None:
        """`clip` is another limit of the gradient than the recipe's."""
        self._module = state.module
        self._criterion = state.criterion
        self._penalty = state.penalty
        self._optimise = state.fused_update
        self._searches = state.project.recipe.optimiser.closure
        self._clip = state.project.recipe.clip if clip is None else clip
        self._meters = state.meters
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
            if self._searches:
                self._search(batch, rate, measure_norm)
                continue
            inputs, targets = batch
            outputs = self._module(*inputs)
            loss = self._criterion(outputs, targets)
            penalty = self._penalty() if self._penalty is not None else None
            # the curves show the loss itself, so that training and validation can be compared
            (loss if penalty is None else loss + penalty).backward(self._unit)  # type: ignore[no-untyped-call]  # PyTorch's is not annotated
            self._optimise.rate = rate
            self._limit(measure_norm)
            self._optimise()
            self._keep(loss, penalty, outputs, targets)

    def update(self, rate: float, batch: Batch) -> None:
        """Change the weights by the gradients that they have of a batch, clipped as the recipe says."""
        if self._searches:
            self._search(batch, rate, measure_norm=False)
            self._forget()
            return
        self._optimise.rate = rate
        self._limit(measure_norm=False)
        self._optimise()

    def _search(self, batch: Batch, rate: float, measure_norm: bool) -> None:
        """A step of an optimiser that looks at the loss several times. What it saw first is told."""
        inputs, targets = batch
        told = False

        def loss_and_gradients() -> Tensor:
            nonlocal told
            self._optimise.optimiser.zero_grad(set_to_none=True)
            outputs = self._module(*inputs)
            loss = self._criterion(outputs, targets)
            penalty = self._penalty() if self._penalty is not None else None
            whole: Tensor = loss if penalty is None else loss + penalty
            whole.backward(self._unit)  # type: ignore[no-untyped-call]  # PyTorch's is not annotated
            self._limit(measure_norm and not told)
            if not told:
                told = True
                self._keep(loss, penalty, outputs, targets)
            return whole

        self._optimise.rate = rate
        self._optimise(loss_and_gradients)

    def _limit(self, measure_norm: bool) -> None:
        """Clip the gradients, or only measure how long they are together."""
        parameters = self._optimise.parameters
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

    def _forget(self) -> None:
        self._losses, self._predictions, self._targets, self._bytes = [], [], [], 0

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
        self._forget()
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
