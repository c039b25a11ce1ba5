"""Blocks that keep only what goes in, and compute the rest anew for the gradients: less memory, more time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial
from typing import Any

import torch
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm as BatchNorm
from torch.utils.checkpoint import checkpoint

HOLDERS = (nn.Sequential, nn.ModuleList, nn.TransformerEncoder, nn.TransformerDecoder)
"""What only holds others, which are looked at one by one."""


def recompute(module: nn.Module) -> None:
    """Let every block of a network, and every layer that is made of others, keep only what went in."""
    for part in blocks(module):
        part.forward = partial(_forward, part, part.forward)


def keep_again(module: nn.Module) -> None:
    """Let all of them compute as usual."""
    for part in blocks(module):
        vars(part).pop("forward", None)


def blocks(module: nn.Module) -> Iterator[nn.Module]:
    """The parts of a network that are made of several layers, outer ones alone."""
    for part in module.children():
        if isinstance(part, HOLDERS):
            yield from blocks(part)
        elif any(True for _ in part.children()) and not hasattr(part, "parametrizations"):
            yield part


def _forward(part: nn.Module, forward: Callable[..., Any], *inputs: Any, **named: Any) -> Any:
    if not torch.is_grad_enabled():
        return forward(*inputs, **named)
    return checkpoint(forward, *inputs, use_reentrant=False, context_fn=partial(_contexts, part), **named)


def _contexts(part: nn.Module) -> tuple[AbstractContextManager[Any], AbstractContextManager[Any]]:
    return nullcontext(), _unmeasured(part)


@contextmanager
def _unmeasured(part: nn.Module) -> Iterator[None]:
    """Within it batch normalisations normalise as in training and leave their running statistics alone, which
    they took from the same samples before.
    """
    layers = [one for one in part.modules() if isinstance(one, BatchNorm) and one.track_running_stats]
    kept = [(one, one.momentum, one.num_batches_tracked) for one in layers]
    for one, _, counted in kept:
        one.momentum = 0.0
        one.num_batches_tracked = counted.clone() if counted is not None else None
    try:
        yield
    finally:
        for one, momentum, counted in kept:
            one.momentum, one.num_batches_tracked = momentum, counted
