"""Gives a Keras model the weights that PyTorch trained, and compares what both make of the same samples."""

from __future__ import annotations

import linecache
import os
from collections.abc import Iterable
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor, nn

from engine.codegen.keras.forms.form import Arrays
from engine.codegen.keras.source import KerasSource, WeightCopy
from engine.message import Trouble


class KerasLayer(Protocol):
    """What is asked of a layer of Keras."""

    def set_weights(self, weights: Arrays) -> None:
        """Take over these arrays, in its own order."""


class KerasModel(Protocol):
    """What is asked of a model of Keras that runs on PyTorch."""

    def get_layer(self, name: str) -> KerasLayer:
        """The layer of that name."""

    def __call__(self, inputs: np.ndarray | list[np.ndarray], training: bool) -> Tensor | list[Tensor]:
        """What it makes of a batch, samples × …"""


def instantiate(source: KerasSource) -> KerasModel:
    """Execute the source and make the model. Raises `Trouble` where Keras is not installed, or where a layer
    has no Keras form.
    """
    if not source.complete:
        reason = next(iter(source.missing.values()), "the network is not finished")
        raise Trouble("There is no whole Keras model of this network: {reason}", reason=reason)
    os.environ.setdefault("KERAS_BACKEND", "torch")
    try:
        import keras  # noqa: F401  (the source imports it; here it only has to be there)
    except ImportError:
        raise Trouble("Keras is not installed; pip install 'layerloom[keras]' brings it") from None
    name = f"<{source.class_name}>"
    linecache.cache[name] = (len(source.text), None, source.text.splitlines(keepends=True), name)
    space: dict[str, Any] = {"__name__": source.class_name}
    exec(compile(source.text, name, "exec"), space)
    model: KerasModel = space[source.class_name]()
    return model


def copy_weights(module: nn.Module, model: KerasModel, copies: Iterable[WeightCopy]) -> None:
    """Give every layer of the model the weights of the part of the module that it stands for."""
    for copy in copies:
        state = _state(module, copy)
        for key, arrays in copy.weights(state).items():
            model.get_layer(copy.names[key]).set_weights(arrays)


def _state(module: nn.Module, copy: WeightCopy) -> dict[str, np.ndarray]:
    """The arrays of one module by name, those under a norm as it leaves them; a bare parameter has none."""
    *path, last = copy.path.split(".")
    part: nn.Module | Tensor = getattr(module.get_submodule(".".join(path)), last)
    if isinstance(part, Tensor):
        return {"": part.detach().cpu().numpy()}
    arrays = {name: value for name, value in part.state_dict().items() if "parametrizations." not in name}
    for name, inner in part.named_modules():
        for normed in getattr(inner, "parametrizations", {}):
            arrays[f"{name}.{normed}" if name else normed] = getattr(inner, normed)
    return {name: value.detach().cpu().numpy() for name, value in arrays.items()}


def run(model: KerasModel, source: KerasSource, values: list[np.ndarray]) -> list[np.ndarray]:
    """What the model makes of a batch: an array samples × channels × … for each Input and, of what comes out,
    for each Output, laid out as PyTorch has them.
    """
    given = [
        np.moveaxis(value, 1, -1) if id in source.turned else value
        for id, value in zip(source.inputs, values, strict=True)
    ]
    results = model(given[0] if len(given) == 1 else given, training=False)
    listed = results if isinstance(results, list | tuple) else [results]
    arrays = [np.asarray(result.detach().cpu().numpy()) for result in listed]
    return [
        np.moveaxis(array, -1, 1) if id in source.turned else array
        for id, array in zip(source.outputs, arrays, strict=True)
    ]


def largest_difference(
    module: nn.Module, model: KerasModel, source: KerasSource, values: list[np.ndarray]
) -> float:
    """How far the two are apart at most on a batch, an array samples × … for each Input; infinitely where one
    alone gives no number. The module is put into use, out of training.
    """
    module.eval()
    with torch.no_grad():
        results = module(*[torch.from_numpy(value) for value in values])
    wanted = results if isinstance(results, tuple) else (results,)
    pairs = zip(wanted, run(model, source, values), strict=True)
    return max(_apart(one.detach().numpy(), other) for one, other in pairs)


def _apart(one: np.ndarray, other: np.ndarray) -> float:
    """The largest difference between two arrays of one shape."""
    same = (one == other) | (np.isnan(one) & np.isnan(other))  # both give the logarithm of −1
    gap = np.abs(np.where(same, 0, one) - np.where(same, 0, other))
    return float(np.nan_to_num(gap, nan=np.inf, posinf=np.inf).max(initial=0.0))
