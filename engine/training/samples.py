"""Samples as a network takes them: inputs and targets, tensors on its device."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from torch import Tensor

from engine.data.dataset import Columns, Dataset
from engine.data.readers import Readers
from engine.data.streaming import StreamedDataset
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
        readers: Readers | None = None,
    ) -> None:
        self._dataset = dataset
        self._input_names = input_names
        self._objectives = objectives
        self._shapes = shapes
        self._device = device
        self._readers = readers
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
        if self._readers is not None:
            sizes = [min(size, len(self) - start) for start in range(0, len(self), size)]
            yield from self.read_ahead(torch.arange(len(self)), sizes, 1, 0)
            return
        for start in range(0, len(self), size):
            yield self.batch(self.columns(slice(start, start + size)))

    def in_order(self, order: Tensor, sizes: Sequence[int], together: int, done: int) -> Iterator[Batch]:
        """The samples of those numbers (int64) in batches of those sizes, without the first that are `done`.

        They are put in order piece by piece, of so many batches together, and always in the same pieces:
        where a batch begins in memory can change the last bits of a product, and neither going on from a
        checkpoint nor reading from files must.
        """
        if self._readers is not None:
            yield from self.read_ahead(order, sizes, together, done)
            return
        order = order.to(self._device)
        for first in range(0, len(sizes), together):
            own = list(sizes[first : first + together])
            if first + len(own) <= done:
                continue  # the whole piece was gone through before the checkpoint
            start = sum(sizes[:first])
            # one gathering call for many batches; cutting it up copies nothing
            columns = self.columns(order[start : start + sum(own)])
            pieces = [torch.split(column, own) for column in columns]
            for number, batch in enumerate(zip(*pieces, strict=True), start=first):
                if number >= done:
                    yield self.batch(batch)

    def read_ahead(self, order: Tensor, sizes: Sequence[int], together: int, done: int) -> Iterator[Batch]:
        """The same of what other processes read: a piece fills up while its first batches are used."""
        assert isinstance(self._dataset, StreamedDataset)
        assert self._readers is not None
        chunks = self._readers.in_turn(self._dataset, order[sum(sizes[:done]) :].numpy())
        left: list[Tensor] = []  # read, and in no piece yet
        pinned = self._device.type == "cuda"
        for first in range(done - done % together, len(sizes), together):
            own = sizes[first : first + together]
            filled = at = sum(sizes[first : max(first, done)])
            piece: list[Tensor] = []
            for size in sizes[max(first, done) : first + len(own)]:
                while filled < at + size:
                    left = left or self._tensors(next(chunks), torch.device("cpu"))
                    piece = piece or [_empty(sum(own), column, pinned) for column in left]
                    count = min(len(left[0]), sum(own) - filled)
                    for whole, part in zip(piece, left, strict=True):
                        whole[filled : filled + count] = part[:count]
                    left = [part[count:] for part in left] if count < len(left[0]) else []
                    filled += count
                yield self.batch(
                    [whole[at : at + size].to(self._device, non_blocking=pinned) for whole in piece]
                )
                at += size

    def _load(self, rows: slice | np.ndarray) -> list[Tensor]:
        return self._tensors(self._dataset.batch(rows), self._device)

    def _tensors(self, columns: Columns, device: torch.device) -> list[Tensor]:
        targets = (
            objective.target(columns, shape).to(device)
            for objective, shape in zip(self._objectives, self._shapes, strict=True)
        )
        return [*inputs(columns, self._input_names, device), *targets]


def _empty(samples: int, like: Tensor, pinned: bool) -> Tensor:
    """Room for so many samples of a column."""
    return torch.empty((samples, *like.shape[1:]), dtype=like.dtype, pin_memory=pinned)
