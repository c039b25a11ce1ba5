"""Random numbers of one batch: the same for the same seed, epoch and batch, on every device and however the
samples come, and without touching the streams from which networks draw.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor


class Draws:
    """Draws for one batch. `key` says which: whole numbers from 0, such as seed, epoch and batch."""

    def __init__(self, device: torch.device, *key: int) -> None:
        self.device = device
        self._chance = np.random.default_rng(np.random.SeedSequence(key))

    def uniform(self, shape: int | tuple[int, ...], lo: float = 0.0, hi: float = 1.0) -> Tensor:
        """Numbers from `lo` up to `hi`, float32."""
        return self._there(self._chance.uniform(lo, hi, shape).astype(np.float32))

    def integers(self, shape: int | tuple[int, ...], least: int, most: int) -> Tensor:
        """Whole numbers from `least` to `most`, both included, int64."""
        return self._there(self._chance.integers(least, most, shape, np.int64, endpoint=True))

    def hits(self, shape: int | tuple[int, ...], chance: float) -> Tensor:
        """True with that chance, booleans."""
        return self._there(self._chance.random(shape) < chance)

    def permutation(self, count: int) -> Tensor:
        """The numbers below `count` in any order, int64."""
        return self._there(self._chance.permutation(count))

    def beta(self, alpha: float) -> float:
        """One number from 0 to 1, near both ends where `alpha` is small."""
        return float(self._chance.beta(alpha, alpha))

    def one(self) -> float:
        """One number from 0 up to 1."""
        return float(self._chance.random())

    def normal(self, shape: tuple[int, ...]) -> Tensor:
        """Numbers of mean 0 and standard deviation 1, float32, drawn on the device: they may be many."""
        generator = torch.Generator(self.device).manual_seed(int(self._chance.integers(2**63)))
        return torch.randn(shape, generator=generator, device=self.device)

    def _there(self, values: np.ndarray) -> Tensor:
        return torch.from_numpy(np.asarray(values)).to(self.device)
