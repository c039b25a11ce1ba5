"""A run's own stream of random numbers, although PyTorch has one for everybody."""

from __future__ import annotations

from types import TracebackType

import torch
from torch import Tensor

State = dict[str, Tensor]


def state(device: torch.device) -> State:
    """Where PyTorch's streams stand, for the processor and for the device: one tensor of bytes each."""
    streams = {"cpu": torch.get_rng_state()}
    if device.type == "cuda":
        streams["cuda"] = torch.cuda.get_rng_state(device)
    elif device.type == "mps":
        streams["mps"] = torch.mps.get_rng_state()
    return streams


def restore(streams: State, device: torch.device) -> None:
    """Put PyTorch's streams back to where they stood."""
    torch.set_rng_state(streams["cpu"])
    if device.type == "cuda" and "cuda" in streams:
        torch.cuda.set_rng_state(streams["cuda"], device)
    elif device.type == "mps" and "mps" in streams:
        torch.mps.set_rng_state(streams["mps"])


class OwnRandom:
    """Within `with`, random numbers come from a stream of the run's own; outside, everything is as it was.

    A training enters for every stretch between two reports, so that whoever reads them may draw numbers too.
    """

    def __init__(self, seed: int, device: torch.device) -> None:
        self._device = device
        self._outside = state(device)
        torch.manual_seed(seed)
        self._own = state(device)
        restore(self._outside, device)

    def __enter__(self) -> None:
        self._outside = state(self._device)
        restore(self._own, self._device)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._own = state(self._device)
        restore(self._outside, self._device)
