"""Gives a Keras model the weights that PyTorch trained, and compares what both make of the same samples."""

from __future__ import annotations

import linecache
import os
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import nn

from engine.codegen.keras.body import Copy
from engine.message import Trouble

if TYPE_CHECKING:
    from engine.codegen.keras.emit import KerasSource


def instantiate(source: KerasSource) -> Any:
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
    return space[source.class_name]()


def copy_weights(module: nn.Module, model: Any, copies: Iterable[Copy]) -> None:
    """Give every layer of the model the weights of the part of the module that it stands for."""
    for copy in copies:
        state = _state(module, copy)
        for key, arrays in copy.weights(state).items():
            model.get_layer(copy.names[key]).set_weights(arrays)


def _state(module: nn.Module, copy: Copy) -> dict[str, np.ndarray]:
    """The arrays of one module by name, those under a norm as it leaves them; a bare parameter has none."""
    *path, last = copy.path.split(".")
    part: Any = getattr(module.get_submodule(".".join(path)), last)
    if isinstance(part, torch.Tensor):
        return {"": part.detach().cpu().numpy()}
    arrays = {name: value for name, value in part.state_dict().items() if "parametrizations." not in name}
    for name, inner in part.named_modules():
        for normed in getattr(inner, "parametrizations", {}):
            arrays[f"{name}.{normed}" if name else normed] = getattr(inner, normed)
    return {name: value.detach().cpu().numpy() for name, value in arrays.items()}


def run(model: Any, source: KerasSource, values: list[np.ndarray]) -> list[np.ndarray]:
    """What the model makes of a batch that is laid out as PyTorch has it, laid out so again."""
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


def largest_difference(module: nn.Module, model: Any, source: KerasSource, values: list[np.ndarray]) -> float:
    """How far the two are apart at most on a batch; infinitely where one alone gives no number. The module is
    put into use, out of training.
    """
    module.eval()
    with torch.no_grad():
        results = module(*[torch.from_numpy(value) for value in values])
    wanted = results if isinstance(results, tuple) else (results,)
    pairs = zip(wanted, run(model, source, values), strict=True)
    return max(_apart(one.detach().numpy(), other) for one, other in pairs)


def _apart(one: np.ndarray, other: np.ndarray) -> float:
    same = (one == other) | (np.isnan(one) & np.isnan(other))  # both give the logarithm of −1
    gap = np.abs(np.where(same, 0, one) - np.where(same, 0, other))
    return float(np.nan_to_num(gap, nan=np.inf, posinf=np.inf).max(initial=0.0))
