"""Samples before and after the steps of training, for a person to see what a network will learn from."""

from __future__ import annotations

import numpy as np
import torch

from engine.data.augmenting import Augmenting
from engine.data.prepare import Prepared
from engine.data.transforms.draws import Draws


def before_and_after(
    prepared: Prepared, column: str, rows: np.ndarray, draws: int, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Samples of the training part by their numbers there (N int64), in the column's own units: as they reach
    the network when it is judged, N× its shape, and as they may be in training, draws×N× its shape.
    """
    columns = prepared.train.batch(rows)
    before = prepared.decode(column, columns[column])
    device = torch.device("cpu")
    steps = Augmenting.of(prepared.settings, prepared.schema, prepared.scalers, device)
    if steps is None or not len(rows):
        return before, np.repeat(before[None], draws, 0)
    inputs = {name: torch.tensor(columns[name]) for name in prepared.schema.inputs}
    after = [
        prepared.decode(column, steps(inputs, (), Draws(device, seed, draw)).inputs[column].numpy())
        for draw in range(draws)
    ]
    return before, np.stack(after) if after else before[:0][None]
