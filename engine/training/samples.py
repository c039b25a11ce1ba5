"""Samples as a network takes them: inputs and targets, tensors on its device."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from torch import Tensor

from engine.data.dataset import Dataset
from engine.training.objectives import Objective, inputs

Batch = tuple[list[Tensor], list[Tensor]]
"""Inputs, one for each Input of the network, and targets, one for each Output: each N×…"""


class TensorSamples:
    """The samples of a dataset as inputs and targets. What is resident stands on the device, all of it, so
    that a step waits for no copy.

    `shapes` are those of a prediction of one sample, for each Output.
    """

    def __init__(
        self,
        dataset: Dataset,
        input_names: Sequence[str],
        objectives: Sequence[Objective],
        shapes: Sequence[tuple[int, ...]],
        device: torch.device,
    ) -> None:
        self._dataset = dataset
        self._input_names = input_names
        self._objectives = objectives
        self._shapes = shapes
        self._device = device
        self._resident = self._load(slice(None)) if dataset.resident else None

    def __len__(self) -> int:
        return len(self._dataset)

    @property
    def bytes_each(self) -> int:
        """What one sample takes."""
        return sum(column.nbytes for column in self.columns(slice(0, 1)))

    def columns(self, rows: slice | Tensor) -> list[Tensor]:
        """Inputs, then targets, of the samples of those numbers (int64, on the device), each N×…"""
        if self._resident is None:
            return self._load(rows if isinstance(rows, slice) else rows.cpu().numpy())
        if isinstance(rows, slice):
            return [column[rows] for column in self._resident]
        return [column.index_select(0, rows) for column in self._resident]

    def batch(self, columns: Sequence[Tensor]) -> Batch:
        """Columns told apart: inputs and targets."""
        count = len(self._input_names)
        return list(columns[:count]), list(columns[count:])

    def batches(self, size: int) -> Iterator[Batch]:
        """All samples in their order, so many at a time."""
        for start in range(0, len(self), size):
            yield self.batch(self.columns(slice(start, start + size)))

    def _load(self, rows: slice | np.ndarray) -> list[Tensor]:
        columns = self._dataset.batch(rows)
        targets = (
            objective.target(columns, shape).to(self._device)
            for objective, shape in zip(self._objectives, self._shapes, strict=True)
        )
        return [*inputs(columns, self._input_names, self._device), *targets]
