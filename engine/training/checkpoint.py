"""A moment of a training from which it can go on, bit for bit."""

from __future__ import annotations

import io
import math
from pathlib import Path
from typing import Any

import torch
from attrs import field, frozen
from torch import Tensor

from engine.files.atomic import write_bytes
from engine.files.reading import ordinary
from engine.message import Trouble

FORMAT = 1
Weights = dict[str, Tensor]


@frozen(eq=False)
class BestWeights:
    """The weights of the epoch that was the best so far, and its `value` of what the recipe watches."""

    weights: Weights
    epoch: float
    step: int
    value: float


@frozen(eq=False)
class Checkpoint:
    """All that the next step depends on. Tensors are copies of its own, shaped as `state_dict` has them.

    `order` is where the stream that shuffles stood when epoch `epoch` (from 0) began, `position` the steps
    made since.
    """

    weights: Weights
    optimiser: dict[str, Any]
    random: dict[str, Tensor]
    order: Tensor
    epoch: int
    position: int
    step: int
    best: BestWeights | None
    epochs_without_improvement: int
    sums: tuple[float, ...]
    """What the epoch under way has added up so far, for the means that its end reports."""
    seen: tuple[float, ...] = ()
    """What the schedule remembers of the validation loss."""
    average: Weights = field(factory=dict)
    """The averaged weights, where the recipe asks for them, of `averaged` moments."""
    averaged: int = 0
    samples_a_step: int = 0
    """How many samples a step of this epoch takes; 0 for as many as the recipe says."""
    scaler: dict[str, Any] = field(factory=dict)
    """What gradients in half precision are multiplied with, and since when."""

    def write(self, path: Path) -> None:
        """Put it on disk, whole. Raises `Trouble` where the disk is full."""
        best = self.best
        content = {
            "format": FORMAT,
            "weights": self.weights,
            "optimiser": self.optimiser,
            "random": self.random,
            "order": self.order,
            "place": [self.epoch, self.position, self.step, self.epochs_without_improvement],
            "sums": list(self.sums),
            "seen": list(self.seen),
            "average": self.average,
            "averaged": self.averaged,
            "samples_a_step": self.samples_a_step,
            "scaler": self.scaler,
            "best": None
            if best is None
            else {"weights": best.weights, "epoch": best.epoch, "step": best.step, "loss": best.value},
        }
        buffer = io.BytesIO()
        torch.save(content, buffer)
        write_bytes(path, buffer.getvalue())


def read(path: Path, device: torch.device | str = "cpu") -> Checkpoint:
    """The checkpoint that `write` wrote. Raises `Trouble` where the file is damaged."""
    try:
        with ordinary(path) as file:
            content = torch.load(file, map_location=device, weights_only=True)
        if content["format"] != FORMAT:
            raise ValueError(content["format"])
        best = content["best"]
        epoch, position, step, epochs_without_improvement = map(_count, content["place"])
        weights, order = _weights(content["weights"]), content["order"].cpu()
        return Checkpoint(
            weights,
            dict(content["optimiser"]),
            {str(name): stream.cpu() for name, stream in content["random"].items()},
            order,
            epoch,
            position,
            step,
            None if best is None else _best(best, weights),
            epochs_without_improvement,
            tuple(map(float, content["sums"])),
            tuple(map(float, content.get("seen", ()))),
            _average(content.get("average", {}), weights),
            _count(content.get("averaged", 0)),
            _count(content.get("samples_a_step", 0)),
            dict(content.get("scaler", {})),
        )
    except Trouble:
        raise
    except Exception as error:  # a damaged file fails in as many ways as there are places to damage
        raise Trouble(
            "The checkpoint {path} cannot be read ({reason}). Start the training anew.",
            path=str(path),
            reason=type(error).__name__,
        ) from error


def _count(value: Any) -> int:
    if type(value) is not int or value < 0:
        raise ValueError(value)
    return value


def _weights(content: Any) -> Weights:
    if not all(isinstance(name, str) and isinstance(value, Tensor) for name, value in content.items()):
        raise TypeError("weights")
    return dict(content)


def _best(content: Any, weights: Weights) -> BestWeights:
    """The best weights so far, which are those of the same network."""
    best = _weights(content["weights"])
    if {name: one.shape for name, one in best.items()} != {name: one.shape for name, one in weights.items()}:
        raise ValueError("best")
    return BestWeights(best, float(content["epoch"]), _count(content["step"]), float(content["loss"]))


def _average(content: Any, weights: Weights) -> Weights:
    """An average of some of the same network's weights."""
    average = _weights(content)
    if any(name not in weights or one.shape != weights[name].shape for name, one in average.items()):
        raise ValueError("average")
    return average


def copied(value: Any) -> Any:
    """The same structure with tensors of its own. `load_state_dict` of an optimiser would go on working on
    the old.
    """
    if isinstance(value, Tensor):
        return value.detach().clone()
    if isinstance(value, dict):
        return {key: copied(one) for key, one in value.items()}
    return [copied(one) for one in value] if isinstance(value, list) else value


def finite(weights: Weights) -> bool:
    """Whether every number of every tensor, of any shape, is finite. Waits for the device."""
    floats = [tensor for tensor in weights.values() if tensor.is_floating_point() and tensor.numel()]
    if not floats:
        return True
    largest = torch._foreach_norm(floats, math.inf)  # one call for all of them, and one number from each
    return bool(torch.stack([norm.float() for norm in largest]).isfinite().all())
