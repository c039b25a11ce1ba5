"""The steps of training between gathering a batch and learning from it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from engine.data.augmenting import Augmenting
from engine.data.prepare import Prepared
from engine.data.transforms.draws import Draws
from engine.training.objectives import Criterion, Objective
from engine.training.samples import Batch


class Augmentation:
    """Lets batches go the steps of training. What is drawn depends on seed, epoch and batch alone: the same
    wherever the samples come from, and whether or not a training was interrupted in between.
    """

    def __init__(
        self, steps: Augmenting, names: Sequence[str], objectives: Sequence[Objective], seed: int
    ) -> None:
        """`names` are the columns of the network's Inputs."""
        self._steps, self._names, self._seed = steps, names, seed
        self._along = {
            place: one.column.name
            for place, one in enumerate(objectives)
            if one.loss.judged and one.column.kind == "image"
        }
        """Which targets lie on pictures, by their places."""
        self.mixes = steps.mixes

    def __call__(self, batch: Batch, epoch: int, number: int) -> Batch:
        """A batch after its steps; `number` counts those of an epoch. Where samples are mixed, the targets of
        the partners follow those of the samples, and last comes the share of the samples (N).
        """
        inputs, targets = batch
        along = [(name, targets[place]) for place, name in self._along.items()]
        draws = Draws(inputs[0].device, self._seed, epoch, number)
        found = self._steps(dict(zip(self._names, inputs, strict=True)), along, draws)
        moved = dict(zip(self._along, found.along, strict=True))
        targets = [moved.get(place, target) for place, target in enumerate(targets)]
        if found.partners is not None:
            share = torch.full((len(targets[0]),), found.share, device=targets[0].device)
            partners = found.partners
            others = [
                target if found.pasted and place in moved else target[partners]
                for place, target in enumerate(targets)
            ]
            targets = [*targets, *others, share]
        return [found.inputs[name] for name in self._names], targets


def augmentation(
    prepared: Prepared, names: Sequence[str], objectives: Sequence[Objective], seed: int, device: torch.device
) -> Augmentation | None:
    """What batches go through in training, None where they go no steps."""
    steps = Augmenting.of(prepared.settings, prepared.schema, prepared.scalers, device)
    return None if steps is None else Augmentation(steps, names, objectives, seed)


def mixing(criterion: Criterion, outputs: int) -> Criterion:
    """A loss of targets of which each may be mixed with that of a partner: the loss of both in proportion,
    which for cross-entropy is the loss of their shares.
    """

    def mixed(predictions: Any, targets: Sequence[Tensor]) -> Tensor:
        if len(targets) == outputs:
            return criterion(predictions, targets)
        share = targets[-1][0]
        own = criterion(predictions, targets[:outputs])
        return share * own + (1 - share) * criterion(predictions, targets[outputs : 2 * outputs])

    return mixed
