"""The average of the weights over a training, kept beside them and put in their place to be judged."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm as BatchNorm
from torch.optim.swa_utils import get_ema_multi_avg_fn, get_swa_multi_avg_fn

from engine.optim.averaging import Averaging, MovingAverage
from engine.training.checkpoint import Weights
from engine.training.samples import TensorSamples


class Average:
    """An average of what a module learns, by the name of each weight. It is empty until one was taken in."""

    def __init__(self, kind: Averaging, module: nn.Module) -> None:
        self._kind = kind
        self._module = module
        self._named = {name: weight for name, weight in module.named_parameters() if weight.requires_grad}
        self._current: list[Tensor] = [weight.detach() for weight in self._named.values()]
        self._averaged: list[Tensor] = []
        self.taken = 0
        made: Any = get_swa_multi_avg_fn  # PyTorch's have no types
        if isinstance(kind, MovingAverage):
            made = partial(get_ema_multi_avg_fn, kind.decay)
        self._update: Callable[[list[Tensor], list[Tensor], int], None] = made()

    def take(self, progress: float, epochs: int, epoch_over: bool) -> None:
        """Take the weights in, if now is the time for it."""
        if not self._kind.taken(progress, epochs, epoch_over):
            return
        if self._averaged:
            self._update(self._averaged, self._current, self.taken)
        else:
            self._averaged = [weight.clone() for weight in self._current]
        self.taken += 1

    @contextmanager
    def in_place(self, samples: TensorSamples, batch: int) -> Iterator[None]:
        """Within it the module has the averaged weights, and statistics that belong to them."""
        if not self._averaged:
            yield
            return
        before = [weight.clone() for weight in self._current]
        buffers = {name: value.clone() for name, value in self._module.named_buffers()}
        self.put(samples, batch)
        try:
            yield
        finally:
            torch._foreach_copy_(self._current, before)
            for name, value in self._module.named_buffers():
                value.copy_(buffers[name])

    def put(self, samples: TensorSamples, batch: int) -> None:
        """Put the averaged weights into the module for good, where there are any."""
        if not self._averaged:
            return
        torch._foreach_copy_(self._current, self._averaged)
        if self._kind.redone:
            measure_anew(self._module, samples, batch)

    def weights(self) -> Weights:
        """A copy of the average, by name."""
        return {name: one.clone() for name, one in zip(self._named, self._averaged, strict=False)}

    def restore(self, weights: Weights, taken: int) -> None:
        """Go on with an average that `weights` gave, after so many were taken in."""
        kept = zip(self._named, self._current, strict=True)
        self._averaged = [weights[name].to(own.device).clone() for name, own in kept] if weights else []
        self.taken = taken


@torch.no_grad()
def measure_anew(module: nn.Module, samples: TensorSamples, batch: int) -> None:
    """Measure the running statistics of all batch normalisations anew: means over the samples, in their
    order. Dropout and the like stay as in use, so that no random number is drawn.
    """
    layers = [part for part in module.modules() if isinstance(part, BatchNorm) and part.track_running_stats]
    learning = [part for part in layers if any(weight.requires_grad for weight in part.parameters())]
    if not learning:
        return
    momenta = [part.momentum for part in learning]
    training = module.training
    module.eval()
    for part in learning:
        part.reset_running_stats()
        part.momentum = None  # a mean over all batches, each alike
        part.train()
    try:
        for inputs, _ in samples.batches(batch):
            if len(inputs[0]) > 1:  # one sample has no spread
                module(*inputs)
    finally:
        for part, momentum in zip(learning, momenta, strict=True):
            part.momentum = momentum
        module.train(training)
